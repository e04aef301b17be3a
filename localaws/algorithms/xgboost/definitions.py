"""The metrics of the container, and how the service finds them in its log."""

MAXIMIZE = (
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map"),
    *("ndcg", "precision", "r2", "recall", "precision_macro", "precision_micro"),
    *("recall_macro", "recall_micro"),
)
MINIMIZE = (
    *("aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik"),
    *("interval-regression-accuracy", "logloss", "mae", "mape", "merror", "mlogloss", "mphe"),
    *("mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik"),
)
_SHOWN = (
    *("accuracy", "auc", "aucpr", "balanced_accuracy", "error", "f1", "f1_binary", "f1_macro"),
    *("logloss", "mae", "map", "merror", "mlogloss", "mse", "ndcg", "precision", "r2", "recall"),
    *("rmse", "rmsle"),
)

# As the service recorded them for 1.5-1: it stores the tab of the log line as `#011`.
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


def _pair(metric: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{channel}:{metric}", rf".*\[[0-9]+\].*#011{channel}-{metric}:{_NUMBER}.*")
        for channel in ("train", "validation")
    )


METRICS = tuple(pair for metric in (*MAXIMIZE, *MINIMIZE) for pair in _pair(metric))
DEFINITIONS = tuple(pair for metric in _SHOWN for pair in _pair(metric))

"""XGBoost's metrics: their direction, and how they stand in the log.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html and the definitions that
Amazon records with a job. CloudWatch Logs holds the tab before each value as the text "#011".
"""

import re
from collections.abc import Mapping

from jobs.catalogue.definition import Metric, Point

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
THRESHOLDS = ("error", "ndcg", "map")

MULTICLASS_ONLY = frozenset({"merror", "mlogloss"})
BINARY_ONLY = frozenset({"auc", "aucpr", "error", "logloss", "f1_binary"})
LABELS_ONLY = frozenset(
    {
        *("accuracy", "balanced_accuracy", "f1", "f1_macro", "precision", "recall"),
        *("precision_macro", "precision_micro", "recall_macro", "recall_micro"),
    }
)

_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"

METRICS = tuple(
    Metric(
        name=f"{channel}:{name}",
        direction="maximize" if name in MAXIMIZE else "minimize",
        regex=rf".*\[[0-9]+\].*#011{channel}-{name}:{_NUMBER}.*",
        is_objective=channel == "validation",
    )
    for name in (*MAXIMIZE, *MINIMIZE)
    for channel in ("train", "validation")
)

# One line carries a round and all its values, so the live chart reads them in one go.
_STEP = re.compile(r"\[(\d{1,9})\](?=#011|\t)")
_POINTS = re.compile(rf"(?:#011|\t)(train|validation)-([A-Za-z][\w.@-]*):{_NUMBER}(?=#011|\s|$)")


def read(line: str) -> list[Point]:
    """A round's values under AWS's names (`validation:auc`)."""
    step = _STEP.search(line)
    if not step:
        return []
    found = _POINTS.findall(line, step.end())
    return [(f"{channel}:{metric}", int(step[1]), float(value)) for channel, metric, value in found]


_DEFAULT_METRIC = {
    "binary:logistic": "logloss",
    "binary:logitraw": "logloss",
    "binary:hinge": "error",
    "multi:softmax": "mlogloss",
    "multi:softprob": "mlogloss",
    "count:poisson": "poisson-nloglik",
    "rank:pairwise": "map",
    "rank:ndcg": "ndcg",
    "rank:map": "map",
    "reg:gamma": "gamma-nloglik",
    "reg:tweedie": "tweedie-nloglik",
    "reg:squaredlogerror": "rmsle",
    "reg:absoluteerror": "mae",
    "reg:pseudohubererror": "mphe",
    "survival:aft": "aft-nloglik",
    "survival:cox": "cox-nloglik",
}


def headline(texts: Mapping[str, str]) -> str:
    """The metric that tells how a run went: the one early stopping would watch."""
    asked = [name.strip() for name in texts.get("eval_metric", "").split(",") if name.strip()]
    objective = texts.get("objective", "reg:squarederror")
    return f"validation:{asked[-1] if asked else _DEFAULT_METRIC.get(objective, 'rmse')}"

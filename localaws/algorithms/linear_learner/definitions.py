"""The metrics of the image: as many as the API allows."""

from localaws.algorithms.firstparty.regexes import GENERAL, epoch_loss, loss, score

_OBJECTIVE = r"\S+_objective"


def _binary(channel: str) -> tuple[tuple[str, str], ...]:
    return (
        loss(channel, "mse"),
        loss(channel, "absolute_loss"),
        score(channel, "binary_classification_accuracy"),
        score(channel, "binary_f_beta", r"binary_f_\S+"),
        score(channel, "precision"),
        score(channel, "recall"),
    )


def _held_out(channel: str) -> tuple[tuple[str, str], ...]:
    return (
        *_binary(channel),
        score(channel, "roc_auc_score"),
        score(channel, "multiclass_accuracy"),
        score(channel, "multiclass_top_k_accuracy", r"multiclass_top_k_accuracy_\S+"),
        score(channel, "dcg"),
        score(channel, "macro_precision"),
        score(channel, "macro_recall"),
        score(channel, "macro_f_beta", r"macro_f_\S+"),
    )


METRICS = (
    epoch_loss("train", "objective_loss", _OBJECTIVE),
    epoch_loss("validation", "objective_loss", _OBJECTIVE),
    loss("test", "objective_loss", _OBJECTIVE),
    loss("train", "objective_loss:final", _OBJECTIVE),
    loss("validation", "objective_loss:final", _OBJECTIVE),
    *_held_out("test"),
    *_held_out("validation"),
    loss("validation", "rmse"),
    *_binary("train"),
    *GENERAL,
)

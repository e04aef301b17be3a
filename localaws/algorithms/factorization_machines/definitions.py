"""The metrics of the image."""

from localaws.algorithms.firstparty.regexes import GENERAL, epoch_loss, loss, score

_ENTROPY = "binary_classification_cross_entropy"

METRICS = (
    loss("test", "rmse"),
    score("test", "binary_classification_accuracy"),
    loss("test", _ENTROPY),
    score("test", "binary_f_beta", r"binary_f_\S+"),
    epoch_loss("train", "rmse:epoch", "rmse"),
    epoch_loss("train", f"{_ENTROPY}:epoch", _ENTROPY),
    *GENERAL,
)

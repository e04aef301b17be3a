"""The metrics of the image."""

from localaws.algorithms.firstparty.regexes import GENERAL, loss, score

METRICS = (
    score("test", "accuracy"),
    loss("test", "mse"),
    score("test", "macro_f_beta", r"macro_f_\S+"),
    *GENERAL,
)

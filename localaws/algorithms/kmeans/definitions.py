"""The metrics of the image."""

from localaws.algorithms.firstparty.regexes import GENERAL, loss

METRICS = (
    loss("test", "msd"),
    loss("test", "ssd"),
    loss("train", "msd"),
    loss("train", "ssd"),
    *GENERAL,
)

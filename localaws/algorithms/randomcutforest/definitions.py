"""The metrics of the image."""

from localaws.algorithms.firstparty.regexes import GENERAL, score

METRICS = (
    score("test", "f1"),
    score("test", "accuracy"),
    score("test", "precision"),
    score("test", "recall"),
    *GENERAL,
)

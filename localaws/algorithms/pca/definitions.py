"""The metrics of the image: none of quality."""

from localaws.algorithms.firstparty.regexes import GENERAL

METRICS = GENERAL

"""The algorithms this console knows: a literal table, one entry per algorithm."""

from collections.abc import Mapping

from jobs.catalogue.definition import Algorithm
from jobs.catalogue.xgboost import XGBOOST

ALGORITHMS: Mapping[str, Algorithm] = {
    "xgboost": XGBOOST,
}


def of_image(image: str) -> Algorithm | None:
    """The algorithm whose repository an image URI names, in any account, region and version."""
    repository = image.rpartition("/")[2].partition(":")[0]
    return next((known for known in ALGORITHMS.values() if known.repository == repository), None)

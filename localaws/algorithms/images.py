"""Which program stands for which container image."""

from __future__ import annotations

from dataclasses import dataclass

from localaws.algorithms.blazingtext import definitions as blazingtext
from localaws.algorithms.factorization_machines import definitions as factorization_machines
from localaws.algorithms.kmeans import definitions as kmeans
from localaws.algorithms.knn import definitions as knn
from localaws.algorithms.linear_learner import definitions as linear_learner
from localaws.algorithms.pca import definitions as pca
from localaws.algorithms.randomcutforest import definitions as randomcutforest
from localaws.algorithms.xgboost import definitions as xgboost


class UnknownImage(Exception):
    """No program stands for the image; the text names what is available."""


@dataclass(frozen=True)
class Algorithm:
    """`module` runs as `python -m module train|serve`."""

    repository: str
    module: str
    metrics: tuple[tuple[str, str], ...]
    """(name, regex) of everything the program can log."""
    definitions: tuple[tuple[str, str], ...]
    """The part of `metrics` that DescribeTrainingJob shows; the API allows 40."""
    is_script: bool = False
    """It runs a program of the caller's; then the caller defines the metrics."""


_XGBOOST = "localaws.algorithms.xgboost"

BUILT_IN = {
    name: Algorithm(name, _XGBOOST, xgboost.METRICS, xgboost.DEFINITIONS)
    for name in ("sagemaker-xgboost", "xgboost")
}
_BLAZINGTEXT = "localaws.algorithms.blazingtext"
BUILT_IN["blazingtext"] = Algorithm(
    "blazingtext", _BLAZINGTEXT, blazingtext.METRICS, blazingtext.METRICS
)
BUILT_IN |= {
    name: Algorithm(name, f"localaws.algorithms.{module}", metrics, metrics)
    for name, module, metrics in (
        ("kmeans", "kmeans", kmeans.METRICS),
        ("knn", "knn", knn.METRICS),
        ("linear-learner", "linear_learner", linear_learner.METRICS),
        ("pca", "pca", pca.METRICS),
        ("randomcutforest", "randomcutforest", randomcutforest.METRICS),
        ("factorization-machines", "factorization_machines", factorization_machines.METRICS),
    )
}


def repository(image: str) -> str:
    """`1234.dkr.ecr.us-east-1.amazonaws.com/xgboost:1` -> `xgboost`: any account and region."""
    return image.rpartition("/")[2].partition("@")[0].partition(":")[0]


def tag(image: str) -> str:
    return image.rpartition("/")[2].partition("@")[0].partition(":")[2]


def algorithm(image: str) -> Algorithm:
    """Raises UnknownImage."""
    try:
        return BUILT_IN[repository(image)]
    except KeyError:
        raise UnknownImage(
            f"localaws has no program for the image {image}. "
            f"Available repositories: {', '.join(sorted(BUILT_IN))}."
        ) from None

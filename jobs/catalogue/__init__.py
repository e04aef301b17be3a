"""The algorithms this console knows: a literal table, one entry per algorithm."""

from collections.abc import Mapping

from jobs.catalogue.blazingtext import BLAZINGTEXT
from jobs.catalogue.definition import Algorithm
from jobs.catalogue.factorization_machines import FACTORIZATION_MACHINES
from jobs.catalogue.kmeans import KMEANS
from jobs.catalogue.knn import KNN
from jobs.catalogue.linear_learner import LINEAR_LEARNER
from jobs.catalogue.pca import PCA
from jobs.catalogue.randomcutforest import RANDOM_CUT_FOREST
from jobs.catalogue.xgboost import XGBOOST

ALGORITHMS: Mapping[str, Algorithm] = {
    entry.name: entry
    for entry in (
        *(XGBOOST, LINEAR_LEARNER, KNN, FACTORIZATION_MACHINES, BLAZINGTEXT),
        *(KMEANS, PCA, RANDOM_CUT_FOREST),
    )
}


def of_image(image: str) -> Algorithm | None:
    """The algorithm whose repository an image URI names, in any account, region and version."""
    repository = image.rpartition("/")[2].partition(":")[0]
    return next((known for known in ALGORITHMS.values() if known.repository == repository), None)

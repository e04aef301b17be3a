"""What each of Amazon's algorithms can be prepared for: tasks, formats, and what it refuses."""

from dataclasses import dataclass

CLASSES = ("binary", "multiclass")
LEARNING = (*CLASSES, "regression")
CLUSTERING = ("clustering",)


@dataclass(frozen=True)
class Algorithm:
    """The first of `formats` is the default; `tasks` are those of `Preparation.Task`."""

    title: str
    formats: tuple[str, ...]
    tasks: tuple[str, ...] = LEARNING
    most_features: int = 1_000_000
    # Formats in which a cell may have no value: XGBoost learns where such rows go.
    gaps: tuple[str, ...] = ()

    @property
    def needs_target(self) -> bool:
        return self.tasks != CLUSTERING


ALGORITHMS = {
    "xgboost": Algorithm("XGBoost", ("csv", "libsvm", "recordio"), gaps=("csv", "libsvm")),
    "knn": Algorithm("k-Nearest Neighbors", ("recordio", "csv")),
    "linear-learner": Algorithm("Linear Learner", ("recordio", "csv")),
    "kmeans": Algorithm("K-Means", ("recordio", "csv-unlabelled"), CLUSTERING),
    "pca": Algorithm("Principal Component Analysis", ("recordio", "csv-unlabelled"), CLUSTERING),
    "randomcutforest": Algorithm(
        "Random Cut Forest", ("recordio", "csv-unlabelled"), CLUSTERING, most_features=10_000
    ),
    "factorization-machines": Algorithm(
        "Factorization Machines", ("recordio-sparse", "recordio"), ("binary", "regression")
    ),
    "blazingtext": Algorithm("BlazingText", ("blazingtext",), CLASSES),
}

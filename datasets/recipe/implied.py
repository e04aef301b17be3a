"""The hyperparameters that prepared data decide: names and limits are those of the containers."""

from datasets.recipe.algorithms import CLASSES
from datasets.recipe.made import Recipe

BATCHES = {
    "knn": 5_000,
    "kmeans": 5_000,
    "linear-learner": 1_000,
    "pca": 500,
    "factorization-machines": 1_000,
}
PREDICTORS = {
    "knn": {"binary": "classifier", "multiclass": "classifier", "regression": "regressor"},
    "linear-learner": {
        "binary": "binary_classifier",
        "multiclass": "multiclass_classifier",
        "regression": "regressor",
    },
    "factorization-machines": {"binary": "binary_classifier", "regression": "regressor"},
}
OBJECTIVES = {
    "binary": "binary:logistic",
    "multiclass": "multi:softprob",
    "regression": "reg:squarederror",
}
TREE_SAMPLES = 256


def task_with(recipe: Recipe, labels: int) -> str:
    """The task once it is known how many labels there are: rare classes may be gone."""
    if recipe.task not in CLASSES:
        return recipe.task
    return "binary" if labels == 2 else "multiclass"


def implied(recipe: Recipe, *, features: int, labels: int, rows: int) -> dict[str, str]:
    """{hyperparameter: text} for `features` columns, `labels` classes and `rows` training rows."""
    algorithm, task = recipe.algorithm, task_with(recipe, labels)
    if algorithm == "blazingtext":
        return {"mode": "supervised"}
    if algorithm == "xgboost":
        found = {"objective": OBJECTIVES[task]}
        return found | ({"num_class": str(labels)} if task == "multiclass" else {})
    many = algorithm == "linear-learner" and task == "multiclass"
    batch = BATCHES.get(algorithm)
    found = {
        "feature_dim": str(features),
        "predictor_type": PREDICTORS.get(algorithm, {}).get(task, ""),
        "num_classes": str(labels) if many else "",
        "k": str(labels) if algorithm == "kmeans" and labels > 1 else "",
        "sample_size": str(rows) if algorithm == "knn" else "",
        "num_samples_per_tree": (
            str(min(TREE_SAMPLES, rows)) if algorithm == "randomcutforest" else ""
        ),
        # Some fail where a batch is larger than the data on one machine.
        "mini_batch_size": str(min(batch, rows)) if batch else "",
    }
    return {name: value for name, value in found.items() if value}

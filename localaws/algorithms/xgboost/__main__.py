"""`python -m localaws.algorithms.xgboost train|serve`."""

import sys

from localaws.algorithms import container
from localaws.algorithms.xgboost import hyperparameters

# XGBoost imports scikit-learn where it finds it: most of a second, for classes not used here.
sys.modules["sklearn"] = None  # type: ignore[assignment]


def _train(job: container.Container) -> None:
    values = hyperparameters.parse(job.hyperparameters())
    from localaws.algorithms.xgboost import training

    training.train(job, values)


def _serve(server: container.Container) -> None:
    from localaws.algorithms.xgboost import predicting

    predicting.serve(server)


if __name__ == "__main__":
    container.main(_train, _serve)

"""`python -m localaws.algorithms.xgboost train|serve`."""

import os
import sys
from types import ModuleType

from localaws.algorithms import container
from localaws.algorithms.xgboost import hyperparameters

# XGBoost imports scikit-learn where it finds it: most of a second, for classes not used here.
sys.modules["sklearn"] = None  # type: ignore[assignment]


def _train(job: container.Container) -> None:
    if "sagemaker_program" in job.hyperparameters():
        _script().train(job)
        return
    values = hyperparameters.parse(job.hyperparameters())
    from localaws.algorithms.xgboost import training

    training.train(job, values)


def _serve(server: container.Container) -> None:
    if "SAGEMAKER_PROGRAM" in os.environ:
        _script().serve(server)
        return
    from localaws.algorithms.xgboost import predicting

    predicting.serve(server)


def _script() -> ModuleType:
    """A script may well use XGBoost's scikit-learn classes."""
    del sys.modules["sklearn"]
    from localaws.algorithms.scripts import xgboost

    return xgboost


if __name__ == "__main__":
    container.main(_train, _serve)

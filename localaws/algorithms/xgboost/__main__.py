"""`python -m localaws.algorithms.xgboost train|serve`."""

from localaws.algorithms import container


def _train(job: container.Container) -> None:
    from localaws.algorithms.xgboost import training

    training.train(job)


def _serve(server: container.Container) -> None:
    from localaws.algorithms.xgboost import predicting

    predicting.serve(server)


if __name__ == "__main__":
    container.main(_train, _serve)

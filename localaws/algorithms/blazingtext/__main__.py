"""`python -m localaws.algorithms.blazingtext train|serve`."""

from localaws.algorithms import container
from localaws.algorithms.blazingtext import hyperparameters, training


def _train(job: container.Container) -> None:
    training.train(job, hyperparameters.parse(job.hyperparameters()))


def _serve(server: container.Container) -> None:
    from localaws.algorithms.blazingtext import predicting

    predicting.serve(server)


if __name__ == "__main__":
    container.main(_train, _serve, blame=container.CUSTOMER_ERROR)

"""`python -m localaws.algorithms.factorization_machines train|serve`."""

from localaws.algorithms.factorization_machines import predicting, training
from localaws.algorithms.firstparty import program

if __name__ == "__main__":
    program.main(training.train, predicting.load)

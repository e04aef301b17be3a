"""`python -m localaws.algorithms.linear_learner train|serve`."""

from localaws.algorithms.firstparty import program
from localaws.algorithms.linear_learner import predicting, training

if __name__ == "__main__":
    program.main(training.train, predicting.load)

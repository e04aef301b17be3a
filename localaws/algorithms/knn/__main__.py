"""`python -m localaws.algorithms.knn train|serve`."""

from localaws.algorithms.firstparty import program
from localaws.algorithms.knn import predicting, training

if __name__ == "__main__":
    program.main(training.train, predicting.load)

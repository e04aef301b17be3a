"""`python -m localaws.algorithms.kmeans train|serve`."""

from localaws.algorithms.firstparty import program
from localaws.algorithms.kmeans import predicting, training

if __name__ == "__main__":
    program.main(training.train, predicting.load)

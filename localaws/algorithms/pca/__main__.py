"""`python -m localaws.algorithms.pca train|serve`."""

from localaws.algorithms.firstparty import program
from localaws.algorithms.pca import predicting, training

if __name__ == "__main__":
    program.main(training.train, predicting.load)

"""`python -m localaws.algorithms.randomcutforest train|serve`."""

from localaws.algorithms.firstparty import program
from localaws.algorithms.randomcutforest import predicting, training

if __name__ == "__main__":
    program.main(training.train, predicting.load)

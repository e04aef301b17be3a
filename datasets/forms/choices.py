"""What the recipe's form offers, in plain words."""

from datasets.recipe import ALGORITHMS

# What an algorithm is for.
ABOUT = {
    "xgboost": "Many small trees. The first choice for a table of numbers and words.",
    "linear-learner": "A weighted sum of the columns: fast, and easy to explain.",
    "knn": "Answers as the most similar rows of training do.",
    "blazingtext": "Sorts texts into classes by their words.",
    "factorization-machines": "Pairs of columns in wide, mostly empty tables: clicks, ratings.",
    "kmeans": "Finds groups of similar rows. Needs no target.",
    "pca": "Fewer columns that keep most of the variation. Needs no target.",
    "randomcutforest": "Finds the odd rows out. Needs no target.",
}
# Algorithms that measure distances: a column with large numbers would outweigh the others.
SCALED = {"knn": "standard", "kmeans": "standard", "pca": "standard"}
FORMATS = {
    "csv": "CSV, the label first",
    "csv-unlabelled": "CSV without a label",
    "recordio": "RecordIO-protobuf",
    "recordio-sparse": "RecordIO-protobuf, sparse",
    "libsvm": "libsvm",
    "blazingtext": "BlazingText lines",
}
SPLITS = {
    "random": "At random",
    "time": "By time, the oldest train",
    "group": "By group, kept together",
    "files": "From files of their own",
}
RARE = {
    "train": "Use them in training only",
    "drop": "Leave them out",
    "merge": "Put them together as “other”",
}
MISSING = {
    "leave": "Leave empty",
    "drop": "Leave the row out",
    "median": "Fill with the median",
    "mode": "Fill with the most frequent value",
}
CATEGORIES = {
    "onehot": "A 0/1 column for each word",
    "ordinal": "One column with the word's number",
}
SCALES = {
    "none": "Keep the numbers as they are",
    "standard": "Standardise: mean 0, deviation 1",
    "minmax": "Squeeze to 0 … 1",
}
SAMPLING = {
    "none": "Keep every row",
    "down": "Fewer rows of the large classes",
    "up": "Repeat rows of the small classes",
}


def titles() -> list[tuple[str, str]]:
    return [(name, entry.title) for name, entry in ALGORITHMS.items()]


def offered(choices: dict[str, str], usual: str = "") -> list[tuple[str, str]]:
    """The choices of a select; `usual` names the empty one."""
    return ([("", usual)] if usual else []) + list(choices.items())

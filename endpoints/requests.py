"""How each algorithm is asked: the rows' body, its Content-Type, and the Accept that fits. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html and the algorithms' own
pages on inference; for frameworks sagemaker-inference-toolkit's default handlers and TensorFlow
Serving's REST API.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

CSV, JSON = "text/csv", "application/json"
Lines = Sequence[str]


@dataclass(frozen=True)
class Manner:
    """`body` makes a request of rows: lines of comma-separated features, or texts."""

    content_type: str
    accept: str
    body: Callable[[Lines], bytes]


def _csv(lines: Lines) -> bytes:
    return "\n".join(lines).encode()


def _features(lines: Lines) -> bytes:
    rows = ({"features": [_value(cell) for cell in line.split(",")]} for line in lines)
    return json.dumps({"instances": list(rows)}).encode()


def _lists(lines: Lines) -> bytes:
    return json.dumps([[_value(cell) for cell in line.split(",")] for line in lines]).encode()


def _instances(lines: Lines) -> bytes:
    return b'{"instances": ' + _lists(lines) + b"}"


def _value(cell: str) -> float | str:
    """A number, or what the model itself has to judge: a program of one's own may read words."""
    try:
        return float(cell)
    except ValueError:
        return cell


def _texts(lines: Lines) -> bytes:
    return json.dumps({"instances": list(lines), "configuration": {"k": MOST_LABELS}}).encode()


MOST_LABELS = 1_000  # asked for with each text: the probabilities of all labels
_TABLE = Manner(CSV, CSV, _csv)
_SCORED = Manner(CSV, JSON, _csv)
_MANNERS: Mapping[str, Manner] = {
    "xgboost": _TABLE,
    "linear-learner": _SCORED,
    "knn": _SCORED,
    "kmeans": _SCORED,
    "pca": _SCORED,
    "randomcutforest": _SCORED,
    "factorization-machines": Manner(JSON, JSON, _features),
    "blazingtext": Manner(JSON, JSON, _texts),
    # What the toolkits read and write by themselves, where the script has no functions for it.
    "scikit-learn": _TABLE,
    "pytorch": Manner(JSON, JSON, _lists),
    "tensorflow": Manner(JSON, JSON, _instances),
}


def manner(algorithm: str) -> Manner:
    """How a model of `algorithm` is asked; as XGBoost is when it is not known."""
    return _MANNERS.get(algorithm, _TABLE)


def talkative(algorithm: str) -> Manner:
    """`manner`, with all that the model tells when asked for more: kNN's neighbours.

    https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-inference-formats.html
    """
    usual = manner(algorithm)
    return replace(usual, accept=f"{JSON}; verbose=true") if algorithm == "knn" else usual

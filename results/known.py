"""What a column tells to be true of rows, where a model has learned without."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datasets.recipe import class_name, in_order
from results.models import Evaluation

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COLUMN = "known_column"  # its name, in an evaluation's outcome from when it is asked for


def column_of(evaluation: Evaluation) -> str:
    """The column's name; "" without one."""
    return str(evaluation.outcome.get(COLUMN, ""))


def labels_in(evaluation: Evaluation, cells: "pl.Series", *, by_count: bool) -> list[str]:
    """What the cells say, in the usual order of labels, or the most frequent first."""
    counts = Counter(_words(evaluation, cells))
    labels = in_order(set(counts), _dtype(evaluation))
    return sorted(labels, key=counts.__getitem__, reverse=True) if by_count else labels


def codes(evaluation: Evaluation, cells: "pl.Series", labels: Sequence[Any]) -> "Floats":
    """Each row's place in `labels`; -1 for a word that is not there."""
    import numpy as np

    places = {str(label): float(code) for code, label in enumerate(labels)}
    return np.array([places.get(word, -1.0) for word in _words(evaluation, cells)])


def _words(evaluation: Evaluation, cells: "pl.Series") -> list[str]:
    dtype = _dtype(evaluation)
    return [class_name(cell, dtype) for cell in cells.to_list()]


def _dtype(evaluation: Evaluation) -> str:
    columns, name = evaluation.preparation.dataset.columns, column_of(evaluation)
    return next((str(one["dtype"]) for one in columns if one["name"] == name), "text")

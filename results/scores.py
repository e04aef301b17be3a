"""How predictions compare with the truth: arithmetic on numpy arrays, nothing else.

The figures equal scikit-learn's with `zero_division=0`. A matrix is [actual][predicted] counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

Metrics = dict[str, float | None]


@dataclass(frozen=True)
class ClassScore:
    """`support` rows are of this class, `guessed` rows were said to be."""

    precision: float
    recall: float
    f1: float
    support: int
    guessed: int


def codes(values: ArrayLike, classes: int) -> Counts:
    """`values` as class codes; ValueError unless each is a whole number from 0 to `classes` - 1."""
    import numpy as np

    floats = finite(values)
    found = floats.astype(np.int64)
    if found.size and ((found != floats).any() or found.min() < 0 or found.max() >= classes):
        raise ValueError(f"Classes are whole numbers from 0 to {classes - 1}.")
    return found


def finite(values: ArrayLike) -> Floats:
    """`values` as floats; ValueError when one of them is not a number or infinite."""
    import numpy as np

    floats = np.asarray(values, dtype=np.float64)
    if not np.isfinite(floats).all():
        raise ValueError("A value is not a finite number.")
    return floats


def confusion(actual: ArrayLike, predicted: ArrayLike, classes: int) -> Counts:
    """Counts [actual][predicted] of class codes, `classes` on each side."""
    import numpy as np

    rows, columns = codes(actual, classes), codes(predicted, classes)
    if rows.shape != columns.shape:
        raise ValueError(f"{rows.size} labels and {columns.size} predictions.")
    counts = np.bincount(rows * classes + columns, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def per_class(matrix: ArrayLike) -> list[ClassScore]:
    """The scores of each class; a ratio without rows is 0."""
    import numpy as np

    counts = np.asarray(matrix, dtype=np.int64)
    hits, support, guessed = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = _ratio(hits, guessed), _ratio(hits, support)
    f1 = _ratio(2 * hits, support + guessed)
    columns = zip(precision, recall, f1, support, guessed, strict=True)
    return [ClassScore(float(p), float(r), float(f), int(s), int(g)) for p, r, f, s, g in columns]


def classification(matrix: ArrayLike) -> Metrics:
    """Accuracy, its constant-guess baseline, and macro and weighted averages.

    Averages run over the classes that occur among labels or predictions. With two classes also
    the precision, recall and F1 of the second one. ValueError for a matrix without rows.
    """
    import numpy as np

    counts = np.asarray(matrix, dtype=np.int64)
    total = int(counts.sum())
    if not total:
        raise ValueError("Nothing was compared.")
    found = [score for score in per_class(counts) if score.support or score.guessed]
    support = np.array([score.support for score in found])
    metrics: Metrics = {
        "accuracy": float(counts.trace() / total),
        "baseline_accuracy": float(support.max() / total),
    }
    for name in ("precision", "recall", "f1"):
        values = np.array([getattr(score, name) for score in found])
        metrics[f"{name}_macro"] = float(values.mean())
        metrics[f"{name}_weighted"] = float((values * support).sum() / total)
    if len(counts) == 2:
        second = per_class(counts)[1]
        metrics |= {"precision": second.precision, "recall": second.recall, "f1": second.f1}
    return metrics


def regression(actual: ArrayLike, predicted: ArrayLike) -> Metrics:
    """RMSE, MAE, R2 (None below two rows), and the RMSE of always guessing the mean.

    ValueError when a value is not finite, the two differ in length, or there are none.
    """
    import numpy as np

    truth, guess = finite(actual), finite(predicted)
    if truth.shape != guess.shape:
        raise ValueError(f"{truth.size} labels and {guess.size} predictions.")
    if not truth.size:
        raise ValueError("Nothing was compared.")
    error = truth - guess
    squared = float(np.square(error).sum())
    spread = float(np.square(truth - truth.mean()).sum())
    return {
        "rmse": (squared / truth.size) ** 0.5,
        "mae": float(np.abs(error).mean()),
        "r2": _r2(truth.size, squared, spread),
        "baseline_rmse": (spread / truth.size) ** 0.5,
    }


def _r2(rows: int, squared: float, spread: float) -> float | None:
    if rows < 2:
        return None
    if not spread:
        return 0.0 if squared else 1.0
    return 1 - squared / spread


def _ratio(part: Counts, whole: Counts) -> Floats:
    import numpy as np

    out = np.zeros(len(part))
    return np.divide(part, whole, out=out, where=whole > 0)

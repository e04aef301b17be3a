"""All that a result is drawn from, made once from the rows of predictions.

`build` is a function of its arguments: the same rows give the same numbers, byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from results import scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

VERSION = 1
EXAMPLES = 5
TASKS = ("binary", "multiclass", "regression", "clustering", "anomaly")


@dataclass(frozen=True)
class Table:
    """Predictions, a value a row in each array.

    `scores` of classes: rows × classes, or rows × columns of `top` (the best classes, best
    first); of clusters: the distance; of anomalies: how strange.
    """

    row: Counts
    predicted: Floats
    actual: Floats | None = None
    scores: Floats | None = None
    top: Counts | None = None


def table(columns: Mapping[str, Any]) -> Table:
    """Of the columns of a predictions file, by their names there."""
    import numpy as np

    def together(prefix: str, names: list[str]) -> Any:
        return np.column_stack([columns[f"{prefix}{n}"] for n in names]) if names else None

    single = next((columns[name] for name in ("distance", "score") if name in columns), None)
    best = sorted((n[10:] for n in columns if n.startswith("top_score_")), key=int)
    every = sorted((n[6:] for n in columns if n.startswith("score_")), key=int)
    scored = together("top_score_", best) if best else together("score_", every)
    return Table(
        row=np.asarray(columns["row"], dtype=np.int64),
        predicted=np.asarray(columns["predicted"], dtype=np.float64),
        actual=np.asarray(columns["actual"], dtype=np.float64) if "actual" in columns else None,
        scores=np.asarray(single, dtype=np.float64) if single is not None else scored,
        top=together("top_", best),
    )


def build(
    task: str, rows: Table, labels: Sequence[object], *, is_text: bool = False
) -> tuple[scores.Metrics, list[list[int]], dict[str, Any]]:
    """Metrics, [actual][predicted] counts (empty without classes) and the outcome.

    ValueError says which value is none: not finite, no class, or missing; of no rows at all.
    """
    if not len(rows.row):
        raise ValueError("Nothing was compared.")
    scores.finite(rows.predicted)
    metrics, counts, part = _measured(task, rows, labels)
    outcome = {
        "version": VERSION,
        "task": task,
        "rows": len(rows.row),
        "is_text": is_text,
        "slices": [],
    }
    if is_text and rows.actual is not None and counts:
        outcome["examples"] = examples(rows)
    return metrics, counts, outcome | part


def examples(rows: Table) -> dict[str, list[int]]:
    """By class a few of its rows: mistakes first, and of them those that it was surest about."""
    import numpy as np

    actual = rows.actual if rows.actual is not None else rows.predicted
    sure = np.zeros(len(actual)) if rows.scores is None else rows.scores.max(axis=1)
    order = np.lexsort((rows.row, -sure, rows.predicted == actual, actual))
    parts = np.split(order, np.flatnonzero(np.diff(actual[order])) + 1)
    return {str(int(actual[part[0]])): rows.row[part[:EXAMPLES]].tolist() for part in parts}


def _measured(
    task: str, rows: Table, labels: Sequence[object]
) -> tuple[scores.Metrics, list[list[int]], dict[str, Any]]:
    from results import anomaly, binary, clustering, multiclass, regression

    if task == "clustering":
        names = max(1, len(labels))
        return _numbers(
            clustering.measured(rows.row, rows.predicted, rows.scores, rows.actual, names)
        )
    if task == "anomaly":
        strange = rows.predicted if rows.scores is None else rows.scores
        return _numbers(anomaly.measured(rows.row, strange, rows.actual))
    if rows.actual is None:
        raise ValueError("What is true is not known.")
    if task == "regression":
        return _numbers(regression.measured(rows.row, rows.actual, rows.predicted))
    if task == "binary":
        second = None if rows.scores is None else rows.scores[:, 1]
        metrics, counts, part = binary.measured(rows.actual, rows.predicted, second)
    else:
        metrics, counts, part = multiclass.measured(
            rows.actual, rows.predicted, len(labels), rows.scores, rows.top
        )
    return metrics, counts.tolist(), part


def _numbers(
    found: tuple[scores.Metrics, dict[str, Any]],
) -> tuple[scores.Metrics, list[list[int]], dict[str, Any]]:
    return found[0], [], found[1]

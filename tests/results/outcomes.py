"""Results of every task out of synthetic predictions, as `Evaluation` holds them."""

from typing import Any

import numpy as np

from results.outcome import Table, build

NAMES: dict[str, list[str]] = {
    "binary": ["fine", "fraud"],
    "multiclass": ["ant", "bee", "cat", "dog"],
    "regression": [],
    "clustering": ["north", "south"],
    "anomaly": [],
}


def fields(
    task: str,
    rows: int = 400,
    *,
    labels: list[str] | None = None,
    is_text: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """What an evaluation's row of `task` has after it completed."""
    names: list[str] = NAMES[task] if labels is None else labels
    table = MAKERS[task](np.random.default_rng(seed), rows, max(1, len(names)))
    metrics, confusion, outcome = build(task, table, names, is_text=is_text)
    return {
        "labels": names,
        "rows": rows,
        "rows_done": rows,
        "metrics": metrics,
        "confusion": confusion,
        "outcome": outcome,
    }


def result(task, rows=400, **more):
    """As `Evaluation.result` has it."""
    found = fields(task, rows, **more)
    return found | {"task": task, "threshold": None, "costs": {}}


def binary(random, rows, _):
    truth = random.random(rows) < 0.2
    score = np.clip(random.normal(0.3 + 0.35 * truth, 0.15), 0, 1).round(4)
    both = np.column_stack([1 - score, score])
    return Table(_numbers(rows), (score >= 0.5).astype(float), truth.astype(float), both)


def multiclass(random, rows, classes):
    truth = np.minimum(random.geometric(min(0.5, 3 / classes), rows) - 1, classes - 1)
    scores = random.dirichlet(np.full(min(classes, 20), 0.5), rows)
    if classes > 20:
        top = random.integers(0, classes, (rows, 5))
        top[:, 0] = np.where(random.random(rows) < 0.7, truth, top[:, 0])
        return Table(
            _numbers(rows), top[:, 0].astype(float), truth.astype(float), scores[:, :5], top
        )
    scores[np.arange(rows), truth] += random.random(rows)
    scores /= scores.sum(axis=1, keepdims=True)
    return Table(_numbers(rows), scores.argmax(axis=1).astype(float), truth.astype(float), scores)


def regression(random, rows, _):
    actual = random.gamma(4, 50, rows)
    return Table(_numbers(rows), actual * random.normal(1, 0.15, rows), actual)


def clustering(random, rows, labels):
    cluster = random.integers(0, 5, rows)
    known = (cluster % 2 + (random.random(rows) < 0.1)) % labels
    return Table(
        _numbers(rows), cluster.astype(float), known.astype(float), random.gamma(2, 1, rows)
    )


def anomaly(random, rows, _):
    known = random.random(rows) < 0.03
    score = random.gamma(3, 0.3, rows) + 2 * known
    return Table(_numbers(rows), score, known.astype(float), score)


def _numbers(rows):
    return np.arange(1, rows + 1)


MAKERS = {
    "binary": binary,
    "multiclass": multiclass,
    "regression": regression,
    "clustering": clustering,
    "anomaly": anomaly,
}

"""Which way a metric is better. Pure."""

import functools
import re

from jobs.catalogue import ALGORITHMS

MORE = {
    "accuracy",
    "acc",
    "auc",
    "aucpr",
    "f1",
    "precision",
    "recall",
    "r2",
    "map",
    "ndcg",
    "score",
}
LESS = {"loss", "logloss", "error", "err", "merror", "rmse", "mae", "mse", "mape", "perplexity"}


def direction(metric: str) -> str:
    """maximize or minimize, by the catalogue or by usual words; nothing where neither knows."""
    name = _bare(metric)
    if name in _catalogued():
        return _catalogued()[name]
    words = set(re.split(r"[^a-z0-9]+", metric.lower()))
    if words & LESS:
        return "minimize"
    return "maximize" if words & MORE else ""


def _bare(metric: str) -> str:
    """`validation:error@0.7` is an `error`."""
    return metric.rpartition(":")[2].partition("@")[0]


@functools.cache
def _catalogued() -> dict[str, str]:
    """Without names that two algorithms mean differently."""
    found: dict[str, set[str]] = {}
    for entry in ALGORITHMS.values():
        for metric in entry.metrics:
            found.setdefault(_bare(metric.name), set()).add(metric.direction)
    return {name: next(iter(ways)) for name, ways in found.items() if len(ways) == 1}

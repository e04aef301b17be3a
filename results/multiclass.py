"""Many classes: averages over them, whether the truth was among the best guesses, and mix-ups.

Figures equal scikit-learn's with `zero_division=0`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from results import intervals, scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

TOP = (1, 2, 3, 5)
PAIRS = 100
CHUNK = 100_000  # rows at a time where a table of rows × classes is looked at
SUM_TOLERANCE = 1e-3
RESAMPLED = ("precision_macro", "recall_macro", "f1_macro", "f1_weighted", "mcc")


def measured(
    actual: Floats, predicted: Floats, classes: int, scored: Floats | None, top: Counts | None
) -> tuple[scores.Metrics, Counts, dict[str, Any]]:
    """Metrics, [actual][predicted] counts and the outcome's part.

    `scored` has a column for each class, or for each of the columns of `top`: the best classes,
    best first. ValueError for a class or a score that is none.
    """
    truth = scores.codes(actual, classes)
    counts = scores.confusion(actual, predicted, classes)
    metrics = scores.classification(counts) | rates(counts)
    if scored is not None:
        scores.finite(scored)
    if scored is not None and top is None:
        metrics["log_loss"] = log_loss(truth, scored)
    metrics = {name: value for name, value in metrics.items() if value is not None}
    outcome = {
        "top_k": top_k(truth, float(metrics["accuracy"] or 0), scored, top),
        "pairs": pairs(counts),
        "intervals": count_intervals(counts),
        "baseline": baseline(counts),
    }
    return metrics, counts, outcome


def rates(counts: Counts) -> scores.Metrics:
    """Matthews' correlation, and recall averaged over the classes that occur."""
    support, hits = counts.sum(axis=1), counts.diagonal()
    is_seen = support > 0
    return {
        "mcc": mcc(hits.sum(), support, counts.sum(axis=0)),
        "balanced_accuracy": float((hits[is_seen] / support[is_seen]).mean()),
    }


def mcc(hits: float, support: Counts, guessed: Counts) -> float:
    there, said, total = support.astype(float), guessed.astype(float), float(support.sum())
    product = (total**2 - there @ there) * (total**2 - said @ said)
    return float((hits * total - there @ said) / math.sqrt(product)) if product > 0 else 0.0


def log_loss(truth: Counts, scored: Floats) -> float | None:
    """The mean surprise; None unless the scores of each row are shares of 1."""
    if scored.min() < 0 or np.abs(scored.sum(axis=1) - 1).max() > SUM_TOLERANCE:
        return None
    tiny = np.finfo(np.float64).eps
    said = np.clip(scored[np.arange(len(truth)), truth], tiny, 1 - tiny)
    return float(-np.log(said).mean())


def top_k(
    truth: Counts, accuracy: float, scored: Floats | None, top: Counts | None
) -> dict[str, float]:
    """How often the truth is among the k best guesses; of equal scores the later class counts
    as better, as scikit-learn has it. The model's own answer is the best guess."""
    ranks = _ranks(truth, scored, top)
    found = {"1": accuracy}
    if ranks is None:
        return found
    widest = (scored if top is None else top).shape[1]  # type: ignore[union-attr]  # one is there
    more = {str(k): float((ranks < k).mean()) for k in TOP[1:] if k <= widest}
    return found | more


def _ranks(truth: Counts, scored: Floats | None, top: Counts | None) -> Counts | None:
    """How many classes stand before the true one; None without scores."""
    if top is not None:
        is_it = top == truth[:, None]
        places: Counts = np.where(is_it.any(axis=1), is_it.argmax(axis=1), top.shape[1])
        return places
    if scored is None:
        return None
    found = np.empty(len(truth), dtype=np.int64)
    later = np.arange(scored.shape[1])
    for start in range(0, len(truth), CHUNK):
        codes, part = truth[start : start + CHUNK], scored[start : start + CHUNK]
        own = part[np.arange(len(codes)), codes][:, None]
        before = (part > own) | ((part == own) & (later > codes[:, None]))
        found[start : start + CHUNK] = before.sum(axis=1)
    return found


def pairs(counts: Counts, limit: int = PAIRS) -> list[list[int]]:
    """[actual, predicted, rows] of the most frequent mistakes; equal ones in the labels' order."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    places = np.flatnonzero(wrong)
    first = places[np.argsort(-wrong.ravel()[places], kind="stable")[:limit]]
    actual, predicted = np.unravel_index(first, counts.shape)
    found: list[list[int]] = np.column_stack([actual, predicted, wrong.ravel()[first]]).tolist()
    return found


def baseline(counts: Counts) -> dict[str, float]:
    """What always answering with the most frequent class reaches."""
    support = counts.sum(axis=1)
    usual = int(support.argmax())
    constant = np.zeros_like(counts)
    constant[:, usual] = support
    found = scores.classification(constant) | rates(constant)
    return {n: v for n, v in found.items() if v is not None and not n.startswith("baseline")}


def count_intervals(counts: Counts) -> dict[str, intervals.Interval]:
    cells = np.flatnonzero(counts)
    rows, columns = np.unravel_index(cells, counts.shape)
    size = len(counts)
    hits = np.flatnonzero(rows == columns)
    drawn = []
    for draw in intervals.resampled_counts(counts.ravel()[cells]):
        right = np.zeros(size)
        right[rows[hits]] = draw[hits]
        drawn.append(
            _averages(right, np.bincount(rows, draw, size), np.bincount(columns, draw, size))
        )
    table = np.array(drawn)
    here = _averages(counts.diagonal().astype(float), counts.sum(axis=1), counts.sum(axis=0))
    found = {}
    for at, name in enumerate(RESAMPLED):
        lowest = -1.0 if name == "mcc" else 0.0
        found[name] = intervals.of_draws(table[:, at], here[at], lowest=lowest, highest=1.0)
    found["accuracy"] = intervals.wilson(float(counts.trace()), float(counts.sum()))
    return intervals.known(found)


def _averages(right: Floats, support: NDArray[Any], guessed: NDArray[Any]) -> list[float]:
    """The figures of RESAMPLED."""
    is_found = support + guessed > 0
    right, support, guessed = right[is_found], support[is_found], guessed[is_found]
    f1 = 2 * right / (support + guessed)
    precision = np.divide(right, guessed, out=np.zeros(len(right)), where=guessed > 0)
    recall = np.divide(right, support, out=np.zeros(len(right)), where=support > 0)
    weighted = float(f1 @ support / support.sum())
    correlation = mcc(float(right.sum()), support, guessed)
    return [*(float(one.mean()) for one in (precision, recall, f1)), weighted, correlation]

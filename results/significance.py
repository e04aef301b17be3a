"""Whether two models really differ, or one was lucky with these rows.

The same rows were judged by both: McNemar's test, exact, for what is right or wrong; DeLong's for
AUC; the bootstrap of rows for all else. Other rows: the bootstrap of each. Everything is seeded:
the same rows give the same numbers. Differences are the second less the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from results import intervals
from results.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Metrics = dict[str, float]

SEED = 20_260_102
CLASSES = 50  # beyond which averages over classes are not resampled


def mcnemar(only_first: int, only_second: int) -> float:
    """The two-sided exact p of rows that only one of two is right about."""
    from scipy.special import bdtr

    total = only_first + only_second
    if not total:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), total, 0.5)))


def right(first: Counts, second: Counts) -> Verdict:
    """Of two arrays over the same rows that say where each is right."""
    rows = len(first)
    only_first = int(np.count_nonzero(first & ~second))
    only_second = int(np.count_nonzero(second & ~first))
    counts = np.array([only_first, only_second, rows - only_first - only_second])
    draws = np.random.default_rng(SEED).multinomial(rows, counts / rows, size=10_000)
    found = intervals.of_draws((draws[:, 1] - draws[:, 0]) / rows)
    difference = (only_second - only_first) / rows
    low, high = found or (None, None)
    p = mcnemar(only_first, only_second)
    return Verdict("accuracy", difference, low, high, p, "McNemar")


def areas(positive: tuple[Floats, Floats], negative: tuple[Floats, Floats]) -> Verdict | None:
    """DeLong's test of two AUCs over the same rows: scores of both classes by both models.

    None with fewer than two rows of a class.
    """
    many, few = len(positive[0]), len(negative[0])
    if many < 2 or few < 2:
        return None
    above, below = [], []
    for up, down in zip(positive, negative, strict=True):
        ranks = intervals.midranks(np.concatenate([up, down]))
        above.append((ranks[:many] - intervals.midranks(up)) / few)
        below.append(1 - (ranks[many:] - intervals.midranks(down)) / many)
    difference = float(above[1].mean() - above[0].mean())
    spread = float((above[1] - above[0]).var(ddof=1)) / many
    spread += float((below[1] - below[0]).var(ddof=1)) / few
    return _normal("auc", difference, math.sqrt(spread), "DeLong")


def apart(
    metric: str,
    first: tuple[float | None, list[float] | None],
    second: tuple[float | None, list[float] | None],
) -> Verdict | None:
    """Of two figures over different rows, each with its 95 % interval; None without them."""
    if first[0] is None or second[0] is None or not first[1] or not second[1]:
        return None
    errors = [(one[1] - one[0]) / 2 / intervals.Z for one in (first[1], second[1])]
    return _normal(metric, second[0] - first[0], math.hypot(*errors), "separate rows")


def _normal(metric: str, difference: float, error: float, method: str) -> Verdict:
    reach = intervals.Z * error
    far = abs(difference) / error if error else math.inf if difference else 0.0
    p = math.erfc(far / math.sqrt(2))
    return Verdict(metric, difference, difference - reach, difference + reach, p, method)


def classes(actual: Counts, first: Counts, second: Counts, many: int) -> list[Verdict]:
    """Of what follows from both matrices over the same rows, by the bootstrap of rows."""
    if many > CLASSES:
        return []
    cells = many * many
    codes, counts = np.unique(actual * cells + first * many + second, return_counts=True)
    truth, said = codes // cells, (codes // many % many, codes % many)

    def both(rows: Counts) -> tuple[Metrics, Metrics]:
        found = [np.bincount(truth * many + one, rows, cells).reshape(many, many) for one in said]
        return rates(found[0]), rates(found[1])

    return _resampled(both, counts, intervals.resampled_counts(counts))


def matrices(first: Counts, second: Counts) -> list[Verdict]:
    """Accuracy and the same of two matrices over different rows."""
    shares = [(float(one.trace() / one.sum()), int(one.sum())) for one in (first, second)]
    known = [(share, intervals.wilson(share * rows, rows)) for share, rows in shares]
    accuracy = apart("accuracy", known[0], known[1])
    found = [accuracy] if accuracy else []
    if len(first) > CLASSES:
        return found
    generator = np.random.default_rng(SEED)

    def draws() -> Iterator[tuple[Metrics, Metrics]]:
        for one in intervals.resampled_counts(first.ravel()):
            other = generator.multinomial(second.sum(), second.ravel() / second.sum())
            yield rates(one.reshape(first.shape)), rates(other.reshape(second.shape))

    here = rates(first), rates(second)
    return found + _verdicts(here, list(draws()), "bootstrap of separate rows")


def _resampled(
    both: Callable[[Counts], tuple[Metrics, Metrics]], counts: Counts, draws: Iterator[Counts]
) -> list[Verdict]:
    return _verdicts(both(counts), [both(draw) for draw in draws], "bootstrap")


def _verdicts(
    here: tuple[Metrics, Metrics], draws: list[tuple[Metrics, Metrics]], method: str
) -> list[Verdict]:
    first, second = here
    return [
        _of_draws(
            name,
            second[name] - first[name],
            np.array([other[name] - one[name] for one, other in draws]),
            method,
        )
        for name in first
    ]


def _of_draws(metric: str, difference: float, draws: Floats, method: str) -> Verdict:
    known = draws[np.isfinite(draws)]
    low, high = intervals.of_draws(known) or (None, None)
    beyond = min(int((known <= 0).sum()), int((known >= 0).sum()))
    p = min(1.0, 2 * (beyond + 1) / (known.size + 1)) if difference else 1.0
    return Verdict(metric, difference, low, high, p if known.size else None, method)


def rates(counts: Counts) -> Metrics:
    """Precision, recall and F1: of the second of two classes, else averaged; a ratio of nothing
    is 0, as everywhere."""
    hits, support, guessed = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    seen = (support + guessed) > 0
    found = {
        "precision": hits / np.maximum(guessed, 1),
        "recall": hits / np.maximum(support, 1),
        "f1": 2 * hits / np.maximum(support + guessed, 1),
    }
    if len(counts) == 2:
        return {name: float(values[1]) for name, values in found.items()}
    return {f"{name}_macro": float(values[seen].mean()) for name, values in found.items()}


def numbers(actual: Floats, first: Floats, second: Floats) -> list[Verdict]:
    """Of errors of numbers about the same rows, by the bootstrap of rows."""
    errors = [first - actual, second - actual]
    columns = [np.ones(len(actual))]
    columns += [part for error in errors for part in (np.square(error), np.abs(error))]
    table = np.column_stack(columns)
    drawn = intervals.resampled_sums(table)
    return _errors(table.sum(axis=0), drawn, "bootstrap")


def numbers_apart(first: tuple[Floats, Floats], second: tuple[Floats, Floats]) -> list[Verdict]:
    """The same about different rows: (what is true, what was said) of each."""
    tables, draws = [], []
    for place, (actual, said) in enumerate((first, second)):
        error = said - actual
        table = np.column_stack([np.ones(len(error)), np.square(error), np.abs(error)])
        drawn = intervals.resampled_sums(table)
        # Drawn alike for both: what belongs together by chance is taken apart.
        draws.append(np.random.default_rng(SEED + place).permutation(drawn))
        tables.append(table.sum(axis=0))
    means = [table[1:] / table[0] for table in tables]
    drawn_means = [drawn[:, 1:] / drawn[:, :1] for drawn in draws]
    whole = np.concatenate([[1.0], *means])
    rows = np.column_stack([np.ones(len(draws[0])), *drawn_means])
    return _errors(whole, rows, "bootstrap of separate rows")


def _errors(whole: Floats, draws: Floats, method: str) -> list[Verdict]:
    """From columns rows, squares and sizes of the first's errors, and of the second's."""

    def found(sums: Floats) -> dict[str, tuple[Floats, Floats]]:
        means = sums[..., 1:] / sums[..., :1]
        roots = np.sqrt(means[..., 0]), np.sqrt(means[..., 2])
        return {"rmse": roots, "mae": (means[..., 1], means[..., 3])}

    drawn = found(draws)
    return [
        _of_draws(name, float(second - first), drawn[name][1] - drawn[name][0], method)
        for name, (first, second) in found(whole).items()
    ]

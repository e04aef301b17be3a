"""How sure a figure is: intervals that hold the true value 95 times out of 100.

Shares: Wilson. AUC: DeLong. Average precision: normal on the logit scale, as Boyd et al. (2013).
What follows from counts (F1, averages over classes, MCC) or from sums over rows (errors of
numbers): the bootstrap's percentiles, seeded, so that the same rows give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Floats = NDArray[np.float64]

Interval = list[float]
Z = 1.959963984540054  # of the normal distribution, two-sided 95 %
SEED = 20_260_101
DRAWS = 1_000
FEWEST_DRAWS = 100
WORK = 5_000_000  # drawn counts at most, above which fewer draws do
GROUPS = 2_000


def wilson(hits: float, total: float) -> Interval | None:
    """Of the share `hits` of `total`; None of nothing."""
    if not total:
        return None
    share, square = hits / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    reach = Z * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    reach /= 1 + square / total
    return [max(0.0, middle - reach), min(1.0, middle + reach)]


def delong(positive: Floats, negative: Floats) -> Interval | None:
    """Of the AUC, from the scores of both classes; None with fewer than two rows of one.

    Midranks make it O(n log n) (Sun and Xu, 2014).
    """
    many, few = len(positive), len(negative)
    if many < 2 or few < 2:
        return None
    ranks = midranks(np.concatenate([positive, negative]))
    above = (ranks[:many] - midranks(positive)) / few
    below = 1 - (ranks[many:] - midranks(negative)) / many
    middle = float(above.mean())
    variance = float(above.var(ddof=1)) / many + float(below.var(ddof=1)) / few
    return _normal(middle, math.sqrt(variance))


def midranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], len(values)]
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    return ranks


def logit(share: float, positives: int) -> Interval | None:
    """Of an average precision over `positives` rows; None where it has no spread to tell."""
    if not positives or not 0 < share < 1:
        return None
    middle = math.log(share / (1 - share))
    reach = Z / math.sqrt(positives * share * (1 - share))
    return [1 / (1 + math.exp(-(middle - reach))), 1 / (1 + math.exp(-(middle + reach)))]


def resampled_counts(counts: Counts) -> Iterator[Counts]:
    """`counts` of rows as they would be of other samples of as many rows, one after the other."""
    total, generator = int(counts.sum()), np.random.default_rng(SEED)
    shares = counts / total
    for _ in range(max(FEWEST_DRAWS, min(DRAWS, WORK // max(1, counts.size)))):
        yield generator.multinomial(total, shares)


def resampled_sums(columns: Floats) -> Floats:
    """Draws × columns: sums over rows as they would be of other samples.

    More than GROUPS rows are put at random into groups, which are drawn instead.
    """
    rows, generator = len(columns), np.random.default_rng(SEED)
    groups = min(rows, GROUPS)
    places = generator.permutation(rows) % groups
    sums = np.column_stack([np.bincount(places, column, groups) for column in columns.T])
    drawn = generator.multinomial(groups, np.full(groups, 1 / groups), size=DRAWS)
    return drawn.astype(np.float64) @ sums


def of_draws(
    values: Floats,
    figure: float | None = None,
    *,
    lowest: float = -math.inf,
    highest: float = math.inf,
) -> Interval | None:
    """The middle 95 % of the finite `values`, which are drawn around `figure`.

    What drawing alone shifts them by is taken back: a class of two rows is easily left out.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    shift = 0.0 if figure is None else figure - float(known.mean())
    low, high = np.percentile(known, [2.5, 97.5]) + shift
    return [max(lowest, float(low)), min(highest, float(high))]


def of_mean(values: Floats, *, lowest: float = -math.inf) -> Interval | None:
    """Of a mean, by the normal distribution."""
    if len(values) < 2:
        return None
    middle, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    return [max(lowest, middle - Z * error), middle + Z * error]


def known(found: dict[str, Interval | None]) -> dict[str, Interval]:
    """Without what has no interval."""
    return {name: interval for name, interval in found.items() if interval}


def _normal(middle: float, error: float) -> Interval:
    return [max(0.0, middle - Z * error), min(1.0, middle + Z * error)]

"""Which row goes to which split: seeded, repeatable, each row in exactly one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SPLITS = ("train", "validation", "test")
SCANNED = 32  # up to so many classes are looked for one by one
NOWHERE = 255  # the code of rows that are left out


class Fractions(NamedTuple):
    """Shares of the rows; they sum to 1."""

    train: float = 0.7
    validation: float = 0.2
    test: float = 0.1


class BadFractions(ValueError):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def fractions(train: float, validation: float, test: float) -> Fractions:
    """Fractions from fractions that sum to 1 or percentages that sum to 100; else BadFractions."""
    given = dict(zip(SPLITS, (train, validation, test), strict=True))
    for name, value in given.items():
        if not 0 <= value <= 100:
            raise BadFractions(name, "Must be between 0 and 100 %.")
    total = sum(given.values())
    scale = next((whole for whole in (1.0, 100.0) if abs(total - whole) < 1e-6 * whole), 0.0)
    if not scale:
        text = " + ".join(f"{value:g}" for value in given.values())
        raise BadFractions("train", f"{text} is {total:g}; the splits must sum to 100 % (or 1).")
    if not train:
        raise BadFractions("train", "Training needs rows: more than 0 %.")
    return Fractions(*(value / scale for value in given.values()))


Sizes = tuple[int, int, int]


def sizes(count: int, shares: Fractions) -> Sizes:
    """How many of `count` rows each split gets: as near to the shares as whole rows allow."""
    return class_sizes([count], shares)[0]


def class_sizes(counts: Sequence[int], shares: Fractions) -> list[Sizes]:
    """The same for each of several classes, in their order.

    Each number is within one row of its exact share and a class's numbers sum to its count. The
    rows left over by rounding go where the classes before left the largest debt, so that many small
    classes add up to the shares too; in a tie the earlier split is served. Training always gets a
    row of each class.
    """
    debt = [0.0, 0.0, 0.0]
    return [_sizes(count, shares, debt) for count in counts]


def _sizes(count: int, shares: Fractions, debt: list[float]) -> Sizes:
    """The sizes of one class; `debt` is brought up to date."""
    exact = [count * share for share in shares]
    whole = [int(value + 1e-9) for value in exact]
    rest = [value - part for value, part in zip(exact, whole, strict=True)]
    order = sorted(range(3), key=lambda i: (rest[i] < 1e-9, -round(rest[i] + debt[i], 9), i))
    for i in order[: count - sum(whole)]:
        whole[i] += 1
    if count and not whole[0]:
        donor = max((1, 2), key=lambda i: whole[i] - exact[i])
        whole[donor] -= 1
        whole[0] = 1
    for i in range(3):
        debt[i] += exact[i] - whole[i]
    return whole[0], whole[1], whole[2]


def assign(
    classes: npt.NDArray[np.int32], shares: Fractions, *, seed: int, stratify: bool
) -> npt.NDArray[np.uint8]:
    """For each row the index of its split in `SPLITS`; `NOWHERE` for rows of class -1.

    With `stratify` the classes are divided by `class_sizes`, else the rows as a whole. The same
    arguments give the same answer.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    assigned = np.full(len(classes), NOWHERE, dtype=np.uint8)
    if stratify:
        counts = [count for count in np.bincount(classes[classes >= 0]).tolist() if count]
        groups = _by_class(classes)
    else:
        kept = np.flatnonzero(classes >= 0)
        counts, groups = [len(kept)], iter([kept])
    for rows, of_class in zip(groups, class_sizes(counts, shares), strict=True):
        shuffled = generator.permutation(rows)
        train, validation, _ = of_class
        assigned[shuffled[:train]] = 0
        assigned[shuffled[train : train + validation]] = 1
        assigned[shuffled[train + validation :]] = 2
    return assigned


def _by_class(classes: npt.NDArray[np.int32]) -> Iterator[npt.NDArray[np.intp]]:
    """The rows of each class that has some, by class."""
    import numpy as np

    most = int(classes.max(initial=-1))
    if most < SCANNED:
        # Holds the rows of one class at a time.
        found = (np.flatnonzero(classes == number) for number in range(most + 1))
        yield from (rows for rows in found if len(rows))
        return
    # One stable sort instead of a scan per class: 1,000 classes cost no more than two.
    kept = np.flatnonzero(classes >= 0)
    kept = kept[np.argsort(classes[kept], kind="stable")]
    yield from np.split(kept, np.flatnonzero(np.diff(classes[kept])) + 1)


def assign_by_order(
    keys: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_], shares: Fractions
) -> npt.NDArray[np.uint8]:
    """The rows by their key: the smallest to training, the largest to test.

    Rows with equal keys keep their order. `NOWHERE` for rows that are not kept or whose key is NaN.
    """
    import numpy as np

    assigned = np.full(len(keys), NOWHERE, dtype=np.uint8)
    rows = np.flatnonzero(kept & ~np.isnan(keys))
    rows = rows[np.argsort(keys[rows], kind="stable")]
    train, validation, _ = sizes(len(rows), shares)
    assigned[rows] = 2
    assigned[rows[: train + validation]] = 1
    assigned[rows[:train]] = 0
    return assigned


def assign_by_group(
    groups: npt.NDArray[np.int64], kept: npt.NDArray[np.bool_], shares: Fractions, *, seed: int
) -> npt.NDArray[np.uint8]:
    """Whole groups, the largest first, each to the split that lacks most of its share.

    Groups of one size are shuffled by `seed`. `NOWHERE` for rows that are not kept or whose group
    is -1.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    assigned = np.full(len(groups), NOWHERE, dtype=np.uint8)
    rows = np.flatnonzero(kept & (groups >= 0))
    if not len(rows):
        return assigned
    counts = np.bincount(groups[rows])
    order = generator.permutation(np.flatnonzero(counts))
    order = order[np.argsort(-counts[order], kind="stable")]
    places = np.full(len(counts), NOWHERE, dtype=np.uint8)
    lacking = [float(size) for size in sizes(len(rows), shares)]
    asked = [number for number, share in enumerate(shares) if share]
    empty = list(asked)
    for left, group in zip(range(len(order), 0, -1), order.tolist(), strict=True):
        # The last groups go where there is none yet, so that no split stays empty.
        among = empty if empty and left <= len(empty) else asked
        place = max(among, key=lambda number: (lacking[number], -number))
        places[group] = place
        lacking[place] -= int(counts[group])
        empty = [number for number in empty if number != place]
    assigned[rows] = places[groups[rows]]
    return assigned


def sample(
    classes: npt.NDArray[np.int32], assigned: npt.NDArray[np.uint8], *, how: str, seed: int
) -> npt.NDArray[np.uint32]:
    """How often each row is written: once, but for the training rows of unequal classes.

    "down" leaves of each class as many as the smallest has, "up" repeats rows until each has as
    many as the largest. Which ones is decided by `seed`.
    """
    import numpy as np

    times = np.ones(len(assigned), dtype=np.uint32)
    training = np.flatnonzero(assigned == 0)
    counts = np.bincount(classes[training])
    present = counts[counts > 0]
    if how == "none" or not len(present):
        return times
    wanted = int(present.min() if how == "down" else present.max())
    generator = np.random.default_rng([seed, 1])  # not the stream that divided the rows
    training = training[np.argsort(classes[training], kind="stable")]
    for rows in np.split(training, np.flatnonzero(np.diff(classes[training])) + 1):
        often, more = divmod(wanted, len(rows))
        times[rows] = often
        times[generator.permutation(rows)[:more]] += 1
    return times

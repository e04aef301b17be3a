"""Which row goes to which split: seeded, repeatable, each row in exactly one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SPLITS = ("train", "validation", "test")
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


def sizes(count: int, shares: Fractions) -> tuple[int, int, int]:
    """How many of `count` rows each split gets: as near to the shares as whole rows allow.

    Largest remainder, the earlier split first in a tie; training always gets a row. Each number is
    within one row of its exact share, and they sum to `count`.
    """
    exact = [count * share for share in shares]
    whole = [int(value + 1e-9) for value in exact]
    order = sorted(range(3), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: count - sum(whole)]:
        whole[i] += 1
    if count and not whole[0]:
        donor = max((1, 2), key=lambda i: whole[i] - exact[i])
        whole[donor] -= 1
        whole[0] = 1
    return whole[0], whole[1], whole[2]


def assign(
    classes: npt.NDArray[np.int32], shares: Fractions, *, seed: int, stratify: bool
) -> npt.NDArray[np.uint8]:
    """For each row the index of its split in `SPLITS`; `NOWHERE` for rows of class -1.

    With `stratify` each class is divided by `sizes` on its own, else the rows as a whole. The same
    arguments give the same answer.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    assigned = np.full(len(classes), NOWHERE, dtype=np.uint8)
    kept = np.flatnonzero(classes >= 0)
    if stratify:
        # One stable sort instead of a scan per class: 1,000 classes cost no more than two.
        kept = kept[np.argsort(classes[kept], kind="stable")]
        groups = np.split(kept, np.flatnonzero(np.diff(classes[kept])) + 1)
    else:
        groups = [kept]
    for rows in groups:
        shuffled = generator.permutation(rows)
        train, validation, _ = sizes(len(rows), shares)
        assigned[shuffled[:train]] = 0
        assigned[shuffled[train : train + validation]] = 1
        assigned[shuffled[train + validation :]] = 2
    return assigned

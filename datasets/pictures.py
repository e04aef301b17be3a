"""The picture grid of a dataset whose columns are pixels: sheets of kept rows, and their shape."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

from core import audit, states
from core.access import Actor
from core.errors import InvalidFields, NotFound
from core.models import Role
from datasets import images, kept, recipe
from datasets.images import Shape
from datasets.models import Dataset

if TYPE_CHECKING:
    from datasets.images import Levels

MOST = 12  # pictures of a class
ACROSS = 6
MOST_ROWS = 1_000
REMEMBERED = 4  # datasets and targets; a page asks for all their classes at once

_reading = threading.Lock()
_read: dict[tuple[str, str, str], dict[str, Levels]] = {}


def pixel_columns(dataset: Dataset) -> list[str]:
    """The columns that are pixels, in their order; empty when the dataset has none."""
    found = dataset.insights.get("images")
    if not found:
        return []
    names = [column["name"] for column in dataset.columns]
    return names[found["first"] : found["first"] + found["count"]]


def sheet(dataset: Dataset, target: str, value: str) -> bytes:
    """A PNG of up to `MOST` rows of the class `value` of `target`; of any rows without `target`.

    NotFound when no kept row is of it; else raises as `kept.rows` does.
    """
    rows = _by_class(dataset, target).get(value if target else "")
    if rows is None:
        raise NotFound
    return images.sheet(rows, images.shape_of(dataset.insights["images"]), across=ACROSS)


def _by_class(dataset: Dataset, target: str) -> dict[str, Levels]:
    """Kept rows by class. Read once for all the classes that a page shows."""
    key = (dataset.uid, dataset.status_at.isoformat(), target)
    with _reading:
        if key not in _read:
            found = _pictures(dataset, target)
            while len(_read) >= REMEMBERED:
                del _read[next(iter(_read))]
            _read[key] = found
        return _read[key]


def _pictures(dataset: Dataset, target: str) -> dict[str, Levels]:
    import polars as pl

    names = pixel_columns(dataset)
    column = next((c for c in dataset.columns if c["name"] == target), None)
    if not names or (target and column is None):
        raise NotFound
    dtype = column["dtype"] if column else ""
    labels, table = kept.some(
        dataset,
        target,
        lambda cell: recipe.class_name(cell, dtype),
        names,
        each=MOST,
        most=MOST_ROWS,
    )
    numbers = pl.DataFrame(table).select(pl.all().cast(pl.Float64, strict=False))
    found = dataset.insights["images"]
    rows = images.levels(numbers.to_numpy(), low=found["low"], high=found["high"])
    places: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        places.setdefault(label, []).append(place)
    return {label: rows[of_label] for label, of_label in places.items()}


def reshape(who: Actor, dataset: Dataset, shape: Shape) -> None:
    """Keep another shape for the pictures. InvalidFields unless it takes every pixel column."""
    who.need(Role.MEMBER)
    found = dataset.insights.get("images")
    if not found:
        raise NotFound
    if wrong := images.problems(shape, found["count"]):
        raise InvalidFields(wrong)
    changed = dataset.insights | {"images": images.reshaped(found, shape)}
    if states.record(dataset, insights=changed):
        audit.note(who, "dataset.reshape", dataset, **asdict(shape))

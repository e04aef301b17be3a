"""The picture grid of a dataset whose columns are pixels: sheets of kept rows, and their shape."""

from dataclasses import asdict

from core import audit, states
from core.access import Actor
from core.errors import InvalidFields, NotFound
from core.models import Role
from datasets import images, kept, recipe
from datasets.formats.block import numbers_of
from datasets.images import Shape
from datasets.models import Dataset

MOST = 12  # pictures of a class
ACROSS = 6


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
    names = pixel_columns(dataset)
    column = next((c for c in dataset.columns if c["name"] == target), None)
    if not names or (target and column is None):
        raise NotFound
    dtype = column["dtype"] if column else ""
    rows = kept.like(
        dataset, target, lambda cell: recipe.class_name(cell, dtype) == value, names, most=MOST
    )
    if not rows:
        raise NotFound
    found = dataset.insights["images"]
    values = numbers_of([cell for row in rows for cell in row])
    if values is None:
        raise NotFound
    shape = images.shape_of(found)
    return images.sheet(
        values.reshape(len(rows), -1), shape, low=found["low"], high=found["high"], across=ACROSS
    )


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

"""Models that look at pictures: a drawing becomes the row that they read, and a row a picture."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from datasets import images
from datasets.formats.sniff import is_number
from datasets.images import Shape
from datasets.models import Preparation
from datasets.pictures import pixel_columns

MARGIN_SHARE = 0.25  # of the way from paper to ink: what is nearer to the paper counts as paper


@dataclass(frozen=True)
class Canvas:
    """`columns` are the dataset's pixel columns in order; values run from `low` to `high`.

    `paper` is the value of what nobody drew on, `ink` that of a full stroke; `box` is where the
    dataset's own pictures have their ink: left, top, right, bottom, in pixels.
    """

    shape: Shape
    columns: tuple[str, ...]
    low: float
    high: float
    paper: float
    ink: float
    box: tuple[float, float, float, float]

    is_whole: bool  # whether the values are whole numbers

    @property
    def facts(self) -> str:
        """What static/js/draw.js must know, as JSON."""
        return json.dumps(
            {
                "width": self.shape.width,
                "height": self.shape.height,
                "low": self.low,
                "high": self.high,
                "paper": self.paper,
                "ink": self.ink,
                "box": self.box,
                "whole": self.is_whole,
            }
        )

    @property
    def is_drawable(self) -> bool:
        """Nobody draws three colours with one pen."""
        return self.shape.channels == 1

    def row(self, text: str) -> dict[str, str]:
        """A row of the dataset from a drawing's values, with commas; {} when they are none."""
        cells = text.split(",")
        if len(cells) != len(self.columns) or not all(map(is_number, cells)):
            return {}
        return dict(zip(self.columns, cells, strict=True))

    def picture(self, cells: Mapping[str, str]) -> str:
        """A PNG of a row, as an address that holds it; columns that are not there are paper."""
        import numpy as np

        values = [_number(cells.get(name, ""), self.paper) for name in self.columns]
        levels = images.levels(np.array([values]), low=self.low, high=self.high)
        png = images.sheet(levels, self.shape, across=1)
        return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def canvas(recipe: Preparation | None) -> Canvas | None:
    """None unless the model reads pixels of the dataset's pictures and nothing else."""
    if recipe is None or not (found := recipe.dataset.insights.get("images")):
        return None
    columns = pixel_columns(recipe.dataset)
    read = recipe.encoding.get("features", [])
    if not read or any(f["kind"] != "number" or f["name"] not in columns for f in read):
        return None
    shape, low, high = images.shape_of(found), found["low"], found["high"]
    rows = _rows(recipe.dataset.preview, columns, low)
    paper = _paper(rows, shape, low, high)
    ink = low if paper == high else high
    box = _box(rows, shape, paper, ink)
    first = recipe.dataset.columns[found["first"] : found["first"] + found["count"]]
    is_whole = all(column["dtype"] == "integer" for column in first)
    return Canvas(shape, tuple(columns), low, high, paper, ink, box, is_whole)


def _rows(preview: Mapping[str, Any], columns: Sequence[str], low: float) -> list[list[float]]:
    """The dataset's first pictures."""
    names = preview.get("columns", [])
    places = [names.index(name) for name in columns if name in names]
    if len(places) != len(columns):
        return []
    return [[_number(row[place], low) for place in places] for row in preview.get("rows", [])]


def _number(cell: str, otherwise: float) -> float:
    return float(cell) if is_number(cell) else otherwise


def _paper(rows: Sequence[Sequence[float]], shape: Shape, low: float, high: float) -> float:
    """`high` where most corners are nearer to it: dark ink on light paper."""
    if shape.channels != 1:
        return low
    corners = (0, shape.width - 1, shape.values - shape.width, shape.values - 1)
    found = [row[corner] for row in rows for corner in corners]
    return high if found and median(found) > (low + high) / 2 else low


def _box(
    rows: Sequence[Sequence[float]], shape: Shape, paper: float, ink: float
) -> tuple[float, float, float, float]:
    """The middle one of each edge of the pictures' ink; all of the picture without any."""
    boxes, step = [], (ink - paper) or 1
    for row in rows if shape.channels == 1 else ():
        inked = [n for n, value in enumerate(row) if (value - paper) / step > MARGIN_SHARE]
        if inked:
            xs, ys = [n % shape.width for n in inked], [n // shape.width for n in inked]
            boxes.append((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    if not boxes:
        return 0, 0, shape.width, shape.height
    left, top, right, bottom = (float(median(edge)) for edge in zip(*boxes, strict=True))
    return left, top, right, bottom

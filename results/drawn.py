"""Rows of pixel columns as pictures that stand in the page itself."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets import images
from datasets.models import Dataset
from datasets.pictures import pixel_columns


@dataclass(frozen=True)
class Drawing:
    """Where a row's pixels stand among its cells, and how they are drawn."""

    shape: images.Shape
    low: float
    high: float
    pixels: list[int]
    others: list[int]

    def pictures(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """A data: address of a PNG for each row."""
        import polars as pl

        cells = [[row[place] for row in rows] for place in self.pixels]
        numbers = pl.DataFrame([pl.Series(str(n), column) for n, column in enumerate(cells)])
        values = numbers.select(pl.all().cast(pl.Float64, strict=False)).to_numpy()
        levels = images.levels(values, low=self.low, high=self.high)
        return [
            _address(images.sheet(levels[n : n + 1], self.shape, across=1))
            for n in range(len(rows))
        ]


def drawing(dataset: Dataset, header: Sequence[str]) -> Drawing | None:
    """How to draw rows with these columns; None when they are no pictures."""
    names = pixel_columns(dataset)
    if not names or not set(names) <= set(header):
        return None
    found: dict[str, Any] = dataset.insights["images"]
    places = {name: place for place, name in enumerate(header)}
    pixels = [places[name] for name in names]
    rest = set(pixels)
    others = [place for place in range(len(header)) if place not in rest]
    return Drawing(images.shape_of(found), found["low"], found["high"], pixels, others)


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()

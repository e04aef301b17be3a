"""Which columns of a table are the pixels of pictures."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

FEWEST = 64  # pixels: 8 × 8
LIVELY = 0.4  # of the columns reach half of what the brightest one does
NUMBERED = re.compile(r"(.*?)(\d+)(?:[x_,-](\d+))?\D*")

Column = Mapping[str, Any]


def found(columns: Sequence[Column]) -> dict[str, Any] | None:
    """The longest run of columns that look like pixels, as `Dataset.insights["images"]`.

    They are consecutive, numbered in their names, never negative, share a range, and are as many
    as a square of at least 8 × 8 has pixels, once or for three colours, or as their names say.
    """
    runs = [
        list(run)
        for usual, run in groupby(enumerate(columns), lambda item: _stem(item[1]))
        if usual is not None
    ]
    for run in sorted(runs, key=len, reverse=True):
        # A numbered label may stand before or behind the pixels.
        for part in (run, run[1:], run[:-1]):
            if shape := _shape([column for _, column in part]):
                return {"first": part[0][0], "count": len(part), **shape}
    return None


def _stem(column: Column) -> str | None:
    """What the names of a run have in common; None for what is no pixel."""
    if column["dtype"] not in ("integer", "number") or column["missing"]:
        return None
    match = NUMBERED.fullmatch(column["name"])
    low = column["min"]
    return match[1].lower() if match and low is not None and low >= 0 else None


def _shape(columns: Sequence[Column]) -> dict[str, Any] | None:
    if len(columns) < FEWEST:
        return None
    size = _named_size(columns) or _square(len(columns))
    high = max(column["max"] for column in columns)
    lively = sum(column["max"] >= high / 2 for column in columns)
    if size is None or high <= 0 or lively < LIVELY * len(columns):
        return None
    height, width, channels = size
    low = min(column["min"] for column in columns)
    found: dict[str, Any] = {"height": height, "width": width, "low": low, "high": high}
    return found | ({"channels": channels} if channels > 1 else {})


def _square(count: int) -> tuple[int, int, int] | None:
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side * side * channels == count:
            return side, side, channels
    return None


def _named_size(columns: Sequence[Column]) -> tuple[int, int, int] | None:
    """Height and width by names such as pixel_27_27 or 28x28."""
    places = [NUMBERED.fullmatch(column["name"]) for column in columns]
    pairs = {(int(m[2]), int(m[3])) for m in places if m and m[3] is not None}
    height, width = len({row for row, _ in pairs}), len({column for _, column in pairs})
    return (height, width, 1) if len(pairs) == height * width == len(columns) else None

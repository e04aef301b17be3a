"""Rows of pixel columns as pictures: which shapes fit, and a sheet of them as a PNG."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels = npt.NDArray[np.float64]
    Levels = npt.NDArray[np.uint8]

CHANNELS = {1: "grey", 3: "red, green, blue", 4: "red, green, blue, alpha"}
LARGEST = 4_096  # pixels a side
GAP = 1  # pixels between pictures, transparent: it shows in any theme
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class Shape:
    """`planar` when a row holds all of one channel before the next (as CIFAR-10 does)."""

    height: int
    width: int
    channels: int = 1
    planar: bool = False

    @property
    def values(self) -> int:
        return self.height * self.width * self.channels

    @property
    def text(self) -> str:
        colours = f" × {self.channels}" if self.channels > 1 else ""
        return f"{self.height} × {self.width}{colours}"


def shape_of(found: dict[str, Any]) -> Shape:
    """The shape that `Dataset.insights["images"]` names."""
    return Shape(
        found["height"], found["width"], found.get("channels", 1), found.get("planar", False)
    )


def reshaped(found: dict[str, Any], shape: Shape) -> dict[str, Any]:
    return found | asdict(shape)


def problems(shape: Shape, count: int) -> dict[str, list[str]]:
    """Why `count` pixel columns cannot have `shape`, by field; empty when they can."""
    if shape.channels not in CHANNELS:
        return {"channels": ["1 (grey), 3 (colours) or 4 (colours and alpha) are possible."]}
    wrong = {
        name: [f"From 1 to {LARGEST:,}."]
        for name, value in (("height", shape.height), ("width", shape.width))
        if not 1 <= value <= LARGEST
    }
    if wrong or shape.values == count:
        return wrong
    product = f"{shape.height} × {shape.width} × {shape.channels} = {shape.values:,}"
    return {"height": [f"{product}, and there are {count:,} pixel columns."]}


def sheet_size(pictures: int, shape: Shape, *, across: int) -> tuple[int, int]:
    """Width and height in pixels of a sheet of so many pictures."""
    columns, rows = min(pictures, across), -(-pictures // across)
    return columns * (shape.width + GAP) - GAP, rows * (shape.height + GAP) - GAP


def levels(values: Pixels, *, low: float, high: float) -> Levels:
    """`low` becomes black (0) and `high` white (255); what is missing (NaN) becomes black."""
    import numpy as np

    scaled = (np.nan_to_num(values, nan=low) - low) * (255 / ((high - low) or 1))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def sheet(levels: Levels, shape: Shape, *, across: int) -> bytes:
    """A PNG of one picture for each row of `levels` (rows × pixel columns), `across` in a line."""
    from PIL import Image

    size = sheet_size(len(levels), shape, across=across)
    paper = Image.new("RGBA", size)
    for n, row in enumerate(levels):
        picture = Image.fromarray(_picture(row, shape), MODES[shape.channels])
        place = (n % across) * (shape.width + GAP), (n // across) * (shape.height + GAP)
        paper.paste(picture.convert("RGBA"), place)
    file = io.BytesIO()
    paper.save(file, "PNG", compress_level=6)
    return file.getvalue()


def _picture(row: Levels, shape: Shape) -> Levels:
    import numpy as np

    if shape.channels == 1:
        return row.reshape(shape.height, shape.width)
    if shape.planar:
        planes = row.reshape(shape.channels, shape.height, shape.width)
        return np.ascontiguousarray(planes.transpose(1, 2, 0))
    return row.reshape(shape.height, shape.width, shape.channels)

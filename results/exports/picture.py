"""A drawing as PNG: matplotlib's Agg canvas, without pyplot, which keeps state between threads."""

import io
from collections.abc import Mapping
from typing import Any

from results.exports import drawings
from results.exports.content import drawn
from results.exports.ink import rgb
from results.exports.plot import Box, Dot, Drawing, Line, Mark, Text

HEAD = 24.0  # points above the drawing
SCALE = 2  # pixels of a point
POINTS_PER_INCH = 72


def of(result: Mapping[str, Any], name: str) -> bytes:
    """The figure `name` of `result`; KeyError when it has none of that name."""
    labels = [drawn(label, result) for label in result["labels"]]
    return png(drawings.drawing(dict(result) | {"labels": labels}, name))


def png(drawing: Drawing) -> bytes:
    """On white under its title, twice as many pixels as points each way."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (drawing.width / POINTS_PER_INCH, (drawing.height + HEAD) / POINTS_PER_INCH)
    canvas: Any = FigureCanvasAgg(
        Figure(figsize=size, dpi=POINTS_PER_INCH * SCALE, facecolor="white")
    )
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawing.width), ylim=(drawing.height, -HEAD))
    axes.set_axis_off()
    for mark in (Text(8, -8, drawing.title, size=11, bold=True), *drawing.marks):
        _draw(axes, mark)
    out = io.BytesIO()
    # No date and no version: the same result gives the same bytes.
    about = {"Title": drawing.title, "Description": drawing.note, "Software": None}
    canvas.print_png(out, metadata=about)
    return out.getvalue()


def _draw(axes: Any, mark: Mark) -> None:
    if isinstance(mark, Line):
        style = (0, mark.dash) if mark.dash else "solid"
        xs, ys = [x for x, _ in mark.points], [y for _, y in mark.points]
        axes.plot(xs, ys, zorder=1, color=_colour(mark.tone), lw=mark.width, ls=style)
    elif isinstance(mark, Dot):
        axes.add_patch(_circle(mark))
    elif isinstance(mark, Box):
        axes.add_patch(_rectangle(mark))
    else:
        _write(axes, mark)


def _rectangle(mark: Box) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (mark.x, mark.y),
        mark.width,
        mark.height,
        facecolor=(*_colour(mark.tone), mark.opacity),
        edgecolor=_colour(mark.edge) if mark.edge else "none",
        linewidth=0.7,
    )


def _circle(mark: Dot) -> Any:
    from matplotlib.patches import Circle

    return Circle((mark.x, mark.y), mark.radius, facecolor=(*_colour(mark.tone), 0.7), linewidth=0)


def _write(axes: Any, mark: Text) -> None:
    sides = {"start": "left", "middle": "center", "end": "right"}
    # A turned text is anchored along its own line, as SVG does it.
    turned = {"rotation": 90, "rotation_mode": "anchor"} if mark.turned else {}
    axes.text(
        mark.x,
        mark.y,
        mark.text,
        fontsize=mark.size,
        color=_colour(mark.tone),
        ha=sides[mark.anchor],
        va="baseline",
        fontfamily="DejaVu Sans",
        fontweight="bold" if mark.bold else "normal",
        parse_math=False,
        **turned,
    )


def _colour(tone: str) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in rgb(tone))
    return red, green, blue

"""A figure laid out once, as lines, boxes, dots and texts: what SVG, PDF and PNG are drawn from.

Lengths are points from the top left corner; tones are names of the tokens in `tokens.css`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 480.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 26.0, 44.0
SMALL, NORMAL = 8.0, 9.0
WIDE = 0.6  # of the size: about what a letter of DejaVu Sans takes
LEGEND_ROW = 14.0
DASHES = ((), (6.0, 3.0), (2.0, 2.0), (8.0, 2.0, 2.0, 2.0))
TONES = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    points: list[Point]
    tone: str
    width: float = 1.5
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    tone: str
    edge: str = ""
    opacity: float = 1.0
    href: str = ""  # where it leads on a page
    title: str = ""


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    radius: float
    tone: str
    href: str = ""
    title: str = ""
    tag: str = ""  # a name by which a script finds it


@dataclass(frozen=True)
class Text:
    """`anchor` is start, middle or end; `turned` reads from bottom to top."""

    x: float
    y: float
    text: str
    size: float = NORMAL
    anchor: str = "start"
    tone: str = "ink"
    bold: bool = False
    turned: bool = False


Mark = Line | Box | Dot | Text


@dataclass(frozen=True)
class Frame:
    """Where values stand: the ranges of both axes, and the corners they reach."""

    xs: tuple[float, float]
    ys: tuple[float, float]
    left: float
    right: float
    top: float
    bottom: float

    def across(self, value: float) -> float:
        low, high = self.xs
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def up(self, value: float) -> float:
        low, high = self.ys
        return self.bottom + (value - low) / (high - low) * (self.top - self.bottom)


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    title: str
    note: str
    marks: list[Mark]
    frame: Frame | None = None  # of a chart with axes


@dataclass(frozen=True)
class Series:
    """`kind` is line, dots or bars; bars stand between `edges`, one more than `ys`."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    kind: str = "line"
    tone: str = "series-1"
    dash: tuple[float, ...] = ()
    radius: float = 2.5
    links: Sequence[str] = ()  # where each bar or dot leads, on a page
    titles: Sequence[str] = ()


@dataclass(frozen=True)
class Figure:
    """One chart in words and numbers; `note` says in plain words how to read it."""

    name: str
    title: str
    note: str
    x: str
    y: str
    series: list[Series]
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_percent: bool = False
    y_percent: bool = False
    x_names: list[str] = field(default_factory=list)  # instead of numbers: 0, 1, 2 ...


def tone(place: int) -> str:
    return f"series-{place % TONES + 1}"


def dash(place: int) -> tuple[float, ...]:
    """Those beside each other differ in more than colour."""
    return DASHES[place % len(DASHES)]


def draw(figure: Figure, *, width: float = WIDTH, height: float = HEIGHT) -> Drawing:
    """The figure with axes, ticks, grid and legend."""
    named = [one for one in figure.series if one.name]
    legend = named if len(named) > 1 else []
    rows, legend_marks = _legend(legend, width)
    top = TOP - LEGEND_ROW + rows * LEGEND_ROW
    left, right, bottom = LEFT, width - RIGHT, height - BOTTOM
    xs = figure.x_range or _span([x for one in figure.series for x in one.xs])
    bars = any(one.kind == "bars" for one in figure.series)
    ys = figure.y_range or _span([y for one in figure.series for y in one.ys], zero=bars)
    frame = Frame(xs, ys, left, right, top, bottom)
    across, up = frame.across, frame.up
    marks: list[Mark] = [*legend_marks]
    marks += _y_axis(figure, ys, up, left, right)
    marks += _x_axis(figure, xs, across, top, bottom)
    for one in figure.series:
        marks += _marks(one, across, up, up(max(ys[0], min(0.0, ys[1]))))
    marks.append(Text((left + right) / 2, height - 8, figure.x, anchor="middle", tone="ink-soft"))
    middle = (top + bottom) / 2
    room = 2 * min(middle, height - middle) / (WIDE * max(1, len(figure.y)))
    size = min(NORMAL, room)
    marks.append(Text(12, middle, figure.y, size, "middle", "ink-soft", turned=True))
    return Drawing(width, height, figure.title, figure.note, marks, frame)


def _legend(series: Sequence[Series], width: float) -> tuple[int, list[Mark]]:
    """How many rows the names take, and the names with a stroke as they are drawn."""
    if not series:
        return 0, []
    marks: list[Mark] = []
    x, row = LEFT, 0
    for one in series:
        name = shortened(one.name, 40)
        needs = 26 + len(name) * SMALL * WIDE
        if x > LEFT and x + needs > width - RIGHT:
            x, row = LEFT, row + 1
        y = 8 + row * LEGEND_ROW
        marks.append(_swatch(one, x, y))
        marks.append(Text(x + 22, y + 3, name, size=SMALL, tone="ink-soft"))
        x += needs + 10
    return row + 1, marks


def _swatch(one: Series, x: float, y: float) -> Mark:
    if one.kind == "line":
        return Line([(x, y), (x + 17, y)], one.tone, dash=one.dash)
    if one.kind == "dots":
        return Dot(x + 9, y, 3, one.tone)
    return Box(x + 2, y - 4, 14, 8, one.tone, opacity=0.6)


def shortened(text: str, most: int) -> str:
    """Without its middle: names often differ only at their ends."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def _span(values: Sequence[float], *, zero: bool = False) -> tuple[float, float]:
    """From the smallest to the largest with a little air; never empty."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    air = (high - low) * 0.04
    return (low if zero and low == 0 else low - air), (high if zero and high == 0 else high + air)


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round numbers from `low` to `high`."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [one * step for one in range(first, last + 1)]


def short(value: float, *, percent: bool = False) -> str:
    """A tick's number."""
    if percent:
        return f"{100 * value:.6g} %"
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:,.6g}"


def _y_axis(
    figure: Figure,
    span: tuple[float, float],
    up: Callable[[float], float],
    left: float,
    right: float,
) -> list[Mark]:
    marks: list[Mark] = []
    for value in ticks(*span):
        y = up(value)
        marks.append(Line([(left, y), (right, y)], "line", width=0.6))
        words = short(value, percent=figure.y_percent)
        marks.append(Text(left - 5, y + 3, words, SMALL, "end", "ink-soft"))
    return marks


def _x_axis(
    figure: Figure,
    span: tuple[float, float],
    across: Callable[[float], float],
    top: float,
    y: float,
) -> list[Mark]:
    if figure.x_names:
        step = max(1, math.ceil(len(figure.x_names) / 12))
        named = [(at, name) for at, name in enumerate(figure.x_names) if at % step == 0]
        labels = [(across(at), shortened(name, 12)) for at, name in named]
    else:
        found = ticks(*span)
        labels = [(across(value), short(value, percent=figure.x_percent)) for value in found]
    marks: list[Mark] = []
    for x, words in labels:
        if not figure.x_names:
            marks.append(Line([(x, top), (x, y)], "line", width=0.6))
        marks.append(Text(x, y + 12, words, SMALL, "middle", "ink-soft"))
    return marks


def _marks(
    one: Series, across: Callable[[float], float], up: Callable[[float], float], base: float
) -> list[Mark]:
    if one.kind == "line":
        points = [(across(x), up(y)) for x, y in zip(one.xs, one.ys, strict=True)]
        return [Line(points, one.tone, dash=one.dash)] if len(points) > 1 else []
    links = [*one.links, *[""] * (len(one.ys) - len(one.links))]
    titles = [*one.titles, *[""] * (len(one.ys) - len(one.titles))]
    more = [{"href": link, "title": title} for link, title in zip(links, titles, strict=True)]
    if one.kind == "dots":
        every = zip(one.xs, one.ys, more, strict=True)
        return [Dot(across(x), up(y), one.radius, one.tone, **told) for x, y, told in every]
    marks: list[Mark] = []
    for low, high, y, told in zip(one.xs[:-1], one.xs[1:], one.ys, more, strict=True):
        top, left = up(y), across(low)
        height, width = abs(base - top), max(0.5, across(high) - left - 0.8)
        if height:
            marks.append(Box(left, min(top, base), width, height, one.tone, opacity=0.6, **told))
    return marks

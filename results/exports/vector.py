"""A drawing as SVG that takes its colours from the page around it."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from results.exports.plot import Box, Dot, Drawing, Line, Mark, Point, Text


def svg(drawing: Drawing, *, name: str = "figure") -> str:
    """One `<svg>` element; `name` makes its ids unique in a page.

    What leads somewhere is not reached by keyboard: whoever links gives the same links as a table.
    """
    size = f"{_n(drawing.width)} {_n(drawing.height)}"
    role = "group" if any(_href(mark) for mark in drawing.marks) else "img"
    parts = [
        f'<svg class="plot" viewBox="0 0 {size}" role="{role}" aria-labelledby="{name}-t {name}-d"'
        f"{_frame(drawing)}>",
        f'<title id="{name}-t">{escape(drawing.title)}</title>',
        f'<desc id="{name}-d">{escape(drawing.note)}</desc>',
        *(_linked(mark) for mark in drawing.marks),
        "</svg>",
    ]
    return "\n".join(parts)


def _frame(drawing: Drawing) -> str:
    """Where a script finds the place of a value: low, high, and the lengths they stand at."""
    frame = drawing.frame
    if frame is None:
        return ""
    xs = " ".join(map(repr, (*frame.xs, frame.left, frame.right)))
    ys = " ".join(map(repr, (*frame.ys, frame.bottom, frame.top)))
    return f' data-x="{xs}" data-y="{ys}"'


def _href(mark: Mark) -> str:
    return mark.href if isinstance(mark, Box | Dot) else ""


def _linked(mark: Mark) -> str:
    title = mark.title if isinstance(mark, Box | Dot) else ""
    drawn = _mark(mark)
    if title:
        drawn = f"<g><title>{escape(title)}</title>{drawn}</g>"
    if href := _href(mark):
        return f'<a href={quoteattr(href)} tabindex="-1" aria-hidden="true">{drawn}</a>'
    return drawn


def _turns(points: Sequence[Point]) -> list[Point]:
    """Rounded, without those on a level or upright way to the next: a curve of steps has many."""
    kept: list[Point] = []
    for x, y in points:
        point = (round(x, 1), round(y, 1))
        if len(kept) > 1 and _is_between(kept[-2], kept[-1], point):
            kept.pop()
        if not kept or point != kept[-1]:
            kept.append(point)
    return kept


def _is_between(before: Point, middle: Point, after: Point) -> bool:
    """Whether `middle` lies on the level or upright way from `before` to `after`."""
    return any(
        before[level] == middle[level] == after[level]
        and min(before[way], after[way]) <= middle[way] <= max(before[way], after[way])
        for level, way in ((0, 1), (1, 0))
    )


def _mark(mark: Mark) -> str:
    if isinstance(mark, Line):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in _turns(mark.points))
        dashes = " ".join(_n(length) for length in mark.dash)
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        stroke = f'stroke="var(--{mark.tone})" stroke-width="{_n(mark.width)}"{dash}'
        return f'<polyline points="{points}" fill="none" {stroke}/>'
    if isinstance(mark, Box):
        place = f'x="{_n(mark.x)}" y="{_n(mark.y)}"'
        size = f'width="{_n(mark.width)}" height="{_n(mark.height)}"'
        edge = f' stroke="var(--{mark.edge})"' if mark.edge else ""
        opacity = f' fill-opacity="{mark.opacity}"' if mark.opacity < 1 else ""
        return f'<rect {place} {size} fill="var(--{mark.tone})"{opacity}{edge}/>'
    if isinstance(mark, Dot):
        place = f'cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}"'
        tag = f' class="{mark.tag}"' if mark.tag else ""
        return f'<circle{tag} {place} fill="var(--{mark.tone})" fill-opacity="0.7"/>'
    return _text(mark)


def _text(mark: Text) -> str:
    place = f'x="{_n(mark.x)}" y="{_n(mark.y)}"'
    turn = f' transform="rotate(-90 {_n(mark.x)} {_n(mark.y)})"' if mark.turned else ""
    weight = ' font-weight="600"' if mark.bold else ""
    look = f'font-size="{_n(mark.size)}" text-anchor="{mark.anchor}" fill="var(--{mark.tone})"'
    return f"<text {place} {look}{weight}{turn}>{escape(mark.text)}</text>"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

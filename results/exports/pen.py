"""A drawing on a page of a PDF: lines, boxes and dots as vectors, text as text."""

from typing import TYPE_CHECKING

from results.exports.ink import rgb
from results.exports.plot import Box, Dot, Drawing, Line, Mark, Text

if TYPE_CHECKING:
    from fpdf import FPDF

POINT = 25.4 / 72  # millimetres


def put(paper: "FPDF", drawing: Drawing, *, left: float, top: float, scale: float = POINT) -> None:
    """With its corner at `left`, `top`; `scale` is the millimetres that a point of it takes."""
    pen = _Pen(paper, left, top, scale)
    for mark in drawing.marks:
        pen.draw(mark)
    paper.set_dash_pattern()
    paper.set_line_width(0.2)


class _Pen:
    def __init__(self, paper: "FPDF", left: float, top: float, scale: float) -> None:
        self.paper, self.left, self.top, self.scale = paper, left, top, scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top + y * self.scale

    def draw(self, mark: Mark) -> None:
        if isinstance(mark, Line):
            self.line(mark)
        elif isinstance(mark, Box):
            self.box(mark)
        elif isinstance(mark, Dot):
            self.dot(mark)
        else:
            self.text(mark)

    def line(self, mark: Line) -> None:
        self.paper.set_draw_color(*rgb(mark.tone))
        self.paper.set_line_width(mark.width * self.scale)
        on, off = (*mark.dash, 0.0, 0.0)[:2]
        self.paper.set_dash_pattern(dash=on * self.scale, gap=off * self.scale)
        self.paper.polyline([self.at(x, y) for x, y in mark.points])

    def box(self, mark: Box) -> None:
        self.paper.set_dash_pattern()
        self.paper.set_fill_color(*rgb(mark.tone))
        if mark.edge:
            self.paper.set_draw_color(*rgb(mark.edge))
            self.paper.set_line_width(0.2)
        size = (mark.width * self.scale, mark.height * self.scale)
        with self.paper.local_context(fill_opacity=mark.opacity):
            self.paper.rect(*self.at(mark.x, mark.y), *size, "DF" if mark.edge else "F")

    def dot(self, mark: Dot) -> None:
        self.paper.set_fill_color(*rgb(mark.tone))
        x, y = self.at(mark.x, mark.y)
        with self.paper.local_context(fill_opacity=0.7):
            self.paper.circle(x=x, y=y, radius=mark.radius * self.scale, style="F")

    def text(self, mark: Text) -> None:
        self.paper.set_text_color(*rgb(mark.tone))
        self.paper.set_font("DejaVu", "B" if mark.bold else "", mark.size * self.scale / POINT)
        back = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
        shift = self.paper.get_string_width(mark.text) * back
        x, y = self.at(mark.x, mark.y)
        if not mark.turned:
            self.paper.text(x - shift, y, mark.text)
            return
        with self.paper.rotation(90, x, y):
            self.paper.text(x - shift, y, mark.text)

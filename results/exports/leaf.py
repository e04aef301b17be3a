"""What every PDF of ours is set with: headings in the outline, tables over pages, figure pairs."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from results.exports import pen
from results.exports.content import font
from results.exports.ink import rgb
from results.exports.pen import POINT
from results.exports.plot import Drawing
from results.matrix import shade

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN = 18.0  # millimetres
ROW = 5.6
HALF = (246.0, 170.0)  # points: two figures fill the width
BLOCK = 22.0  # millimetres: the heading, the note and the air of a figure
LAST = 1.6  # the column of sums is so many times as wide as one of counts
NAMED = 7  # classes whose names fit above their columns


def new(title: str, taken_at: str = "") -> "FPDF":
    """An empty document whose pages bear its title; `taken_at` is when its content was frozen."""
    from fpdf import FPDF

    class Paper(FPDF):
        def header(self) -> None:
            if self.page_no() > 1:
                small(self, title, "L")
                self.ln(8)

        def footer(self) -> None:
            self.set_y(-12)
            small(self, f"{self.page_no()} / {{nb}}", "R")

    paper = Paper(format="A4")
    paper.set_margins(MARGIN, MARGIN, MARGIN)
    paper.set_auto_page_break(True, margin=MARGIN)
    paper.add_font("DejaVu", "", font("DejaVuSans.ttf"))
    paper.add_font("DejaVu", "B", font("DejaVuSans-Bold.ttf"))
    paper.set_title(title)
    paper.set_lang("en")
    paper.set_creator("mlconsole")
    paper.set_producer("mlconsole")
    # A frozen result gives the same bytes whenever it is asked for.
    paper.set_creation_date(datetime.fromisoformat(taken_at) if taken_at else datetime.now(UTC))
    paper.add_page()
    return paper


def small(paper: "FPDF", text: str, align: str) -> None:
    ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 8)
    paper.cell(0, 4, cut(paper, text, paper.epw), align=align)


def ink(paper: "FPDF", tone: str) -> None:
    paper.set_text_color(*rgb(tone))


def cut(paper: "FPDF", text: str, width: float) -> str:
    """`text` as far as it goes into `width` in the font that is set."""
    if paper.get_string_width(text) <= width:
        return text
    while text and paper.get_string_width(f"{text}…") > width:
        text = text[: max(0, min(len(text) - 1, int(len(text) * 0.9)))]
    return f"{text}…"


@contextmanager
def section(paper: "FPDF", title: str, *, needs: float = 30) -> Iterator[None]:
    """A heading that is also in the outline, with `needs` millimetres below it on its page."""
    if paper.will_page_break(needs):
        paper.add_page()
    ink(paper, "ink")
    paper.set_font("DejaVu", "B", 12)
    paper.start_section(title, level=1)
    paper.cell(0, 8, title, new_x="LMARGIN", new_y="NEXT")
    yield
    paper.ln(6)


def table(
    paper: "FPDF",
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    widths: Sequence[float],
    *,
    words: Sequence[int] = (0,),
) -> None:
    """Rows over pages, the head on each; the columns at the places `words` stand left."""
    sides = ["L" if place in words else "R" for place in range(len(head))]
    columns = list(zip((width / sum(widths) * paper.epw for width in widths), sides, strict=True))
    _row(paper, head, columns, is_head=True)
    for row in rows:
        if paper.will_page_break(ROW):
            paper.add_page()
            _row(paper, head, columns, is_head=True)
        _row(paper, row, columns)


def _row(
    paper: "FPDF",
    cells: Sequence[str],
    columns: Sequence[tuple[float, str]],
    *,
    is_head: bool = False,
) -> None:
    ink(paper, "ink-soft" if is_head else "ink")
    paper.set_font("DejaVu", "B" if is_head else "", 8)
    paper.set_draw_color(*rgb("line"))
    for place, (text, (width, side)) in enumerate(zip(cells, columns, strict=True)):
        is_aside = place and side == "L" and paper.get_string_width(text) > width - 2
        paper.set_font_size(6.5 if is_aside else 8)
        paper.cell(width, ROW, cut(paper, text, width - 2), border="B", align=side)
    paper.ln(ROW)


def matrix(paper: "FPDF", labels: Sequence[str], confusion: Sequence[Sequence[int]]) -> None:
    """The whole matrix as a table; for at most some twenty classes."""
    many = len(labels)
    # Beside each other there is room for few names: more classes are numbered.
    heads = labels if many <= NAMED else [str(place + 1) for place in range(many)]
    names = [
        label if many <= NAMED else f"{place + 1} {label}" for place, label in enumerate(labels)
    ]
    widths = (42.0, min(26.0, (paper.epw - 42) / (many + LAST)))
    with section(paper, "Confusion matrix", needs=20 + ROW * (many + 2)):
        hint(paper, "Rows are what is true, columns what the model says; bold: right answers.")
        paper.set_draw_color(*rgb("line-strong"))
        _matrix_row(paper, ["Really is ↓", *heads, "All"], widths)
        for place, counts in enumerate(confusion):
            cells = [names[place], *(f"{count:,}" for count in counts), f"{sum(counts):,}"]
            _matrix_row(paper, cells, widths, counts=counts, hit=place)
        sums = [sum(column) for column in zip(*confusion, strict=True)]
        _matrix_row(paper, ["All", *(f"{one:,}" for one in sums), f"{sum(sums):,}"], widths)


def _matrix_row(
    paper: "FPDF",
    cells: Sequence[str],
    widths: tuple[float, float],
    *,
    counts: Sequence[int] = (),
    hit: int = -1,
) -> None:
    """A class's row with its `counts`, or without them the head or the sums."""
    ink(paper, "ink" if counts else "ink-soft")
    support = sum(counts)
    for place, text in enumerate(cells):
        is_count = 0 < place <= len(counts)
        count = counts[place - 1] if is_count else 0
        paper.set_fill_color(*rgb(f"shade-{shade(count, support)}"))
        bold = not counts or place in (0, hit + 1)
        width = widths[min(place, 1)] * (LAST if place == len(cells) - 1 else 1)
        paper.set_font("DejaVu", "B" if bold else "", 8.0 if width > 9 else 5.5)
        words = cut(paper, text, width - 0.6)
        align = "C" if place else "L"
        paper.cell(width, ROW + 0.6, words, border=1 if is_count else 0, align=align, fill=is_count)
    paper.ln(ROW + 0.6)


def hint(paper: "FPDF", text: str) -> None:
    ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 8)
    paper.multi_cell(0, 4.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(1)


def head(paper: "FPDF", title: str, facts: Sequence[str]) -> None:
    ink(paper, "ink")
    paper.set_font("DejaVu", "B", 20)
    paper.start_section(title)
    paper.multi_cell(0, 9, title, align="L", new_x="LMARGIN", new_y="NEXT")
    ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 9)
    paper.multi_cell(0, 6, ", ".join(facts), align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)


def say(paper: "FPDF", text: str, *, size: float = 10, bold: bool = False) -> None:
    """A paragraph."""
    ink(paper, "ink")
    paper.set_font("DejaVu", "B" if bold else "", size)
    paper.multi_cell(0, size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(1)


def figures(paper: "FPDF", drawn: Sequence[Drawing]) -> None:
    """Of the size HALF, two beside each other."""
    height = HALF[1] * POINT + BLOCK
    for start in range(0, len(drawn), 2):
        if paper.will_page_break(height):
            paper.add_page()
        top = paper.get_y()
        for place, drawing in enumerate(drawn[start : start + 2]):
            half(paper, drawing, left=paper.l_margin + place * HALF[0] * POINT, top=top)
        paper.set_xy(paper.l_margin, top + height)


def half(paper: "FPDF", drawing: Drawing, *, left: float, top: float) -> None:
    width = HALF[0] * POINT - 4
    paper.set_xy(left, top)
    paper.start_section(drawing.title, level=1)
    ink(paper, "ink")
    paper.set_font("DejaVu", "B", 10)
    paper.cell(width, 6, drawing.title)
    paper.set_xy(left, top + 6)
    ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 7.5)
    paper.multi_cell(width, 4, drawing.note, align="L")
    pen.put(paper, drawing, left=left, top=top + 19)

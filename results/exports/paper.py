"""A result as PDF: real text in embedded fonts, tables, figures as vectors, an outline.

It names nobody: title and numbers only.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from results.exports import drawings, pen
from results.exports.content import LARGE, Content, content, font, number, settable
from results.exports.ink import rgb
from results.exports.pen import POINT
from results.exports.plot import Drawing
from results.matrix import shade

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN = 18.0  # millimetres
HALF = (246.0, 170.0)  # points: two figures fill the width
CLUSTERS, SLICES = 200, 20
BLOCK = 22.0  # millimetres: the heading, the note and the air of a figure
NAMED = 7  # classes whose names fit above their columns
ROW = 5.6


def pdf(result: Mapping[str, Any], *, title: str) -> bytes:
    """The document. At most 1,000 classes, each a line of a table; figures have fixed sizes."""
    told = content(result, title=title, drawable=True)
    paper = _paper(told.title, result)
    _head(paper, told)
    _measures(paper, told)
    _matrix(paper, told)
    _figures(paper, result)
    _classes(paper, told)
    _mistakes(paper, told)
    _clusters(paper, told)
    _slices(paper, told)
    _numbers(paper, told)
    return bytes(paper.output())


def _paper(title: str, result: Mapping[str, Any]) -> "FPDF":
    from fpdf import FPDF

    class Paper(FPDF):
        def header(self) -> None:
            if self.page_no() > 1:
                _small(self, title, "L")
                self.ln(8)

        def footer(self) -> None:
            self.set_y(-12)
            _small(self, f"{self.page_no()} / {{nb}}", "R")

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
    taken = result.get("taken_at")
    paper.set_creation_date(datetime.fromisoformat(taken) if taken else datetime.now(UTC))
    paper.add_page()
    return paper


def _small(paper: "FPDF", text: str, align: str) -> None:
    _ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 8)
    paper.cell(0, 4, _cut(paper, text, paper.epw), align=align)


def _ink(paper: "FPDF", tone: str) -> None:
    paper.set_text_color(*rgb(tone))


def _cut(paper: "FPDF", text: str, width: float) -> str:
    """`text` as far as it goes into `width` in the font that is set."""
    if paper.get_string_width(text) <= width:
        return text
    while text and paper.get_string_width(f"{text}…") > width:
        text = text[: max(0, min(len(text) - 1, int(len(text) * 0.9)))]
    return f"{text}…"


def _head(paper: "FPDF", told: Content) -> None:
    _ink(paper, "ink")
    paper.set_font("DejaVu", "B", 20)
    paper.start_section(told.title)
    paper.multi_cell(0, 9, told.title, align="L", new_x="LMARGIN", new_y="NEXT")
    _ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 9)
    paper.multi_cell(0, 6, ", ".join(told.facts), align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    with _section(paper, "What it means"):
        for place, sentence in enumerate(told.sentences):
            paper.set_font("DejaVu", "B" if place == 0 else "", 12 if place == 0 else 10)
            paper.multi_cell(0, 6, sentence, align="L", new_x="LMARGIN", new_y="NEXT")
            paper.ln(1)


@contextmanager
def _section(paper: "FPDF", title: str, *, needs: float = 30) -> Iterator[None]:
    """A heading that is also in the outline, with `needs` millimetres below it on its page."""
    if paper.will_page_break(needs):
        paper.add_page()
    _ink(paper, "ink")
    paper.set_font("DejaVu", "B", 12)
    paper.start_section(title, level=1)
    paper.cell(0, 8, title, new_x="LMARGIN", new_y="NEXT")
    yield
    paper.ln(6)


def _table(
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
    _ink(paper, "ink-soft" if is_head else "ink")
    paper.set_font("DejaVu", "B" if is_head else "", 8)
    paper.set_draw_color(*rgb("line"))
    for place, (text, (width, side)) in enumerate(zip(cells, columns, strict=True)):
        is_aside = place and side == "L" and paper.get_string_width(text) > width - 2
        paper.set_font_size(6.5 if is_aside else 8)
        paper.cell(width, ROW, _cut(paper, text, width - 2), border="B", align=side)
    paper.ln(ROW)


def _measures(paper: "FPDF", told: Content) -> None:
    if not told.measures:
        return
    head = ("Metric", "Value", "95 % interval", "Guess", "Meaning")
    rows = (
        (one.label, one.text_value, one.between, one.text_baseline, one.hint or " ")
        for one in told.measures
    )
    with _section(paper, "In figures"):
        _table(paper, head, rows, (40, 16, 30, 16, 72), words=(0, 4))


def _matrix(paper: "FPDF", told: Content) -> None:
    if not told.fits:
        return
    many = len(told.labels)
    # Beside each other there is room for few names: more classes are numbered.
    heads = told.labels if many <= NAMED else [str(place + 1) for place in range(many)]
    names = [
        label if many <= NAMED else f"{place + 1} {label}"
        for place, label in enumerate(told.labels)
    ]
    widths = (42.0, min(26.0, (paper.epw - 42) / (many + 1)))
    with _section(paper, "Confusion matrix", needs=20 + ROW * (many + 2)):
        _hint(paper, "Rows are what is true, columns what the model says; bold: right answers.")
        paper.set_draw_color(*rgb("line-strong"))
        _matrix_row(paper, ["Really is ↓", *heads, "All"], widths)
        for place, counts in enumerate(told.confusion):
            cells = [names[place], *(f"{count:,}" for count in counts), f"{sum(counts):,}"]
            _matrix_row(paper, cells, widths, counts=counts, hit=place)
        sums = [sum(column) for column in zip(*told.confusion, strict=True)]
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
    _ink(paper, "ink" if counts else "ink-soft")
    support = sum(counts)
    for place, text in enumerate(cells):
        is_count = 0 < place <= len(counts)
        count = counts[place - 1] if is_count else 0
        paper.set_fill_color(*rgb(f"shade-{shade(count, support)}"))
        bold = not counts or place in (0, hit + 1)
        width = widths[min(place, 1)]
        paper.set_font("DejaVu", "B" if bold else "", 8.0 if width > 9 else 5.5)
        words = _cut(paper, text, width - 0.6)
        align = "C" if place else "L"
        paper.cell(width, ROW + 0.6, words, border=1 if is_count else 0, align=align, fill=is_count)
    paper.ln(ROW + 0.6)


def _hint(paper: "FPDF", text: str) -> None:
    _ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 8)
    paper.multi_cell(0, 4.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(1)


def _figures(paper: "FPDF", result: Mapping[str, Any]) -> None:
    """Two beside each other; a matrix too large for a table comes first and alone."""
    drawable = dict(result) | {"labels": [settable(str(label)) for label in result["labels"]]}
    names = drawings.names(result)
    if "matrix" in names:
        names.remove("matrix")
        if len(result["labels"]) > LARGE:
            _large_matrix(paper, drawings.drawing(drawable, "matrix"))
    for start in range(0, len(names), 2):
        pair = [
            drawings.drawing(drawable, name, width=HALF[0], height=HALF[1])
            for name in names[start : start + 2]
        ]
        if paper.will_page_break(HALF[1] * POINT + BLOCK):
            paper.add_page()
        top = paper.get_y()
        for place, drawing in enumerate(pair):
            _half(paper, drawing, left=paper.l_margin + place * HALF[0] * POINT, top=top)
        paper.set_xy(paper.l_margin, top + HALF[1] * POINT + BLOCK)


def _half(paper: "FPDF", drawing: Drawing, *, left: float, top: float) -> None:
    width = HALF[0] * POINT - 4
    paper.set_xy(left, top)
    paper.start_section(drawing.title, level=1)
    _ink(paper, "ink")
    paper.set_font("DejaVu", "B", 10)
    paper.cell(width, 6, drawing.title)
    paper.set_xy(left, top + 6)
    _ink(paper, "ink-soft")
    paper.set_font("DejaVu", "", 7.5)
    paper.multi_cell(width, 4, drawing.note, align="L")
    pen.put(paper, drawing, left=left, top=top + 19)


def _large_matrix(paper: "FPDF", drawing: Drawing) -> None:
    scale = min(POINT, paper.epw / drawing.width)
    with _section(paper, drawing.title, needs=drawing.height * scale + 20):
        _hint(paper, drawing.note)
        top = paper.get_y()
        pen.put(paper, drawing, left=paper.l_margin, top=top, scale=scale)
        paper.set_y(top + drawing.height * scale)


def _classes(paper: "FPDF", told: Content) -> None:
    if not told.classes:
        return
    head = ("Class", "Precision", "Recall", "F1", "There are", "It says")
    rows: list[Sequence[str]] = [
        (
            one.label,
            _share(one.score.precision if one.score.guessed else None),
            _share(one.score.recall if one.score.support else None),
            _share(one.score.f1),
            f"{one.score.support:,}",
            f"{one.score.guessed:,}",
        )
        for one in told.classes
    ]
    rows += [(one.label, *map(_share, one.values), "", "") for one in told.averages]
    with _section(paper, "By class"):
        _table(paper, head, rows, (64, 22, 22, 22, 22, 22))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _mistakes(paper: "FPDF", told: Content) -> None:
    if not told.mistakes:
        return
    rows = (
        (one.actual, one.predicted, f"{one.count:,}", _share(one.share)) for one in told.mistakes
    )
    with _section(paper, "Most frequent mistakes"):
        _table(
            paper,
            ("Really is", "Taken for", "Rows", "Of them"),
            rows,
            (60, 60, 26, 26),
            words=(0, 1),
        )


def _clusters(paper: "FPDF", told: Content) -> None:
    if not told.clusters:
        return
    rows = (
        (
            str(one["cluster"]),
            f"{one['rows']:,}",
            number(one["mean_distance"]),
            number(one["max_distance"]),
        )
        for one in told.clusters[:CLUSTERS]
    )
    with _section(paper, "Clusters"):
        head = ("Cluster", "Rows", "Mean distance", "Largest distance")
        _table(paper, head, rows, (40, 40, 40, 40))


def _slices(paper: "FPDF", told: Content) -> None:
    if not told.slices:
        return
    rows = (
        (
            settable(f"{one['column']} = {one['value']}"),
            f"{one['rows']:,}",
            str(one["metric"]),
            number(one["value_here"]),
            number(one["value_rest"]),
        )
        for one in told.slices[:SLICES]
    )
    with _section(paper, "Where it is weakest"):
        _table(
            paper, ("Rows with", "Rows", "Metric", "Here", "Elsewhere"), rows, (70, 20, 30, 25, 29)
        )


def _numbers(paper: "FPDF", told: Content) -> None:
    """Nothing is rounded here, and the model draws the line itself."""
    with _section(paper, "All numbers"):
        _table(paper, ("Metric, as the API names it", "Value"), told.exact, (90, 84))

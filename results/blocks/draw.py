"""What was taken for a block, made ready for a template."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from results import charts, matrix
from results.blocks.kinds import TABLES
from results.blocks.take import Taken
from results.exports import drawings, plot, vector
from results.matrix import Matrix

OVERLAYS = {"pr": drawings.pr_figure, "roc": drawings.roc_figure}


@dataclass(frozen=True)
class Cell:
    value: object
    format: str  # text, share, count or number
    is_best: bool = False


@dataclass(frozen=True)
class Drawn:
    """One block on a page; `data` is what was taken for it."""

    kind: str
    heading: str
    data: Taken
    matrix: Matrix | None = None
    columns: list[tuple[str, str]] = field(default_factory=list)  # (label, format)
    rows: list[list[Cell]] = field(default_factory=list)
    caption: str = ""
    svg: str = ""
    note: str = ""  # how the figure is read

    @property
    def title(self) -> str:
        """Nothing for a text that its author gave no heading."""
        return self.heading or self.caption

    @property
    def template(self) -> str:
        kind = "problem" if self.data.get("problem") else self.kind
        if kind == "matrix" and self.matrix is None:
            kind = "table"
        return f"results/_block_{kind}.html"


def drawn_all(blocks: Sequence[Taken]) -> list[Drawn]:
    """`blocks` as their templates want them. KeyError for what `blocks.taken` did not make."""
    return [_drawn(taken, f"figure-{place}") for place, taken in enumerate(blocks, start=1)]


def _drawn(taken: Taken, name: str) -> Drawn:
    more: dict[str, Any] = {}
    kind = taken["kind"]
    if taken.get("problem"):
        return Drawn(kind, taken["heading"], taken)
    if kind == "matrix" and "counts" in taken:
        more["caption"] = drawings.TITLES["matrix"]
        more["matrix"] = matrix.table(taken["labels"], taken["counts"], taken["view"])
    elif kind in ("table", "matrix"):
        more |= _table(taken)
    elif kind == "comparison":
        more |= _comparison(taken, name)
    elif kind == "curve":
        more |= _curve(taken, name)
    return Drawn(kind, taken["heading"], taken, **more)


def _table(taken: Taken) -> dict[str, Any]:
    columns = [(label, form) for label, form in taken["columns"]]
    rows = [
        [Cell(value, form) for value, (_, form) in zip(row, columns, strict=True)]
        for row in taken["rows"]
    ]
    caption = TABLES[taken.get("of", "mistakes")]
    return {"columns": columns, "rows": rows, "caption": caption}


def _comparison(taken: Taken, name: str) -> dict[str, Any]:
    columns = [("Metric", "text"), *((name, "number") for name in taken["names"])]
    rows = [
        [Cell(row["label"], "text")]
        + [
            Cell(value, row["format"], is_best=place == row["best"])
            for place, value in enumerate(row["values"])
        ]
        for row in taken["rows"]
    ]
    more = {"columns": columns, "rows": rows, "caption": "Metrics side by side"}
    if "results" not in taken:
        return more
    pairs = list(zip(taken["names"], taken["results"], strict=True))
    figure = OVERLAYS[taken["figure"]](pairs)
    drawing = plot.draw(figure, width=charts.WIDTH, height=charts.HEIGHT)
    return more | {"svg": vector.svg(drawing, name=name), "note": drawing.note}


def _curve(taken: Taken, name: str) -> dict[str, Any]:
    chart = charts.chart(taken["result"], taken["figure"], called=name)
    return {
        "columns": [(label, "number") for label in chart.columns],
        "rows": [[Cell(one.value, one.format) for one in row] for row in chart.rows],
        "caption": chart.title,
        "note": chart.note,
        "svg": chart.svg,
    }


def as_rows(taken: Taken) -> list[list[Any]]:
    """A block as the lines of a spreadsheet, its heading first; nothing for text and pictures."""
    if taken.get("problem") or taken["kind"] in ("text", "images"):
        return []
    return [[taken["heading"]], *_lines(taken), []]


def _lines(taken: Taken) -> list[list[Any]]:
    kind = taken["kind"]
    if kind == "metric":
        rows = [[one["label"], one["value"], one["baseline"]] for one in taken["figures"]]
        return [["Metric", "Value", "Constant guess"], *rows]
    if kind == "comparison":
        rows = [[row["label"], *row["values"]] for row in taken["rows"]]
        return [["Metric", *taken["names"]], *rows]
    if kind == "curve":
        chart = charts.chart(taken["result"], taken["figure"])
        return [chart.columns, *([cell.value for cell in row] for row in chart.rows)]
    if "counts" in taken:
        labels = [str(label) for label in taken["labels"]]
        rows = [[label, *row] for label, row in zip(labels, taken["counts"], strict=True)]
        return [["Really is \\ It says", *labels], *rows]
    return [[label for label, _ in taken["columns"]], *taken["rows"]]

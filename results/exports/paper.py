"""A result as PDF: real text in embedded fonts, tables, figures as vectors, an outline.

It names nobody: title and numbers only.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from results.exports import drawings, leaf, pen
from results.exports.content import LARGE, Content, content, number, settable
from results.exports.pen import POINT
from results.exports.plot import Drawing

if TYPE_CHECKING:
    from fpdf import FPDF

CLUSTERS, SLICES = 200, 20


def pdf(result: Mapping[str, Any], *, title: str) -> bytes:
    """The document. At most 1,000 classes, each a line of a table; figures have fixed sizes."""
    told = content(result, title=title, drawable=True)
    paper = leaf.new(told.title, result.get("taken_at") or "")
    _head(paper, told)
    _measures(paper, told)
    if told.fits:
        leaf.matrix(paper, told.labels, told.confusion)
    _figures(paper, result)
    _classes(paper, told)
    _mistakes(paper, told)
    _clusters(paper, told)
    _slices(paper, told)
    _numbers(paper, told)
    return bytes(paper.output())


def _head(paper: "FPDF", told: Content) -> None:
    leaf.head(paper, told.title, told.facts)
    with leaf.section(paper, "What it means"):
        for place, sentence in enumerate(told.sentences):
            leaf.say(paper, sentence, size=10 if place else 12, bold=not place)


def _measures(paper: "FPDF", told: Content) -> None:
    if not told.measures:
        return
    head = ("Metric", "Value", "95 % interval", "Guess", "Meaning")
    rows = (
        (one.label, one.text_value, one.between, one.text_baseline, one.hint or " ")
        for one in told.measures
    )
    with leaf.section(paper, "In figures"):
        leaf.table(paper, head, rows, (40, 16, 30, 16, 72), words=(0, 4))


def _figures(paper: "FPDF", result: Mapping[str, Any]) -> None:
    """Two beside each other; a matrix too large for a table comes first and alone."""
    drawable = dict(result) | {"labels": [settable(str(label)) for label in result["labels"]]}
    names = drawings.names(result)
    if "matrix" in names:
        names.remove("matrix")
        if len(result["labels"]) > LARGE:
            _large_matrix(paper, drawings.drawing(drawable, "matrix"))
    width, height = leaf.HALF
    leaf.figures(
        paper, [drawings.drawing(drawable, name, width=width, height=height) for name in names]
    )


def _large_matrix(paper: "FPDF", drawing: Drawing) -> None:
    scale = min(POINT, paper.epw / drawing.width)
    with leaf.section(paper, drawing.title, needs=drawing.height * scale + 20):
        leaf.hint(paper, drawing.note)
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
    with leaf.section(paper, "By class"):
        leaf.table(paper, head, rows, (64, 22, 22, 22, 22, 22))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _mistakes(paper: "FPDF", told: Content) -> None:
    if not told.mistakes:
        return
    rows = (
        (one.actual, one.predicted, f"{one.count:,}", _share(one.share)) for one in told.mistakes
    )
    with leaf.section(paper, "Most frequent mistakes"):
        leaf.table(
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
    with leaf.section(paper, "Clusters"):
        head = ("Cluster", "Rows", "Mean distance", "Largest distance")
        leaf.table(paper, head, rows, (40, 40, 40, 40))


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
    with leaf.section(paper, "Where it is weakest"):
        leaf.table(
            paper, ("Rows with", "Rows", "Metric", "Here", "Elsewhere"), rows, (70, 20, 30, 25, 29)
        )


def _numbers(paper: "FPDF", told: Content) -> None:
    """Nothing is rounded here, and the model draws the line itself."""
    with leaf.section(paper, "All numbers"):
        leaf.table(paper, ("Metric, as the API names it", "Value"), told.exact, (90, 84))

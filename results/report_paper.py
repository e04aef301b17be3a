"""A report of blocks as PDF: its texts as paragraphs, its curves as vectors."""

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.markdown import LIMIT
from results.blocks.draw import OVERLAYS
from results.exports import drawings, leaf, plot
from results.exports.content import LARGE, number, settable
from results.exports.plot import Drawing
from results.matrix import confusions

if TYPE_CHECKING:
    from fpdf import FPDF
    from markdown_it.token import Token

Shown = Mapping[str, Any]
PICTURE = 20.0  # millimetres
GAP = 1.5
MISTAKES = 25


def pdf(shown: Shown, *, title: str) -> bytes:
    """What `reports.shown` or a snapshot holds under `blocks`, in their order."""
    title = settable(title)
    taken_at = str(shown.get("taken_at") or "")
    paper = leaf.new(title, taken_at)
    leaf.head(paper, title, [f"as of {taken_at[:16].replace('T', ' ')} UTC"] if taken_at else [])
    for block in shown["blocks"]:
        put = KINDS[block["kind"]]
        if block.get("problem"):
            put = _problem
        if heading := settable(block.get("heading") or ""):
            with leaf.section(paper, heading):
                put(paper, block)
        else:
            put(paper, block)
            paper.ln(4)
    return bytes(paper.output())


def _problem(paper: "FPDF", block: Shown) -> None:
    leaf.hint(paper, settable(block["problem"]))


def _text(paper: "FPDF", block: Shown) -> None:
    for words, size, is_bold in _paragraphs(block["text"]):
        lines = map(settable, words.split("\n"))
        leaf.say(paper, "\n".join(lines), size=size, bold=is_bold)


def _paragraphs(text: str) -> Iterator[tuple[str, float, bool]]:
    """(words, size, whether bold) of Markdown without its marks."""
    from markdown_it import MarkdownIt

    marks, bullets = "", list[str]()
    for token in MarkdownIt("js-default", {"html": False}).disable("image").parse(text[:LIMIT]):
        if token.type == "heading_open":
            marks = token.tag
        elif token.type == "list_item_open":
            bullets.append(f"{token.info}." if token.info else "•")
        elif token.type == "inline":
            sign = f"{bullets.pop()} " if bullets else ""
            yield sign + _plain(token), 12.0 if marks else 10.0, bool(marks)
            marks = ""
        elif token.type in ("fence", "code_block"):
            yield token.content.rstrip(), 8.5, False


def _plain(token: "Token") -> str:
    breaks = ("softbreak", "hardbreak")
    return "".join(" " if one.type in breaks else one.content for one in token.children or [])


def _metric(paper: "FPDF", block: Shown) -> None:
    rows = []
    for one in block["figures"]:
        form, between = one["format"], "–"
        if one.get("interval"):
            low, high = one["interval"]
            between = f"{_cell(low, form).removesuffix(' %')} to {_cell(high, form)}"
        values = (_cell(one["value"], form), between, _cell(one["baseline"], form))
        rows.append((settable(one["label"]), *values, one["hint"] or " "))
    head = ("Metric", "Value", "95 % interval", "Guess", "Meaning")
    leaf.table(paper, head, rows, (40, 16, 30, 16, 72), words=(0, 4))


def _matrix(paper: "FPDF", block: Shown) -> None:
    if "counts" not in block:
        _table(paper, block)
        return
    labels = [settable(str(label)) for label in block["labels"]]
    if len(labels) <= LARGE:
        leaf.matrix(paper, labels, block["counts"])
        return
    found = confusions(labels, block["counts"], limit=MISTAKES)
    rows = [
        (one.actual, one.predicted, f"{one.count:,}", _cell(one.share, "share")) for one in found
    ]
    head = ("Really is", "Taken for", "Rows", "Of them")
    leaf.table(paper, head, rows, (60, 60, 26, 26), words=(0, 1))


def _curve(paper: "FPDF", block: Shown) -> None:
    result = block["result"]
    labels = [settable(str(label)) for label in result.get("labels", [])]
    width, height = leaf.HALF
    result = {**result, "labels": labels}
    drawn = drawings.drawing(result, block["figure"], width=width, height=height)
    leaf.figures(paper, [drawn])


def _table(paper: "FPDF", block: Shown) -> None:
    columns = block["columns"]
    rows = [
        [_cell(value, form) for value, (_, form) in zip(row, columns, strict=True)]
        for row in block["rows"]
    ]
    words = [place for place, (_, form) in enumerate(columns) if form == "text"]
    widths = [40 if form == "text" else 24 for _, form in columns]
    leaf.table(paper, [label for label, _ in columns], rows, widths, words=words)


def _comparison(paper: "FPDF", block: Shown) -> None:
    for sentence in block.get("sentences", []):
        leaf.say(paper, settable(sentence))
    names = [settable(name) for name in block["names"]]
    rows = []
    for row in block["rows"]:
        cells = [
            f"{_cell(value, row['format'])}{' ★' if place == row['best'] else ''}"
            for place, value in enumerate(row["values"])
        ]
        rows.append([settable(row["label"]), *cells])
    leaf.table(paper, ["Metric", *names], rows, [50, *(30 for _ in names)])
    if "results" in block:
        paper.ln(4)
        leaf.figures(paper, [_overlay(names, block)])


def _overlay(names: Sequence[str], block: Shown) -> Drawing:
    figure = OVERLAYS[block["figure"]](list(zip(names, block["results"], strict=True)))
    return plot.draw(figure, width=leaf.HALF[0], height=leaf.HALF[1])


def _images(paper: "FPDF", block: Shown) -> None:
    actual, predicted = settable(block["actual"]), settable(block["predicted"])
    is_hit = actual == predicted
    told = f"{actual}, recognised as such" if is_hit else f"Really {actual}, taken for {predicted}"
    leaf.hint(paper, told)
    across = int(paper.epw // (PICTURE + GAP))
    for start in range(0, len(block["pictures"]), across):
        if paper.will_page_break(PICTURE + GAP):
            paper.add_page()
        top = paper.get_y()
        for place, picture in enumerate(block["pictures"][start : start + across]):
            image = io.BytesIO(base64.b64decode(picture["src"].partition(",")[2]))
            left = paper.l_margin + place * (PICTURE + GAP)
            paper.image(image, x=left, y=top, w=PICTURE, alt_text=picture["alt"])
        paper.set_xy(paper.l_margin, top + PICTURE + GAP)


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "–"
    if form == "share":
        return f"{100 * value:.1f} %"
    if form == "count":
        return f"{value:,}"
    return number(value) if form == "number" else settable(str(value))


KINDS: dict[str, Callable[["FPDF", Shown], None]] = {
    "text": _text,
    "metric": _metric,
    "matrix": _matrix,
    "curve": _curve,
    "table": _table,
    "images": _images,
    "comparison": _comparison,
}

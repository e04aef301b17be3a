"""A result as files, from the mapping that pages and shared links are drawn from, too.

Pure: no database, no AWS, no request. The libraries that write files are loaded when one is asked
for. The mapping is `Evaluation.result` or the snapshot of a share.
"""

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]

TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


def make(kind: str, result: Result, *, title: str) -> bytes:
    """The file of `kind`, one of `TYPES`; KeyError for another one."""
    makers = {"pdf": pdf, "html": html, "json": json, "csv": csv}
    return makers[kind](result, title=title)


def pdf(result: Result, *, title: str) -> bytes:
    """A document to print and to send: the summary first, then figures and tables."""
    from results.exports import paper

    return paper.pdf(result, title=title)


def html(result: Result, *, title: str) -> bytes:
    """One file that needs no other: styles inside, no scripts, figures as SVG."""
    from results.exports.webpage import html as page

    return page(result, title=title)


def json(result: Result, *, title: str) -> bytes:
    """The mapping itself under its title."""
    from results.exports import tables

    return tables.as_json(result, title=title)


def csv(result: Result, *, title: str) -> bytes:
    """Metrics, the confusion matrix and the classes as one table of cells."""
    from results.exports import tables

    return tables.as_csv(result, title=title)


def figures(result: Result) -> dict[str, str]:
    """The names of the figures that `result` has, and their titles."""
    from results.exports import drawings as known

    return {name: known.title(name) for name in known.names(result)}


def png(result: Result, name: str) -> bytes:
    """One figure as a picture; KeyError for one that `result` does not have."""
    from results.exports import picture

    return picture.of(result, name)


def svg(result: Result, name: str) -> str:
    """One figure as an SVG element in the colours of the page around it; KeyError as above."""
    from results.exports import drawings as known
    from results.exports import vector

    return vector.svg(known.drawing(result, name), name=name)

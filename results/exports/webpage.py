"""A result as one HTML file: styles and figures inside, no scripts, nothing that is loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from results import matrix
from results.exports import drawings, vector
from results.exports.content import content

STYLES = Path(__file__).parents[2] / "static" / "css"
SHEETS = ("tokens.css", "matrix.css", "public.css", "export.css")
CLUSTERS, SLICES = 1_000, 50


def html(result: Mapping[str, Any], *, title: str) -> bytes:
    """The page, in UTF-8. Light and dark follow the reader's system; it prints in light."""
    told = content(result, title=title)
    names = [name for name in drawings.names(result) if name != "matrix" or not told.fits]
    context = {
        "told": told,
        "styles": mark_safe(styles()),  # noqa: S308 (our own files)
        "matrix": matrix.table(told.labels, told.confusion, "counts") if told.fits else None,
        "figures": [_figure(result, name) for name in names],
        "clusters": told.clusters[:CLUSTERS],
        "slices": told.slices[:SLICES],
    }
    return render_to_string("results/export.html", context).encode()


def styles() -> str:
    return "\n".join((STYLES / name).read_text() for name in SHEETS)


def _figure(result: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = drawings.drawing(result, name, width=400, height=260)
    # Every text in it was escaped there.
    svg = mark_safe(vector.svg(found, name=name))  # noqa: S308
    return {"title": found.title, "note": found.note, "svg": svg}

"""What a link shows, as files: the same numbers, and no more than it shows."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from core.cells import inert
from results import blocks, exports, report_paper
from results.exports import webpage

Shown = Mapping[str, Any]
KINDS = {"pdf": "PDF", "html": "web page", "csv": "table (CSV)", "json": "numbers (JSON)"}


@dataclass(frozen=True)
class File:
    content: bytes
    content_type: str
    extension: str


def forms(shown: Shown) -> dict[str, str]:
    """The files there are of what is shown: what each is called, by its name in an address."""
    if "blocks" not in shown:
        pictures = exports.figures(shown)
        return KINDS | {f"png-{name}": f"{title} (PNG)" for name, title in pictures.items()}
    drawn = [one for one in shown["blocks"] if one["kind"] == "curve" and "result" in one]
    return KINDS | {
        f"png-{one['figure']}": f"{blocks.CURVES[one['figure']]} (PNG)" for one in drawn
    }


def made(form: str, shown: Shown, *, title: str) -> File:
    """KeyError unless `form` is one of `forms`."""
    if form.startswith("png-"):
        return File(_png(form.removeprefix("png-"), shown), "image/png", "png")
    if "blocks" not in shown:
        content = exports.make(form, shown, title=title)
    else:
        content = {"pdf": _pdf, "html": _html, "csv": _csv, "json": _json}[form](shown, title)
    return File(content, exports.TYPES[form], form)


def _pdf(shown: Shown, title: str) -> bytes:
    return report_paper.pdf(shown, title=title)


def _png(figure: str, shown: Shown) -> bytes:
    """Of several blocks with this curve: the first one."""
    if "blocks" in shown:
        shown = next(one["result"] for one in shown["blocks"] if one.get("figure") == figure)
    return exports.png(shown, figure)


def _json(shown: Shown, title: str) -> bytes:
    known = {**shown, "title": title}
    return json.dumps(known, indent=1, ensure_ascii=False, allow_nan=False).encode()


def _csv(shown: Shown, _: str) -> bytes:
    """Every block that is a table, one below the other, each under its heading."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for block in shown["blocks"]:
        for row in blocks.as_rows(block):
            writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode()


def _html(shown: Shown, title: str) -> bytes:
    """One file that needs no other: styles inside, no scripts."""
    styles = "\n".join([webpage.styles(), (webpage.STYLES / "blocks.css").read_text()])
    context = {
        "title": title,
        "styles": mark_safe(styles),  # noqa: S308 (our own files)
        "drawn": blocks.drawn_all(shown["blocks"]),
        "taken_at": shown["taken_at"][:16].replace("T", " "),
    }
    return render_to_string("results/export_blocks.html", context).encode()

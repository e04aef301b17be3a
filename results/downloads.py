"""What a link shows, as files: the same numbers, and no more than it shows."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.cells import inert
from results import blocks

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class File:
    content: bytes
    content_type: str
    extension: str


def forms(shown: Shown) -> dict[str, str]:
    """The files there are of what is shown, and what each is called."""
    return {"json": "Numbers (JSON)", "csv": "Table (CSV)"}


def made(form: str, shown: Shown, *, title: str) -> File:
    if form == "json":
        return File(_json(shown, title), "application/json", "json")
    return File(_csv(shown), "text/csv; charset=utf-8", "csv")


def _json(shown: Shown, title: str) -> bytes:
    return json.dumps({"title": title} | dict(shown), indent=1, ensure_ascii=False).encode()


def _csv(shown: Shown) -> bytes:
    """Every block that is a table, one below the other, each under its heading."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for block in shown.get("blocks") or _as_blocks(shown):
        for row in blocks.as_rows(block):
            writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode()


def _as_blocks(result: Shown) -> list[blocks.Taken]:
    """What the page of a whole result shows as tables."""
    wishes = [
        {"kind": "metric", "heading": "In figures"},
        {"kind": "matrix", "heading": "Confusion matrix", "view": "counts"},
        {"kind": "table", "heading": "By class", "of": "classes"},
    ]
    return [blocks.taken(wish | {"evaluation": "it"}, {"it": result}) for wish in wishes]

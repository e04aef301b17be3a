"""CSV as Amazon's algorithms read it: no header, the label (if any) first, nothing quoted."""

from __future__ import annotations

from collections.abc import Sequence

from datasets.writing.rows import LABEL, Unwritable

Cells = Sequence[Sequence[str]]


def labelled(labels: Sequence[str], rows: Cells) -> bytes:
    """The cells as they are spelt. Unwritable for one that would need quotes."""
    lines = (f"{label},{','.join(row)}" for label, row in zip(labels, rows, strict=True))
    return _checked("\n".join(lines), labels, rows, commas=len(rows[0]) if rows else 0)


def unlabelled(_labels: object, rows: Cells) -> bytes:
    """The same without the labels."""
    lines = map(",".join, rows)
    return _checked("\n".join(lines), None, rows, commas=len(rows[0]) - 1 if rows else 0)


def _checked(text: str, labels: Sequence[str] | None, rows: Cells, *, commas: int) -> bytes:
    """Counting is a thousand times as fast as looking at every cell, so cells come second."""
    if not rows:
        return b""
    is_plain = text.count(",") == commas * len(rows) and text.count("\n") == len(rows) - 1
    if not is_plain or '"' in text or "\r" in text:
        _refuse(labels, rows)
    return text.encode() + b"\n"


def _refuse(labels: Sequence[str] | None, rows: Cells) -> None:
    for number, row in enumerate(rows):
        cells = list(enumerate(row))
        if labels is not None:
            cells.insert(0, (LABEL, labels[number]))
        for column, cell in cells:
            if any(mark in cell for mark in ',"\r\n'):
                raise Unwritable(number, column, cell, "has a comma, a quote or a line end")
    raise ValueError("the rows differ in length")

"""BlazingText: a sentence a line, `__label__x` before it, everything between spaces a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datasets.writing.rows import LABEL, Unwritable

MARK = "__label__"


def sentences(labels: Sequence[str] | None, rows: Sequence[str]) -> bytes:
    """Unwritable for a label that is not one word.

    White space of any kind parts words; a word of the text that looks like a label loses its mark,
    for the algorithm would learn it as one.
    """
    if labels is None:
        return "".join(f"{_plain(row)}\n" for row in rows).encode()
    return "".join(_lines(labels, rows)).encode()


def _lines(labels: Sequence[str], rows: Sequence[str]) -> Iterator[str]:
    for number, (label, row) in enumerate(zip(labels, rows, strict=True)):
        if len(label.split()) != 1 or label != label.strip():
            raise Unwritable(number, LABEL, label, "must be one word")
        yield f"{MARK}{label} {_plain(row)}".rstrip() + "\n"


def _plain(text: str) -> str:
    words = text.split()
    if MARK in text:
        words = [word.removeprefix(MARK) if word != MARK else "" for word in words]
    return " ".join(filter(None, words))

"""Whether a chunk of delimited text is what every parser reads alike, and what it then holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets.formats.sniff import MAX_LINE, Dialect

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.intp]
    Bytes = npt.NDArray[np.uint8]

WINDOW = 2**18  # bytes that are counted at a time: they stay in the processor's cache
SPACE, NEWLINE, QUOTE = 32, 10, 34
BOM = b"\xef\xbb\xbf"
UTF8 = ("utf-8", "utf-8-sig")
# Line ends, delimiters and quotes are the same bytes in these as in ASCII.
ENCODINGS = (*UTF8, "cp1252", "latin-1", "iso-8859-15", "ascii")


@dataclass(frozen=True)
class Chunk:
    """UTF-8 text of `rows` records without blank lines, of one width unless polars objects."""

    text: bytes
    rows: int
    lines: int  # line ends in the file, also of blank lines and inside cells
    quoted: bool  # else a quote is a character like any other
    stripped: bool  # no cell has white space around it


def whole_records(data: bytes, dialect: Dialect) -> int:
    """How much of `data` ends with the last record that is whole; 0 when that cannot be told."""
    if not dialect.quote or b'"' not in data:
        return data.rfind(b"\n") + 1
    import numpy as np

    view = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(view == QUOTE)
    if _literal(view, quotes, ord(dialect.delimiter)):
        return data.rfind(b"\n") + 1
    ends = np.flatnonzero(view == NEWLINE)
    outside = ends[~_inside(ends, quotes)]
    return int(outside[-1]) + 1 if len(outside) else 0


def checked(data: bytes, dialect: Dialect, width: int) -> Chunk | None:
    """`data`, whole lines, as a chunk; None when anything in it leaves a doubt.

    Then only csv.reader says what the lines mean, or what is wrong with them, and where.
    """
    import numpy as np

    if not data:
        return Chunk(b"", 0, 0, quoted=False, stripped=True)
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    if _has_long_line(data):
        return None
    text = _utf8(data, dialect.encoding)
    if text is None:
        return None
    if dialect.quote and b'"' in text:
        view = np.frombuffer(text, np.uint8)
        quotes = np.flatnonzero(view == QUOTE)
        if not _literal(view, quotes, ord(dialect.delimiter)):
            return _quoted(text, view, quotes, dialect.delimiter, width)
    return _plain(text, dialect.delimiter, width)


def _plain(text: bytes, delimiter: str, width: int) -> Chunk | None:
    """A chunk whose quotes, if any, mean nothing.

    Polars says when a line has too many cells; one with too few then shows in the sum.
    """
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    if not text.endswith(b"\n"):
        text += b"\n"
    lines, delimiters, low = _counted(text, ord(delimiter))
    rows = lines
    if delimiters != rows * (width - 1) or width == 1:
        text = _without_blank_lines(text)
        rows, delimiters, low = _counted(text, ord(delimiter))
    if delimiters != rows * (width - 1) or (low != rows and b"\0" in text):
        return None
    if text.startswith(BOM):  # which polars would take off
        return None
    spaces = low - rows - (delimiters if ord(delimiter) <= SPACE else 0)
    return Chunk(text, rows, lines, quoted=False, stripped=not spaces and text.isascii())


def _without_blank_lines(text: bytes) -> bytes:
    while b"\n\n" in text:
        text = text.replace(b"\n\n", b"\n")
    return text.removeprefix(b"\n")


def _quoted(text: bytes, view: Bytes, quotes: Places, delimiter: str, width: int) -> Chunk | None:
    """A chunk in which each quote opens or closes a cell, or is one of two in one."""
    import numpy as np

    well = len(quotes) % 2 == 0 and _well_placed(view, quotes, ord(delimiter))
    if not well or b"\0" in text or text.startswith(BOM):
        return None
    lines = np.flatnonzero(view == NEWLINE)
    ends = lines[~_inside(lines, quotes)]
    starts = np.concatenate([[0], ends + 1])
    starts = starts[starts < len(view)]
    if np.isin(view[starts], (10, 13)).any():  # a blank line
        return None
    found = np.flatnonzero(view == ord(delimiter))
    found = found[~_inside(found, quotes)]
    before = np.searchsorted(found, np.append(starts[1:], len(view)))
    if (before != np.arange(1, len(starts) + 1) * (width - 1)).any():
        return None
    # A cell cannot be longer than its record.
    if np.diff(starts, append=len(view)).max(initial=0) > MAX_LINE:
        return None
    return Chunk(text, len(starts), len(lines), quoted=True, stripped=False)


def _well_placed(view: Bytes, quotes: Places, delimiter: int) -> bool:
    """Whether every first quote begins a cell and every second ends one, but for doubled ones."""
    import numpy as np

    before = np.where(quotes[::2] > 0, view[quotes[::2] - 1], NEWLINE)
    after_last = np.minimum(quotes[1::2] + 1, len(view) - 1)
    after = np.where(quotes[1::2] + 1 < len(view), view[after_last], NEWLINE)
    opens = np.isin(before, (delimiter, NEWLINE, QUOTE))
    closes = np.isin(after, (delimiter, NEWLINE, 13, QUOTE))
    return bool(opens.all() and closes.all())


def _literal(view: Bytes, quotes: Places, delimiter: int) -> bool:
    """Whether no quote begins a cell: all are characters then."""
    import numpy as np

    if quotes[0] == 0:
        return False
    return not np.isin(view[quotes - 1], (delimiter, NEWLINE)).any()


def _inside(places: Places, quotes: Places) -> npt.NDArray[np.bool_]:
    """Which of the places lie between a first and a second quote."""
    import numpy as np

    found: npt.NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 1
    return found


def _utf8(data: bytes, encoding: str) -> bytes | None:
    if data.isascii():
        return data
    try:
        decoded = data.decode("utf-8" if encoding in UTF8 else encoding)
    except UnicodeDecodeError:
        return None
    return data if encoding in UTF8 else decoded.encode()


def _has_long_line(data: bytes) -> bool:
    """Whether a line may have more than `MAX_LINE` bytes."""
    step = MAX_LINE // 2
    return any(
        data.find(b"\n", start, start + step) < 0 for start in range(0, len(data) - step, step)
    )


def _counted(text: bytes, delimiter: int) -> tuple[int, int, int]:
    """How many line ends, delimiters, and bytes up to a space there are."""
    import numpy as np

    view = np.frombuffer(text, np.uint8)
    ends = delimiters = low = 0
    for start in range(0, len(view), WINDOW):
        part = view[start : start + WINDOW]
        ends += int(np.count_nonzero(part == NEWLINE))
        delimiters += int(np.count_nonzero(part == delimiter))
        low += int(np.count_nonzero(part <= SPACE))
    return ends, delimiters, low

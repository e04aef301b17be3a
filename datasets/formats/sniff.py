"""What a text of a table is, from its first bytes: encoding, delimiter, header."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_COLUMNS = 2_000
MAX_LINE = 2**20  # characters; also the most that one quoted cell may hold
HEAD_BYTES = 2 * MAX_LINE  # what `inspect` wants to see of a longer file
SAMPLE_RECORDS = 50
SAMPLE_CHARACTERS = 2**16
DELIMITERS = ",;\t|"
# A cell that begins and ends with the quote, between delimiters or line ends.
QUOTED = {
    quote: re.compile(
        rf"(?m)(?:^|[{DELIMITERS}]){quote}[^{quote}\n]*{quote}(?=[{DELIMITERS}\r\n]|$)"
    )
    for quote in "\"'"
}
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"})

UTF16_HINT = "Save it as UTF-8 (in Excel: “CSV UTF-8”) and upload it again."
CONTROLS = bytes(set(range(1, 32)) - {9, 10, 12, 13, 27})
MAGICS = {
    b"%PDF": ("a PDF", "Export the table as CSV."),
    b"\x89PNG": ("a PNG image", "Upload a table as CSV, or images as IDX or NPZ."),
    b"\xff\xd8\xff": ("a JPEG image", "Upload a table as CSV, or images as IDX or NPZ."),
    b"SQLite format 3": ("an SQLite database", "Export the table as CSV."),
    b"\x89HDF": ("an HDF5 file", "Write it as Parquet or CSV."),
    b"BZh": ("compressed with bzip2", "Use gzip, or no compression."),
    b"\xfd7zXZ": ("compressed with xz", "Use gzip, or no compression."),
    b"(\xb5/\xfd": ("compressed with zstd", "Use gzip, or no compression."),
    b"\x7fELF": ("a program", "Upload a table as CSV."),
}

# Python's own limit would refuse cells above 128 KB.
csv.field_size_limit(MAX_LINE)


class BadTable(ValueError):
    """The file cannot be used; `message` names the place, `hint` the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NoRows(BadTable):
    """There is nothing in the file, or nothing but names."""


@dataclass(frozen=True)
class Dialect:
    """How to read a file: `encoding` is a Python codec, `compression` is "", "gzip" or "zip".

    `quote` stands around a cell that holds the delimiter or a line end; "" when none does.
    """

    delimiter: str
    encoding: str
    header: bool = True
    compression: str = ""
    format: str = "csv"
    quote: str = '"'


def inspect(head: bytes, *, complete: bool) -> Dialect:
    """The dialect of the delimited text that begins with `head` (all of it when `complete`).

    BadTable for what can be refused without reading on: an empty or binary file, UTF-16, NULs, a
    header without rows, bad names, too many columns, a line above `MAX_LINE`.
    """
    if len(head) > HEAD_BYTES:
        head, complete = head[:HEAD_BYTES], False
    encoding = encoding_of(head, complete=complete)
    text = codecs.getincrementaldecoder(encoding)("strict").decode(head, final=complete)
    if not text.strip():
        raise NoRows("The file is empty.", "Choose a file with a header line and rows.")
    text = _whole_lines(text, complete=complete)
    quote = _quote(text[:SAMPLE_CHARACTERS])
    delimiter, records = _delimited(text, quote)
    header = has_header(records)
    if header:
        check_names(named(records[0]))
    if len(records) < 2 and complete:
        raise NoRows("The file has one line: a header, and no rows below it.")
    return Dialect(delimiter, encoding, header, quote=quote)


def encoding_of(head: bytes, *, complete: bool) -> str:
    """The codec of the text that begins with `head`; BadTable unless it is a text."""
    _refuse_binary(head)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, final=complete)
    except UnicodeDecodeError:
        return single_byte_encoding(head)
    return "utf-8"


def single_byte_encoding(head: bytes) -> str:
    """cp1252 (Windows, a superset of printable Latin-1), or Latin-1 where cp1252 has a hole."""
    try:
        head.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _refuse_binary(head: bytes) -> None:
    for magic, (kind, hint) in MAGICS.items():
        if head.startswith(magic):
            raise BadTable(f"This is {kind}, not a table of text.", hint)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _is_bare_utf16(head):
        raise BadTable("The file is encoded as UTF-16.", UTF16_HINT)
    controls = len(head) - len(head.translate(None, CONTROLS))
    if controls * 200 > len(head) or head.count(0) * 4 > len(head) > 0:
        raise BadTable("This is a binary file, not a table of text.", "Upload CSV or TSV.")
    if (place := head.find(0)) >= 0:
        raise nul_at(head.count(b"\n", 0, place) + 1, place - head.rfind(b"\n", 0, place))


def _is_bare_utf16(head: bytes) -> bool:
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = max(1, min(len(head), 4096) // 2)
    return max(even, odd) > 0.7 * half and min(even, odd) < 0.05 * half


def nul_at(line: int, byte: int) -> BadTable:
    hint = f"It is byte {byte:,} of the line. Remove it: text has none."
    return BadTable(f"Line {line} contains a NUL byte.", hint)


def too_long(line: int) -> BadTable:
    return BadTable(
        f"Line {line} is longer than {MAX_LINE:,} characters.",
        "Check the line ends, and that every quote that opens also closes.",
    )


def ragged(line: int, *, expected: int, found: int) -> BadTable:
    first = f"Column {found + 1} has none. " if found < expected else ""
    return BadTable(
        f"Line {line} has {found} field{'' if found == 1 else 's'}; expected {expected}.",
        f"{first}Every line needs as many fields as the first. A field that holds the delimiter or "
        "a line end must be quoted.",
    )


def _whole_lines(text: str, *, complete: bool) -> str:
    """`text` without its last line, if that may go on beyond the head."""
    if complete:
        return text
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    if not end:
        widest = max(text.count(delimiter) for delimiter in DELIMITERS) + 1
        raise too_many_columns(widest, "at least ") if widest > MAX_COLUMNS else too_long(1)
    return text[:end]


def _quote(text: str) -> str:
    """Single quotes when whole cells stand in them and none in double ones."""
    return "'" if QUOTED["'"].search(text) and not QUOTED['"'].search(text) else '"'


def _delimited(text: str, quote: str) -> tuple[str, list[list[str]]]:
    """The delimiter whose records agree best with the first one, and those records."""
    found = {delimiter: _records(text, delimiter, quote) for delimiter in DELIMITERS}

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(record) for record in found[delimiter]]
        return (widths.count(widths[0]) / len(widths) if widths[0] > 1 else 0.0), widths[0]

    best = max(DELIMITERS, key=score)
    return best, found[best]


def _records(text: str, delimiter: str, quote: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    records: list[list[str]] = []
    last = 0
    try:
        for record in reader:
            last = reader.line_num
            if record:
                records.append(record)
            if len(records) == SAMPLE_RECORDS:
                break
    except csv.Error as error:
        raise too_long(last + 1) from error
    return records


def has_header(records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names columns: no column is a number in it and below it."""
    first, rest = records[0], [r for r in records[1:] if len(r) == len(records[0])]
    if not rest:
        return True
    return not any(
        is_number(name) and all(is_number(row[i]) or row[i].strip() in MISSING for row in rest)
        for i, name in enumerate(first)
    )


def numbered(width: int) -> list[str]:
    """The names of the columns of a table without a header."""
    return [f"column_{number}" for number in range(1, width + 1)]


def is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf") and "_" not in text
    except ValueError:
        return False


def named(header: Sequence[str]) -> list[str]:
    """The names in a header; a first column without one, as pandas writes its index, gets one."""
    names = [name.strip() for name in header]
    if len(names) > 1 and not names[0]:
        names[0] = "index" if "index" not in names else "column_1"
    return names


def check_names(names: Sequence[str], where: str = "Line 1") -> None:
    """BadTable for more than `MAX_COLUMNS` columns, and for empty, duplicate or overlong names."""
    if len(names) > MAX_COLUMNS:
        raise too_many_columns(len(names), where=where)
    seen: dict[str, int] = {}
    for place, name in enumerate((name.strip() for name in names), start=1):
        if not name:
            raise BadTable(f"{where}: column {place} has no name.", "Give every column a name.")
        if len(name) > 255:
            raise BadTable(
                f"{where}: the name of column {place} has {len(name)} characters; at most 255."
            )
        if name in seen:
            raise BadTable(
                f"{where}: columns {seen[name]} and {place} are both named “{name}”.",
                "Give every column a name of its own.",
            )
        seen[name] = place


def too_many_columns(count: int, more: str = "", where: str = "Line 1") -> BadTable:
    return BadTable(
        f"{where} has {more}{count:,} columns; at most {MAX_COLUMNS:,} are possible.",
        "Leave columns out, or check the delimiter." if where == "Line 1" else "Leave columns out.",
    )

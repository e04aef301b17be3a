"""The first rows of a file from its first bytes, read in a given dialect."""

import codecs
import csv
import io
from dataclasses import replace

from datasets.formats import archive, detect, registry
from datasets.formats.sniff import BadTable, Dialect, check_names, named, numbered, ragged, too_long
from datasets.formats.stream import Row


class NotInEncoding(BadTable):
    """Some bytes mean nothing in the encoding."""

    def __init__(self, encoding: str, error: UnicodeDecodeError) -> None:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        super().__init__(
            f"Line {line} is not {encoding} text: it has the byte 0x{byte:02X}.",
            "Choose the encoding that the file was written in.",
        )


def plain(head: bytes, compression: str, *, complete: bool) -> tuple[bytes, bool]:
    """The unpacked beginning of the file that begins with `head`, and whether it is all of it."""
    if compression == "gzip":
        return detect.gunzipped(head, complete=complete)
    if compression == "zip":
        return archive.first_table(head, complete=complete)[1:]
    return head, complete


def peek(
    head: bytes, dialect: Dialect, *, complete: bool, most: int = 20
) -> tuple[list[str], list[Row]]:
    """Names and up to `most` rows of the text file that begins with `head`.

    BadTable when it cannot be read in that dialect, as far as the head shows.
    """
    data, complete = plain(head, dialect.compression, complete=complete)
    if not complete:
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
    try:
        if dialect.format == "csv":
            return _of_csv(data, dialect, complete=complete, most=most)
        with registry.opened(io.BytesIO(data), replace(dialect, compression="")) as table:
            return table.names, next(iter(table), [])[:most]
    except UnicodeDecodeError as error:
        raise NotInEncoding(dialect.encoding, error) from error


def _of_csv(
    data: bytes, dialect: Dialect, *, complete: bool, most: int
) -> tuple[list[str], list[Row]]:
    decoder = codecs.getincrementaldecoder(dialect.encoding)("strict")
    text = decoder.decode(data, final=complete)
    records = _records(text, dialect, most + 1)
    if not complete and len(records) <= most:
        records = records[:-1]  # a quoted cell may go on beyond the head
    if not records:
        raise BadTable("The file is empty." if complete else "The first line never ends.")
    first = records[0][1]
    names = named(first) if dialect.header else numbered(len(first))
    check_names(names)
    rows = records[1:] if dialect.header else records
    for line, row in rows:
        if len(row) != len(names):
            raise ragged(line, expected=len(names), found=len(row))
    return names, [row for _, row in rows[:most]]


def _records(text: str, dialect: Dialect, most: int) -> list[tuple[int, Row]]:
    """The first records, each with the line that it begins in."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    found: list[tuple[int, Row]] = []
    line = 1
    try:
        for record in reader:
            if record:
                found.append((line, record))
            line = reader.line_num + 1
            if len(found) == most:
                break
    except csv.Error as error:
        raise too_long(line) from error
    return found

"""Zip archives with exactly one table inside; names in them are compared, never used as paths."""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path

from datasets.formats.sniff import HEAD_BYTES, BadTable

LOCAL = b"PK\x03\x04"
HEADER = struct.Struct("<4sHHHHHIIIHH")
MOST_FILES = 1_000
MOST_DIRECTORY = 2**20  # bytes that list the files: zipfile reads them at once
END, END64 = b"PK\x05\x06", b"PK\x06\x07"
END_BYTES = 2**16 + 22 + 20 + 56  # a comment and the records that say where the list is
DEFLATED = 8
SIZES_FOLLOW = 8  # a flag: the sizes stand behind the file, zeros before it
WORKBOOKS = ("[Content_Types].xml", "xl/", "docProps/", "_rels/", "mimetype")


def is_extra(name: str) -> bool:
    """Folders, and what macOS adds to an archive."""
    last = name.rsplit("/", 1)[-1]
    return not last or name.startswith("__MACOSX/") or last == ".DS_Store"


def check_workbook(name: str) -> None:
    if name.startswith(WORKBOOKS):
        raise BadTable(
            "This is an Excel (or other office) workbook, not a table of text.",
            "Export the sheet as CSV (in Excel: “CSV UTF-8”) and upload that.",
        )


def check_directory(path: Path) -> None:
    """BadTable when the archive's list of files is too long to be read at once."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - END_BYTES))
        tail = file.read() + bytes(22)
    for found in re.finditer(END, tail):
        place = found.start()
        (listed,) = struct.unpack_from("<I", tail, place + 12)
        if place >= 76 and tail[place - 20 :].startswith(END64):
            (listed,) = struct.unpack_from("<Q", tail, place - 76 + 40)
        if listed > MOST_DIRECTORY:
            raise BadTable("The zip archive holds too many files.", "Zip exactly one table.")


def only_table(file: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one file in the archive; BadTable when there is none, more than one, or no way in."""
    listed = file.infolist()
    if len(listed) > MOST_FILES:
        raise BadTable(f"The zip archive holds {len(listed):,} files.", "Zip exactly one table.")
    for found in listed:
        check_workbook(found.filename)
    tables = [found for found in listed if not is_extra(found.filename)]
    if len(tables) != 1:
        names = ", ".join(f"“{found.filename[:80]}”" for found in tables[:3])
        more = ", …" if len(tables) > 3 else ""
        inside = f"{len(tables):,} files: {names}{more}" if tables else "no file"
        raise BadTable(f"The zip archive holds {inside}.", "Zip exactly one table.")
    _check_way_in(tables[0].flag_bits, tables[0].compress_type)
    return tables[0]


def _check_way_in(flags: int, method: int) -> None:
    if flags & 1:
        raise BadTable("The zip archive is encrypted.", "Zip the table without a password.")
    if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadTable("The zip archive is compressed in a rare way.", "Use the usual deflate.")


def first_name(head: bytes) -> str:
    """The name of an archive's first file, of which `head` are the first bytes."""
    if len(head) < HEADER.size:
        return ""
    length = HEADER.unpack_from(head)[9]
    return head[HEADER.size : HEADER.size + length].decode("utf-8", "replace")


def first_table(head: bytes, *, complete: bool) -> tuple[str, bytes, bool]:
    """Name and first bytes of the table inside, and whether those are all of it."""
    if complete:
        try:
            with zipfile.ZipFile(io.BytesIO(head)) as file:
                found = only_table(file)
                with file.open(found) as table:
                    inner = table.read(HEAD_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise BadTable("The zip file is damaged or cut off.", "Zip it again.") from error
        return found.filename, inner, len(inner) == found.file_size
    return peeked(head)


def peeked(head: bytes) -> tuple[str, bytes, bool]:
    """`first_table` of an archive whose list of files is still to come."""
    place = 0
    while head[place : place + 4] == LOCAL and len(head) >= place + HEADER.size:
        fields = HEADER.unpack_from(head, place)
        flags, method, packed = fields[2], fields[3], fields[7]
        start = place + HEADER.size + fields[9] + fields[10]
        name = first_name(head[place:])
        check_workbook(name)
        if not is_extra(name):
            _check_way_in(flags, method)
            is_empty = not packed and not flags & SIZES_FOLLOW
            return name, b"" if is_empty else _unpacked(head[start:], method, packed), False
        place = start + packed
    raise BadTable("The zip archive does not begin with a file.", "Zip exactly one table.")


def _unpacked(body: bytes, method: int, packed: int) -> bytes:
    if method != DEFLATED:
        return body[:packed] if packed else body
    try:
        return zlib.decompressobj(wbits=-15).decompress(body, HEAD_BYTES)
    except zlib.error as error:
        raise BadTable("The zip file is damaged at its beginning.", "Zip it again.") from error

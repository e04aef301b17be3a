"""A stored file as plain bytes: unpacked, counted, and guarded against bombs."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Protocol, TextIO, cast

from datasets.formats import archive
from datasets.formats.sniff import MAX_LINE, BadTable, nul_at, too_long

BLOCK_ROWS = 10_000
BLOCK_CELLS = 400_000
BLOCK_BYTES = 8 * 2**20
# Real tables shrink 3 to 30 times; a bomb about 1,000 times.
MAX_RATIO = 100
FREE_BYTES = 16 * 2**20
SPOOLED_BYTES = 16 * 2**30
UNPACK_BYTES = 2**20

Row = list[str]


class Table(Protocol):
    """An opened file: `names` at once, then blocks of text rows by iterating, once.

    `packed_bytes` is how far into the stored file it is. BadTable names the line, row or record of
    what cannot be read.
    """

    @property
    def names(self) -> list[str]: ...

    @property
    def packed_bytes(self) -> int: ...

    def __iter__(self) -> Iterator[list[Row]]: ...


class Ahead:
    """Bytes of a source that can be given back, and be read again from the start."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._back = io.BytesIO()
        self._kept: list[bytes] | None = None

    def read(self, size: int) -> bytes:
        data = self._back.read(size) or self._source.read(size)
        if self._kept is not None:
            self._kept.append(data)
        return data

    def exactly(self, size: int) -> bytes:
        """The next bytes: as many as are asked for, unless the source ends."""
        parts = []
        while size and (data := self.read(min(size, UNPACK_BYTES))):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def back(self, data: bytes) -> None:
        self._back = io.BytesIO(data + self._back.read())

    def keep(self) -> None:
        """From here on remember all that is read, until `rewind` or `forget`."""
        self._kept = []

    def rewind(self) -> None:
        self.back(b"".join(self._kept or []))
        self._kept = None

    def forget(self) -> None:
        self._kept = None


class Counted(io.RawIOBase):
    """Passes bytes on and counts them in `seen`."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        self.seen += len(data)
        self.look(data)
        return len(data)

    def look(self, data: bytes) -> None:
        """What a subclass checks."""


class Plain(Counted):
    """The unpacked bytes of `stream`: no bomb and, in a text, no NULs and no endless line.

    `compression` is "", "gzip" or "zip"; the temporary file that a zip needs lives in `kept`.
    """

    def __init__(
        self, stream: BinaryIO, compression: str, kept: ExitStack, *, is_text: bool
    ) -> None:
        self._packed = Counted(stream)
        self._is_packed = bool(compression)
        self._whole = 0  # the size of a zip's table, which is read off a temporary file
        source = cast("BinaryIO", self._packed)
        if compression == "gzip":
            source = cast("BinaryIO", kept.enter_context(gzip.GzipFile(fileobj=source)))
        elif compression == "zip":
            source = self._unzipped(source, kept)
        self.ahead = Ahead(source)
        super().__init__(cast("BinaryIO", self.ahead))
        self._is_text = is_text
        self._line = 1
        self._run = 0  # bytes since the last line end

    def restart(self) -> None:
        """Read again what was read since `ahead.keep`, which began at the first byte."""
        self.ahead.rewind()
        self.seen, self._line, self._run = 0, 1, 0

    def passed(self, size: int, lines: int) -> None:
        """So many bytes of whole lines without NULs were read off `ahead`."""
        self.seen += size
        self._line += lines
        if self._is_packed:
            check_ratio(self.seen, self._packed.seen)

    def _unzipped(self, source: BinaryIO, kept: ExitStack) -> BinaryIO:
        path = spooled(source, kept)
        archive.check_directory(path)
        with damage_told():
            file = kept.enter_context(zipfile.ZipFile(path))
            table = archive.only_table(file)
            check_ratio(table.file_size, self._packed.seen)
            self._whole = table.file_size
            return cast("BinaryIO", kept.enter_context(file.open(table)))

    @property
    def packed_bytes(self) -> int:
        return self._packed.seen * self.seen // self._whole if self._whole else self._packed.seen

    def look(self, data: bytes) -> None:
        if self._is_packed:
            check_ratio(self.seen, self._packed.seen)
        if not self._is_text:
            return
        end = b"\n" if b"\n" in data else b"\r"
        if (place := data.find(0)) >= 0:
            before = data.rfind(end, 0, place)
            byte = place - before if before >= 0 else self._run + place + 1
            raise nul_at(self._line + data.count(end, 0, place), byte)
        first = data.find(end)
        # The parser's own limit is in characters; one has at most four bytes.
        if self._run + (first if first >= 0 else len(data)) > 4 * MAX_LINE:
            raise too_long(self._line)
        self._line += data.count(end)
        self._run = self._run + len(data) if first < 0 else len(data) - data.rfind(end) - 1


def check_ratio(unpacked: int, packed: int) -> None:
    """BadTable when so many bytes out of so many look like a bomb."""
    if unpacked > max(FREE_BYTES, MAX_RATIO * packed):
        raise BadTable(
            f"The file unpacks to more than {MAX_RATIO} times its size.",
            "Upload it uncompressed if it is really that large.",
        )


def buffered(plain: Plain) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(plain, buffer_size=2**18))


def spooled(source: BinaryIO, kept: ExitStack) -> Path:
    """All of `source` in a temporary file that lives as long as `kept`."""
    path = Path(kept.enter_context(TemporaryDirectory(prefix="table-"))) / "file"
    size = 0
    with path.open("wb") as file, damage_told():
        while data := source.read(UNPACK_BYTES):
            size += len(data)
            if size > SPOOLED_BYTES:
                raise BadTable(
                    f"The file is larger than {SPOOLED_BYTES // 2**30} GB, which its format allows "
                    "only to read as a whole.",
                    "Write it as CSV, or divide it.",
                )
            file.write(data)
    return path


def decoded(plain: Plain, encoding: str) -> TextIO:
    return io.TextIOWrapper(buffered(plain), encoding=encoding)


def lines(text: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, each with its number, without its end."""
    with damage_told():
        for number, line in enumerate(text, start=1):
            if len(line) > MAX_LINE:
                raise too_long(number)
            if line.strip():
                yield number, line.rstrip("\n")


def blocks(rows: Iterable[Row], width: int) -> Iterator[list[Row]]:
    """`rows` of `width` cells in blocks of bounded size."""
    most = block_rows(width)
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += sum(map(len, row))
        if len(block) >= most or size >= BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def block_rows(width: int) -> int:
    return max(100, min(BLOCK_ROWS, BLOCK_CELLS // max(1, width)))


def check_text(cells: Iterable[str], place: str) -> None:
    """BadTable for a cell that no database keeps: NULs, half characters, or above `MAX_LINE`."""
    for cell in cells:
        if "\0" in cell:
            raise BadTable(f"{place} contains a NUL character.", "Remove it: text has none.")
        if len(cell) > MAX_LINE:
            raise BadTable(f"{place} has a cell longer than {MAX_LINE:,} characters.")
        if not cell.isascii() and any("\ud800" <= c <= "\udfff" for c in cell):
            raise BadTable(f"{place} contains half of a character (a lone surrogate).")


@contextmanager
def damage_told() -> Iterator[None]:
    """A broken gzip or zip file as a BadTable."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as error:
        kind = "zip" if isinstance(error, zipfile.BadZipFile) else "gzip"
        raise BadTable(f"The {kind} file is damaged or cut off.", "Compress it again.") from error

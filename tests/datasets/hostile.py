"""Files that are made to hurt, small enough to send or made while they are read."""

import gzip
import io
import json
import struct
import time
import zipfile
import zlib
from pathlib import Path

from datasets.formats import registry
from datasets.formats.sniff import BadTable, Dialect
from tests.datasets import written

MIB = 2**20
GIB = 2**30


def gzip_bomb() -> bytes:
    """2 GB of rows in 2 MB: the same packed piece again and again."""
    head, piece = gzip.compress(b"a,b\n"), gzip.compress(b"1,2\n" * (2 * MIB))
    return head + piece * 256


def zip_bomb() -> bytes:
    """A zip that unpacks to 1 GB, written without packing 1 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = packer.compress(b"a,b\n") + packer.flush(zlib.Z_FULL_FLUSH)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(b"1,2\n" * (MIB // 4)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    return _zip_of(head + piece * 1024 + end, 4 + GIB)


def _zip_of(packed: bytes, unpacked: int) -> bytes:
    """A zip of one table; its checksum is wrong, which only reading to the end would tell."""
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), unpacked, 5, 0)
    local = b"PK\x03\x04" + facts + b"t.csv"
    listed = b"PK\x01\x02\x14\x00" + facts + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"t.csv"
    place = len(local) + len(packed)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), place, 0)
    return local + packed + listed + end


def nested_zip() -> bytes:
    inner: bytes = written.zipped({"t.csv": b"a,b\n1,2\n"})
    for _ in range(5):
        inner = written.zipped({"t.zip": inner})
    return inner


def wide(columns: int) -> bytes:
    names = ",".join(f"c{n}" for n in range(columns))
    return f"{names}\n{','.join(['1'] * columns)}\n".encode()


def classes(count: int) -> bytes:
    return b"x,label\n" + b"".join(b"%d,class %d\n" % (n % 97, n) for n in range(count))


def float_labels(rows: int) -> bytes:
    return b"x,label\n" + b"".join(b"%d,%d.25\n" % (n % 7, n) for n in range(rows))


def mixed_line_ends() -> bytes:
    return b"a,b\r\n1,x\n2,y\r3,z\r\n\n4,w"


class EndlessLine(io.RawIOBase):
    """A table whose third line never ends, 2 GB of it, made while it is read."""

    def __init__(self, size: int = 2 * GIB) -> None:
        self._start = b"a,b\n1,2\n"
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no len
        if self._start:
            data, self._start = self._start[: len(buffer)], self._start[len(buffer) :]
        else:
            data = b"x" * min(len(buffer), self._left)
            self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def many_zipped(content: bytes = b"") -> bytes:
    """A zip with 30,000 files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"{number}.csv", content)
    return file.getvalue()


def memory() -> tuple[int, int]:
    """The resident bytes of this process now and at their most."""
    lines = Path("/proc/self/status").read_text().splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    now, most = (1024 * int(facts[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return now, most


def main() -> None:
    """Read an endless line as the worker does; print what it came to."""
    warm = io.BytesIO(b"a,b\n1,2\n")
    dialect = Dialect(",", "utf-8")
    for _ in registry.blocks(warm, dialect, numbers=("a",)):
        pass
    before, _ = memory()
    started = time.process_time()
    problem = ""
    try:
        for _ in registry.blocks(io.BufferedReader(EndlessLine()), dialect, numbers=("a",)):
            pass
    except BadTable as error:
        problem = error.message
    seconds = time.process_time() - started
    print(json.dumps({"problem": problem, "seconds": seconds, "grown": memory()[1] - before}))  # noqa: T201  # its answer


if __name__ == "__main__":
    main()

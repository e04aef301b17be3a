"""What stands in a model.tar.gz, read once off a stream; nothing is extracted or loaded. Pure.

The format is read by hand, header by header: Python's own reader takes an extended header of any
claimed length into memory.
"""

import gzip
import re
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

MOST_MEMBERS = 10_000
MOST_UNPACKED = 64 * 2**30
MOST_RATIO = 200  # unpacked to packed; zeros alone reach 1,000
EASY = 64 * 2**20  # unpacked; any ratio may have that much
MOST_NAME = 64 * 2**10  # bytes of an extended header
NAME_LENGTH = 512
BLOCK = 512
CHUNK = 2**20
SHOWN = 200

_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_LONG_NAME, _LONG_LINK = tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK
_EXTENDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE)
_BROKEN = (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError, ValueError)
_PAX = re.compile(rb"(\d{1,20}) ([^=]{1,256})=", re.DOTALL)

XGBOOST, SKLEARN, PYTORCH, TENSORFLOW = "xgboost", "scikit-learn", "pytorch", "tensorflow"
FIRST_PARTY = "amazon"
SCRIPT = "code/inference.py"
TITLES = {
    XGBOOST: "an XGBoost model",
    SKLEARN: "a scikit-learn model",
    PYTORCH: "a PyTorch model",
    TENSORFLOW: "a TensorFlow SavedModel",
    FIRST_PARTY: "a model of one of Amazon's own algorithms",
}


class BadArchive(ValueError):
    """The archive cannot be served, or would do harm; says why."""


@dataclass(frozen=True)
class Contents:
    """Names and bytes of the first `SHOWN` files, how many there are, and their bytes together.

    `looks` is one of `TITLES` or "" when nothing tells; `has_script`: there is `SCRIPT`.
    """

    members: tuple[tuple[str, int], ...]
    count: int
    unpacked: int
    looks: str
    has_script: bool
    findings: tuple[str, ...]


def inspect(stream: IO[bytes], tick: Callable[[], None] = lambda: None) -> Contents:
    """What a gzipped tar holds. Holds about two megabytes, whatever comes; reads it to its end.

    BadArchive for what is none, for links, devices and names that lead out of it, and for more
    files or bytes than a model has. `tick` is called with each megabyte.
    """
    try:
        names = _named(_files(_Unpacked(stream, tick)))
    except BadArchive:
        raise
    except _BROKEN as error:
        raise BadArchive(f"It cannot be read as a .tar.gz: {str(error)[:200]}") from error
    looks = _looks(names)
    return Contents(
        tuple(list(names.items())[:SHOWN]),
        len(names),
        sum(names.values()),
        looks,
        SCRIPT in names,
        tuple(_findings(names, looks)),
    )


def _named(files: Iterable[tuple[str, int]]) -> dict[str, int]:
    names: dict[str, int] = {}
    for name, size in files:
        if name in names:
            raise BadArchive(f"{name[:80]} stands in the archive twice.")
        if len(names) == MOST_MEMBERS:
            raise BadArchive(f"More than {MOST_MEMBERS:,} files.")
        names[name] = size
    if not names:
        raise BadArchive("The archive holds no file.")
    return names


class _Unpacked:
    """The bytes in the gzip, counted against the limits."""

    def __init__(self, stream: IO[bytes], tick: Callable[[], None]) -> None:
        self._packed = _Counted(stream)
        self._plain = cast("IO[bytes]", gzip.GzipFile(fileobj=cast("Any", self._packed)))
        self._tick = tick
        self._read = 0

    def block(self) -> bytes:
        """The next 512 bytes; fewer at the end."""
        return self._take(BLOCK)

    def content(self, size: int) -> bytes:
        """A header's payload of at most `MOST_NAME` bytes."""
        if size > MOST_NAME:
            raise BadArchive(f"A header claims {size:,} bytes.")
        data = self._take(_padded(size))
        if len(data) < size:
            raise EOFError("it ends too early")
        return data[:size]

    def skip(self, size: int) -> None:
        left = _padded(size)
        while left:
            data = self._take(min(left, CHUNK))
            if not data:
                raise EOFError("it ends too early")
            left -= len(data)
            self._tick()

    def drain(self) -> None:
        """Read what follows the last file: a bomb may hide there, and damage shows at the end."""
        while self._take(CHUNK):
            self._tick()

    def _take(self, size: int) -> bytes:
        data = self._plain.read(size)
        self._read += len(data)
        if self._read > MOST_UNPACKED:
            raise BadArchive(f"More than {MOST_UNPACKED // 2**30} GB unpacked.")
        if self._read > EASY and self._read > MOST_RATIO * self._packed.count:
            raise BadArchive(f"It grows to more than {MOST_RATIO} times its size.")
        return data


class _Counted:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(CHUNK if size < 0 else size)
        self.count += len(data)
        return data


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _files(tar: _Unpacked) -> Iterator[tuple[str, int]]:
    """(name, bytes) of each regular file; the content is passed over."""
    extended: dict[str, str] = {}
    while header := tar.block():
        if header.count(0) == BLOCK:
            break
        entry = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        if entry.size < 0:
            raise BadArchive("A file has a negative size.")
        if entry.type in _EXTENDED:
            extended |= _pax(tar.content(entry.size), to_all=entry.type == tarfile.XGLTYPE)
        elif entry.type in (_LONG_NAME, _LONG_LINK):
            key = "path" if entry.type == _LONG_NAME else "linkpath"
            extended[key] = _text(tar.content(entry.size).rstrip(b"\0"))
        else:
            yield from _file(tar, entry, extended)
            extended = {}
    tar.drain()


def _file(
    tar: _Unpacked, entry: tarfile.TarInfo, extended: dict[str, str]
) -> Iterator[tuple[str, int]]:
    given = extended.get("path", entry.name)
    if any(key.startswith("GNU.sparse") for key in extended):
        raise BadArchive(f"{given[:80]} is a sparse file.")
    size = int(extended["size"]) if extended.get("size", "").isdigit() else entry.size
    name = _checked(given)
    if entry.isdir():
        tar.skip(size)
        return
    if entry.type not in _FILES:
        raise BadArchive(f"{given[:80]} is a link or a device.")
    if not name:
        raise BadArchive("A file has no name.")
    tar.skip(size)
    yield name, size


def _pax(data: bytes, *, to_all: bool) -> dict[str, str]:
    """The records `<length> <key>=<value>\\n` of an extended header."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data) and (match := _PAX.match(data, at)):
        end = at + int(match[1])
        if end <= match.end() or end > len(data):
            raise BadArchive("An extended header is broken.")
        found[_text(match[2])] = _text(data[match.end() : end - 1])
        at = end
    if to_all and found.keys() & {"path", "size"}:
        raise BadArchive("A header gives all files one name or size.")
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _checked(given: str) -> str:
    """The name without a leading ./; "" for the folder itself. BadArchive when it leads out."""
    name = given.removeprefix("./").rstrip("/")
    is_plain = name.isprintable() and "\\" not in name and not given.startswith("/")
    if not is_plain or ".." in name.split("/") or len(name) > NAME_LENGTH:
        raise BadArchive(f"{given[:80]!a} leads out of the archive or is no plain name.")
    return "" if name == "." else name


def _looks(names: dict[str, int]) -> str:
    """What the files at their usual places say."""
    tops = {name for name in names if "/" not in name}
    if any(n == "saved_model.pb" or n.endswith("/saved_model.pb") for n in names):
        return TENSORFLOW
    if "xgboost-model" in tops:
        return XGBOOST
    if any(name.startswith("model_algo-") for name in tops):
        return FIRST_PARTY
    if any(name.endswith((".pth", ".pt")) for name in tops):
        return PYTORCH
    if any(name.endswith((".joblib", ".pkl", ".pickle")) for name in tops):
        return SKLEARN
    if any(name.endswith((".ubj", ".bst")) for name in tops):
        return XGBOOST
    return ""


def _findings(names: dict[str, int], looks: str) -> Iterator[str]:
    """In words: what it is, and what its image will miss."""
    if looks:
        yield f"It looks like {TITLES[looks]}."
    else:
        yield "Its files do not tell which framework it is of."
    if looks == TENSORFLOW and not any("variables/" in name for name in names):
        yield "There is no folder variables: a SavedModel usually has one."
    if looks == TENSORFLOW and not any(_numbered(name) for name in names):
        yield "Amazon's image wants saved_model.pb in a folder named by a number, such as 1/."
    if looks in (PYTORCH, SKLEARN) and SCRIPT not in names:
        yield f"There is no {SCRIPT}: the image needs a script that loads the model."
    if looks in (PYTORCH, SKLEARN):
        yield "To load it is to run what its author packed: serve what you trust."
    if any(name.startswith("code/") for name in names):
        yield "It brings code, which runs where the model is served."
    folders = {name.partition("/")[0] for name in names}
    if not looks and len(folders) == 1 and all("/" in name for name in names):
        yield f"Everything stands in the folder {folders.pop()[:80]}; images look at the top."


def _numbered(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    return file == "saved_model.pb" and folder.rpartition("/")[2].isdigit()

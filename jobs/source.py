"""The program of a job: an upload looked at without being extracted, and packed anew. Pure."""

import gzip
import hashlib
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MOST_BYTES = 20 * 2**20  # of an upload
MOST_UNPACKED = 50 * 2**20
MOST_FILES = 1_000
NAME_LENGTH = 255
ENDINGS = (".py", ".sh")  # what the toolkit starts
REQUIREMENTS = "requirements.txt"
USUAL = ("train.py", "main.py", "train.sh")
# What operating systems, Python and git leave beside the files that count.
PASSED_OVER = {"__MACOSX", ".DS_Store", "__pycache__", ".git", ".ipynb_checkpoints"}

_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class BadSource(ValueError):
    """The upload cannot be used; says why."""


@dataclass(frozen=True)
class Source:
    """`members` are the files with their sizes, by name; `digest` is of names and contents.

    `archive` is a tar.gz of them: regular files only, the same bytes for the same files.
    """

    members: tuple[tuple[str, int], ...]
    digest: str
    archive: bytes = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.members)

    @property
    def programs(self) -> tuple[str, ...]:
        """What may be started, the likeliest first; an example: train.py."""
        found = [name for name in self.names if name.endswith(ENDINGS)]
        likely = {name: place for place, name in enumerate(USUAL)}
        return tuple(sorted(found, key=lambda n: (n.count("/"), likely.get(n, len(USUAL)), n)))

    @property
    def guess(self) -> str:
        """The program to start, where that is clear; "" otherwise."""
        roots = [name for name in self.programs if "/" not in name]
        if roots and (roots[0] in USUAL or len(roots) == 1):
            return roots[0]
        return self.programs[0] if len(self.programs) == 1 else ""

    def read(self, name: str) -> bytes:
        """One file's content; KeyError without it."""
        with tarfile.open(fileobj=io.BytesIO(self.archive), mode="r:gz") as tar:
            file = tar.extractfile(name)
            return file.read() if file else b""


def of_text(text: str, name: str = "") -> Source:
    """A script that was typed; a name that fits no program becomes train.py."""
    name = name if name.endswith(ENDINGS) and _is_plain(name) else USUAL[0]
    content = text.replace("\r\n", "\n").encode()
    if not content.strip():
        raise BadSource("The script is empty.")
    return _packed([(name, content)])


def of_upload(filename: str, content: bytes) -> Source:
    """A .py or .sh file, a .tar.gz or a .zip, told by its content. BadSource names what is wrong.

    Links, devices, absolute and parent paths are refused. A folder that holds everything is taken
    off, so that the entry point and requirements.txt stand at the top.
    """
    if len(content) > MOST_BYTES:
        raise BadSource(f"At most {MOST_BYTES // 2**20} MB; data belong in a channel.")
    if not content:
        raise BadSource("The file is empty.")
    try:
        if content.startswith(b"\x1f\x8b"):
            return _packed(_lifted(_of_tar(content)))
        if content.startswith(b"PK\x03\x04"):
            return _packed(_lifted(_of_zip(content)))
    except BadSource:
        raise
    except _BROKEN as error:
        raise BadSource(f"The archive cannot be read: {error}") from error
    name = PurePosixPath(filename.replace("\\", "/")).name
    if not name.endswith(ENDINGS) or b"\0" in content:
        raise BadSource("Choose a .py or .sh file, a .tar.gz or a .zip.")
    return _packed([(name, content)])


def entry_problem(source: Source, entry_point: str) -> str:
    """What is wrong with the program that is to be started; "" when nothing is."""
    if not entry_point:
        return "Which file is started?"
    if entry_point not in source.names:
        offered = ", ".join(source.programs[:5]) or "none that ends in .py or .sh"
        return f"There is no {entry_point[:80]}. There is {offered}."
    if not entry_point.endswith(ENDINGS):
        return "It must end in .py or .sh."
    return ""


def _of_tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
        # Headers and padding besides the files.
        raw = packed.read(MOST_UNPACKED + (MOST_FILES + 20) * 2_048 + 1)
    if len(raw) > MOST_UNPACKED + (MOST_FILES + 20) * 2_048:
        raise _too_large()
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
        for member in tar:
            if member.isdir():
                continue
            if not member.isreg():
                raise BadSource(f"{member.name[:80]} is a link or a device.")
            if member.size > MOST_UNPACKED:
                raise _too_large()
            file = tar.extractfile(member)
            yield member.name, file.read() if file else b""


def _of_zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise _too_large()
        for entry in entries:
            mode = entry.external_attr >> 16
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise BadSource(f"{entry.filename[:80]} is a link or a device.")
            if entry.flag_bits & 1:
                raise BadSource("The archive is encrypted.")
            yield entry.filename, archive.read(entry)


def _lifted(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The files that count, without a folder that holds all of them."""
    kept: dict[str, bytes] = {}
    for given, content in files:
        name = _name(given)
        if not name:
            continue
        if name in kept:
            raise BadSource(f"{name[:80]} stands in the archive twice.")
        kept[name] = content
        if len(kept) > MOST_FILES:
            raise BadSource(f"At most {MOST_FILES:,} files.")
        if sum(map(len, kept.values())) > MOST_UNPACKED:
            raise _too_large()
    if not kept:
        raise BadSource("The archive holds no file.")
    tops = {name.partition("/")[0] for name in kept}
    if len(tops) == 1 and all("/" in name for name in kept):
        return [(name.partition("/")[2], content) for name, content in kept.items()]
    return list(kept.items())


def _name(given: str) -> str:
    """The member's name as it is kept; "" for what is passed over."""
    name = given.removeprefix("./")
    if not _is_plain(name):
        raise BadSource(f"{given[:80]!r} leads out of the archive or is no plain name.")
    parts = PurePosixPath(name).parts
    if PASSED_OVER & set(parts) or parts[-1].startswith("._"):
        return ""
    return "/".join(parts)


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return (
        0 < len(name) <= NAME_LENGTH
        and name.isprintable()
        and "\\" not in name
        and not name.startswith("/")
        and ".." not in parts
    )


def _too_large() -> BadSource:
    return BadSource(f"More than {MOST_UNPACKED // 2**20} MB unpacked; data belong in a channel.")


def _packed(files: Iterable[tuple[str, bytes]]) -> Source:
    plain = io.BytesIO()
    members = sorted(files)
    with tarfile.open(fileobj=plain, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755 if name.endswith(".sh") else 0o644
            tar.addfile(info, io.BytesIO(content))
    return Source(
        tuple((name, len(content)) for name, content in members),
        hashlib.sha256(plain.getvalue()).hexdigest(),
        gzip.compress(plain.getvalue(), compresslevel=6, mtime=0),
    )

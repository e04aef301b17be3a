"""Uploads of code: looked at, never extracted, packed anew; what could do harm is refused."""

import gzip
import io
import stat
import tarfile
import zipfile

import pytest

from jobs import source
from jobs.source import BadSource

SCRIPT = b"print('hello')\n"


def tar_of(*members, mode="w:gz"):
    """Members are (name, content), or a TarInfo."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))
    return packed.getvalue()


def zip_of(*members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


FILES = (("train.py", SCRIPT), ("lib/scores.py", b"x = 1\n"), ("requirements.txt", b"numpy\n"))


@pytest.mark.parametrize("content", [tar_of(*FILES), zip_of(*FILES)], ids=["tar.gz", "zip"])
def test_it_lists_what_an_archive_holds(content):
    found = source.of_upload("code", content)
    assert dict(found.members) == {"train.py": 15, "lib/scores.py": 6, "requirements.txt": 6}
    assert found.guess == "train.py"
    assert found.programs == ("train.py", "lib/scores.py")
    assert found.read("train.py") == SCRIPT


def test_the_same_files_are_the_same_source():
    ways = [tar_of(*FILES), zip_of(*reversed(FILES)), tar_of(*[(f"./p/{n}", c) for n, c in FILES])]
    found = [source.of_upload("code", content) for content in ways]
    assert len({one.digest for one in found}) == len({one.archive for one in found}) == 1
    again = source.of_upload("sourcedir.tar.gz", found[0].archive)
    assert again == found[0]
    other = source.of_upload("code", tar_of(("train.py", SCRIPT + b"#")))
    assert other.digest != found[0].digest


def test_what_computers_leave_behind_is_passed_over():
    noise = (("__MACOSX/._train.py", b"x"), ("a/.DS_Store", b"x"), ("a/__pycache__/b.pyc", b"x"))
    found = source.of_upload("a.zip", zip_of(("a/train.py", SCRIPT), *noise))
    assert found.names == ("train.py",)


@pytest.mark.parametrize(
    ("names", "guess"),
    [
        (["model.py"], "model.py"),
        (["a.py", "main.py"], "main.py"),
        (["a.py", "b.py"], ""),
        (["setup.cfg", "src/run.sh"], "src/run.sh"),
        (["data.csv", "readme.md"], ""),
    ],
)
def test_it_guesses_the_entry_point_only_where_it_is_clear(names, guess):
    assert source.of_upload("x", zip_of(*[(name, b"1") for name in names])).guess == guess


def test_a_script_may_come_alone_or_be_typed():
    uploaded = source.of_upload(r"C:\work\fit.py", SCRIPT)
    assert (uploaded.names, uploaded.guess) == (("fit.py",), "fit.py")
    typed = source.of_text(SCRIPT.decode().replace("\n", "\r\n"), "fit.py")
    assert typed == uploaded
    assert source.of_text("print(1)", "../x.py").names == ("train.py",)


HOSTILE = {
    "parent": tar_of(("../escaped.py", SCRIPT)),
    "deep parent": tar_of(("a/../../escaped.py", SCRIPT)),
    "absolute": tar_of(("/etc/escaped.py", SCRIPT)),
    "symlink": tar_of(("train.py", SCRIPT), link("passwd", "/etc/passwd")),
    "hard link": tar_of(("train.py", SCRIPT), link("x.py", "train.py", tarfile.LNKTYPE)),
    "device": tar_of(link("null", "", tarfile.CHRTYPE)),
    "fifo": tar_of(link("pipe", "", tarfile.FIFOTYPE)),
    "twice": tar_of(("train.py", SCRIPT), ("train.py", b"other")),
    "zip parent": zip_of(("../escaped.py", SCRIPT)),
    "zip backslash": zip_of(("..\\escaped.py", SCRIPT)),
    "control sign": zip_of(("train\n.py", SCRIPT)),
    "many": tar_of(*[(f"{n}.py", b"") for n in range(source.MOST_FILES + 1)]),
    "bomb": gzip.compress(bytes(source.MOST_UNPACKED + 4_000_000), 1),
    "zip bomb": zip_of(("zeros", bytes(source.MOST_UNPACKED + 1))),
    "cut": tar_of(*FILES)[:-20],
    "no archive": gzip.compress(b"plain text"),
    "cut zip": zip_of(*FILES)[:-30],
    "nothing in it": tar_of(),
    "binary": b"\x7fELF\0\0\0",
    "empty": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_refuses_what_could_do_harm_or_cannot_be_read(name):
    with pytest.raises(BadSource):
        source.of_upload("train.py", HOSTILE[name])


def test_a_link_in_a_zip_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("passwd")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(BadSource, match="a link"):
        source.of_upload("x.zip", packed.getvalue())


def test_a_sparse_file_counts_with_its_whole_size():
    info = tarfile.TarInfo("huge.py")
    info.size = 2**40
    header = info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    with pytest.raises(BadSource):
        source.of_upload("x.tar.gz", gzip.compress(header))


def test_it_says_what_is_wrong_with_an_entry_point():
    found = source.of_upload("code", tar_of(*FILES))
    assert source.entry_problem(found, "train.py") == ""
    assert "Which file" in source.entry_problem(found, "")
    assert "There is train.py, lib/scores.py" in source.entry_problem(found, "fit.py")
    assert "must end in" in source.entry_problem(found, "requirements.txt")

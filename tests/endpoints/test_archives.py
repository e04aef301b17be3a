"""Model archives: what they look like, and what is never let in."""

import gzip
import io
import tarfile
import tracemalloc

import pytest

from endpoints import archives
from endpoints.archives import BadArchive, inspect


def packed(*members, **files):
    """A tar.gz of `files` (`a__b` is a.b) and of (name, content or TarInfo) `members`."""
    content = io.BytesIO()
    named = [(name.replace("__", "."), body) for name, body in files.items()]
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, body in [*members, *named]:
            info = body if isinstance(body, tarfile.TarInfo) else tarfile.TarInfo(name)
            if isinstance(body, bytes):
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
            else:
                tar.addfile(info)
    content.seek(0)
    return content


def odd(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return name, info


@pytest.mark.parametrize(
    ("names", "looks"),
    [
        (["xgboost-model"], "xgboost"),
        (["./xgboost-model"], "xgboost"),
        (["model.ubj"], "xgboost"),
        (["model.pth", "code/inference.py"], "pytorch"),
        (["model.joblib"], "scikit-learn"),
        (["1/saved_model.pb", "1/variables/variables.index"], "tensorflow"),
        (["model_algo-1"], "amazon"),
        (["weights.bin"], ""),
    ],
)
def test_it_tells_what_an_archive_looks_like(names, looks):
    found = inspect(packed(*[(name, b"x" * 10) for name in names]))
    assert found.looks == looks
    assert found.count == len(names)
    assert found.unpacked == 10 * len(names)
    assert found.members[0] == (names[0].removeprefix("./"), 10)


def test_it_says_what_the_image_will_miss():
    assert "code/inference.py" in " ".join(inspect(packed(model__pth=b"x")).findings)
    with_script = inspect(packed(("code/inference.py", b"x"), model__pth=b"x"))
    assert with_script.has_script
    assert "brings code" in " ".join(with_script.findings)
    assert "named by a number" in " ".join(inspect(packed(saved_model__pb=b"x")).findings)
    inside = inspect(packed(("export/weights.bin", b"x")))
    assert "images look at the top" in " ".join(inside.findings)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([odd("a", tarfile.SYMTYPE, "/etc/passwd")], "link or a device"),
        ([odd("a", tarfile.LNKTYPE, "b")], "link or a device"),
        ([odd("a", tarfile.CHRTYPE)], "link or a device"),
        ([odd("a", tarfile.FIFOTYPE)], "link or a device"),
        ([odd("a", tarfile.GNUTYPE_SPARSE)], "link or a device"),
        ([("../a", b"x")], "leads out"),
        ([("a/../../b", b"x")], "leads out"),
        ([("/etc/passwd", b"x")], "leads out"),
        ([("a\\b", b"x")], "leads out"),
        ([("a\nb", b"x")], "leads out"),
        ([odd("../d", tarfile.DIRTYPE)], "leads out"),
        ([("x" * 5_000, b"x")], "leads out"),
        ([("a", b"x"), ("./a", b"y")], "twice"),
        ([], "no file"),
    ],
)
def test_it_refuses_what_does_not_belong_in_a_model(members, words):
    with pytest.raises(BadArchive, match=words):
        inspect(packed(*members))


def test_long_names_of_both_formats_are_read():
    name = "deep/" * 40 + "weights.bin"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w:gz", format=form) as tar:
            info = tarfile.TarInfo(name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
        content.seek(0)
        assert inspect(content).members == ((name, 3),)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"PK\x03\x04zip", gzip.compress(b"no tar" * 99, mtime=0)],
)
def test_what_is_no_archive_is_said_to_be_none(content):
    with pytest.raises(BadArchive):
        inspect(io.BytesIO(content))


def test_a_cut_off_archive_is_refused():
    whole = packed(("xgboost-model", bytes(range(256)) * 400)).getvalue()
    for end in (len(whole) // 2, len(whole) - 4):
        with pytest.raises(BadArchive, match="cannot be read"):
            inspect(io.BytesIO(whole[:end]))


def test_a_file_shorter_than_its_header_says_is_refused():
    info = tarfile.TarInfo("xgboost-model")
    info.size = 10_000
    with pytest.raises(BadArchive, match="too early"):
        inspect(io.BytesIO(gzip.compress(info.tobuf() + b"x" * 512)))


def test_bombs_are_refused_with_little_memory(monkeypatch):
    monkeypatch.setattr(archives, "EASY", 2 * 2**20)
    header = tarfile.TarInfo("weights")
    header.size = 24 * 2**20
    bomb = gzip.compress(header.tobuf() + bytes(header.size), 9)
    behind = gzip.compress(packed_plain() + bytes(24 * 2**20), 9)
    tracemalloc.start()
    for content in (bomb, behind):
        with pytest.raises(BadArchive, match="times its size"):
            inspect(io.BytesIO(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def packed_plain():
    return gzip.decompress(packed(a=b"x").getvalue())


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_that_claims_much_is_not_read(kind):
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 10**9
    with pytest.raises(BadArchive, match="claims"):
        inspect(io.BytesIO(gzip.compress(info.tobuf())))


def test_an_extended_size_counts():
    """A reader that believed the plain header would take a file's content for the next header."""
    record = b"13 size=1024\n"
    pax = tarfile.TarInfo("pax")
    pax.type, pax.size = tarfile.XHDTYPE, len(record)
    inner = tarfile.TarInfo("../outside")
    raw = pax.tobuf() + record.ljust(512, b"\0") + tarfile.TarInfo("a").tobuf() + inner.tobuf()
    found = inspect(io.BytesIO(gzip.compress(raw + bytes(512) + bytes(1024))))
    assert found.members == (("a", 1024),)


def test_it_counts_files(monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    with pytest.raises(BadArchive, match="More than 5 files"):
        inspect(packed(*[(f"f{n}", b"x") for n in range(6)]))

"""Blocks of parsed chunks hold what csv.reader reads: the same cells, numbers and complaints."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasets.formats import csv_frames, registry
from datasets.formats.block import FrameBlock, numbers_of
from datasets.formats.sniff import BadTable, Dialect

CELLS = st.one_of(
    st.text('ab1 ,"\n\r;\té\x1c\u2003\ufeff', max_size=8),
    st.sampled_from(["", "NA", " NA", "NaN", "nan", "?", "inf", "1_0", " 5", "5 ", "+1.5", "1e5"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers().map(str),
)
SIZES = st.sampled_from([16, 64, 300, 4096])


def complaint(error):
    """Without the place of bad bytes: it counts from wherever the last piece began."""
    if isinstance(error, UnicodeDecodeError):
        return f"can't decode {error.object[error.start : error.end]!r}"
    return str(error)


def slow(data, dialect):
    """The rows, and what was wrong with the next one."""
    rows = []
    try:
        with registry.opened(io.BytesIO(data), dialect) as table:
            for block in table:
                rows += [[cell.strip() for cell in row] for row in block]
    except (BadTable, UnicodeDecodeError) as error:
        return rows, complaint(error)
    return rows, None


def fast(data, dialect, numbers=()):
    blocks = []
    try:
        blocks.extend(registry.blocks(io.BytesIO(data), dialect, numbers=numbers))
    except (BadTable, UnicodeDecodeError) as error:
        return blocks, complaint(error)
    return blocks, None


def cells(blocks):
    return [row for b in blocks for row in map(list, zip(*map(b.texts, b.names), strict=True))]


def check(data, dialect, size):
    expected, wrong = slow(data, dialect)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_frames, "CHUNK_BYTES", size)
        blocks, found = fast(data, dialect)
        assert found == wrong
        # Of rows before the trouble csv.reader gives whole blocks only.
        assert cells(blocks)[: len(expected)] == expected
        assert wrong or len(cells(blocks)) == len(expected)
        names = blocks[0].names if blocks else ()
        check_numbers(expected, data, dialect, names)


def check_numbers(expected, data, dialect, names):
    blocks, _ = fast(data, dialect, numbers=set(names))
    start = 0
    for block in blocks:
        rows = expected[start : start + len(block)]
        start += len(block)
        if len(rows) < len(block):
            return
        for place, name in enumerate(names):
            wanted = numbers_of([row[place] for row in rows])
            given = block.numbers(name)
            assert (wanted is None) == (given is None), name
            assert wanted is None or np.array_equal(wanted, given, equal_nan=True)


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n))),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    SIZES,
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_it_reads_written_tables_as_csv_reader_does(rows, mark, end, quoting, size, header):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=mark, lineterminator=end, quoting=quoting)
    writer.writerow([f"name {n}" for n in range(len(rows[0]) if rows else 2)])
    writer.writerows(rows)
    check(file.getvalue().encode(), Dialect(mark, "utf-8", header=header), size)


LINES = st.text('a1.,"\n\r é\x1c\0\ufeff', max_size=120)


@given(LINES, st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1"]), SIZES)
@settings(max_examples=600, deadline=None)
@example('1,2\n"x""y",3\n"a\nb",4\n\n5,6\n', "utf-8", 16)
@example('1,2\nx"y,3\n5" pipe,4\n', "utf-8", 16)
@example("1,2\n\ufeff3,4\n\ufeff5,6\n", "utf-8-sig", 16)
@example("1,2\n,\n1,2,\n", "utf-8", 4096)
@example("1,2\n1\n1,2,3\n", "utf-8", 4096)
def test_it_reads_any_text_as_csv_reader_does(text, encoding, size):
    head = b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
    data = head + b"a,b\n" + text.encode("utf-8", "replace")
    check(data, Dialect(",", encoding), size)


@given(st.lists(st.text('a1" \n\r', max_size=6)), SIZES)
@settings(deadline=None)
def test_it_reads_a_single_column_as_csv_reader_does(lines, size):
    data = ("a\n" + "\n".join(lines)).encode()
    check(data, Dialect(",", "utf-8"), size)


@given(st.lists(st.text("0123456789.eE+-naif_ ", max_size=8)))
@settings(max_examples=300, deadline=None)
def test_it_takes_for_a_number_what_csv_reader_and_float_take(values):
    data = "".join(f"{value},x\n" for value in ["n", *values]).encode()
    check(data, Dialect(",", "utf-8"), 4096)


def table(rows=30_000):
    lines = (f"{n},{n / 7!r},{'NA' if n % 9 == 0 else n % 5},word {n % 3}\n" for n in range(rows))
    return ("id,x,few,text\n" + "".join(lines)).encode()


@pytest.mark.parametrize("size", [2**12, 2**16, 2**23])
def test_it_parses_a_clean_table_in_frames_alone(monkeypatch, size):
    monkeypatch.setattr(csv_frames, "CHUNK_BYTES", size)
    blocks, wrong = fast(table(), Dialect(",", "utf-8"), numbers={"id", "x", "few"})
    assert wrong is None
    assert {type(block) for block in blocks} == {FrameBlock}
    assert np.array_equal(np.concatenate([b.numbers("id") for b in blocks]), np.arange(30_000))
    assert sum(int(np.isnan(block.numbers("few")).sum()) for block in blocks) == 3_334
    with pytest.raises(LookupError, match="read as numbers"):
        blocks[0].texts("x")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (b"1,2\n" + b"1,2,3,x\n" * 9, "Line 30002 has 2 fields"),
        (b"1,2,3,4,5\n", "Line 30002 has 5 fields"),
        (b"1,2,3,\0\n", "Line 30002 contains a NUL"),
        (b'1,2,3,"' + b"y" * 2**21 + b'"\n', "Line 30002 is longer"),
        (b'1,2,3,"a\nb"\n' * 9 + b"1\n", "Line 30020 has 1 field"),
        (b"\n1,2,3,x\n\n\n1\n", "Line 30006 has 1 field"),
        (b"1,2,3,\xff\n", "can't decode b'\\xff'"),
    ],
)
def test_it_names_the_line_that_csv_reader_names(monkeypatch, trouble, said):
    monkeypatch.setattr(csv_frames, "CHUNK_BYTES", 2**16)
    data = table() + trouble
    _, wrong = fast(data, Dialect(",", "utf-8"))
    assert said in wrong
    assert wrong == slow(data, Dialect(",", "utf-8"))[1]


def test_it_lets_numbers_change_between_blocks(monkeypatch):
    monkeypatch.setattr(csv_frames, "CHUNK_BYTES", 2**16)
    wanted: set[str] = set()
    blocks = registry.blocks(io.BytesIO(table()), Dialect(",", "utf-8"), numbers=wanted)
    assert next(blocks).texts("x")[:2] == ["0.0", repr(1 / 7)]
    wanted.add("x")
    with pytest.raises(LookupError):
        next(blocks).texts("x")

import contextlib
import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from datasets.formats.detect import inspect
from datasets.formats.registry import opened
from datasets.formats.sniff import BadTable, Dialect

cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\"',;|"), max_size=12
)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=30)
)


def written(rows, delimiter, line_end):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerow([f"c{n}" for n in range(len(rows[0]))])
    writer.writerows(rows)
    return text.getvalue()


def read(data, dialect):
    with opened(io.BytesIO(data), dialect) as table:
        return table.names, [row for block in table for row in block]


@given(tables, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]))
def test_it_reads_back_what_was_written(rows, delimiter, line_end):
    data = written(rows, delimiter, line_end).encode()
    names, found = read(data, Dialect(delimiter, "utf-8"))
    assert names == [f"c{n}" for n in range(len(rows[0]))]
    assert found == rows


numbers = st.lists(
    st.lists(st.integers(-99, 99).map(str), min_size=3, max_size=3), min_size=1, max_size=20
)


@given(numbers, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]))
def test_it_recognises_the_dialect_of_numbers(rows, delimiter, encoding):
    data = written(rows, delimiter, "\n").replace("c1", "é1").encode(encoding)
    dialect = inspect(data, complete=True)
    assert (dialect.delimiter, dialect.encoding, dialect.header) == (delimiter, encoding, True)
    assert read(data, dialect)[1] == rows


@given(st.binary(max_size=400))
def test_it_never_breaks_on_any_bytes(data):
    with contextlib.suppress(BadTable, UnicodeDecodeError):
        read(data, inspect(data, complete=True))

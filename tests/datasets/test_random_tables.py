"""Random tables: CSV to RecordIO to numbers gives what was in the table."""

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.datasets.pure_run import ran

numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
spellings = st.sampled_from([repr, "{:e}".format, "{:.9g}".format])


@st.composite
def tables(draw):
    """Column names, numbers as float32 and how they are spelt, and a class for each row."""
    width, rows = draw(st.integers(1, 6)), draw(st.integers(30, 60))
    spelt = draw(st.lists(spellings, min_size=width, max_size=width))
    cells = [[float(np.float32(spell(draw(numbers)))) for spell in spelt] for _ in range(rows)]
    names = draw(
        st.lists(
            st.text('abcxyz äß,"', min_size=1, max_size=6).map(str.strip),
            min_size=width,
            max_size=width,
            unique_by=str.lower,
        )
    )
    names = [f"{name or 'c'} {place}" for place, name in enumerate(names)]
    return names, spelt, cells


def text_of(names, spelt, cells):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*names, "y", "row"])
    for n, row in enumerate(cells):
        written = [spell(cell) for spell, cell in zip(spelt, row, strict=True)]
        writer.writerow([*written, "ab"[n % 2], n])
    return text.getvalue()


@settings(max_examples=40, deadline=None)
@given(tables(), st.integers(0, 99))
def test_every_number_arrives(table, seed):
    names, _, cells = table
    run = ran(text_of(*table), target="y", algorithm="knn", seed=seed)
    assert run.result.features == [*names, "row"]
    found = {int(row[-1]): row for split in run.counts() for row in run.rows(split)}
    assert sorted(found) == list(range(len(cells)))
    for n, row in found.items():
        assert row[0] == n % 2
        assert np.float32(row[1:-1]).tolist() == np.float32(cells[n]).tolist()


@settings(max_examples=40, deadline=None)
@given(tables(), st.sampled_from(["csv", "libsvm"]))
def test_text_formats_hold_the_same_numbers(table, format_):
    binary = ran(text_of(*table), target="y", algorithm="knn")
    run = ran(text_of(*table), target="y", recipe={"format": format_})
    for split in run.counts():
        lines = [line.replace(",", " ").split() for line in run.body(split).decode().splitlines()]
        cells = [[float(cell.rpartition(":")[2]) for cell in line] for line in lines]
        assert np.float32(cells).tolist() == np.float32(binary.rows(split)).tolist()

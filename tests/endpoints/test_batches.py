"""Rows keep their order and their bytes, and no batch outgrows what an endpoint takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoints.batches import BadLine, Batch, Pace, batches, coded, labelled, unlabelled

rows = st.lists(
    st.tuples(st.integers(0, 9), st.text("0123456789.,-e ", min_size=1, max_size=30)), max_size=60
)


@given(rows, st.integers(1, 20), st.integers(31, 200))
def test_it_loses_no_row_and_keeps_every_byte(pairs, size, limit):
    lines = [f"{label},{features}\n".encode() for label, features in pairs]
    found = list(batches(labelled(lines), pace=Pace(size), limit=limit))
    assert [label for batch in found for label in batch.labels] == [label for label, _ in pairs]
    bodies = [line for batch in found for line in batch.body.split(b"\n")]
    assert bodies == [features.encode() for _, features in pairs]
    assert all(len(batch.body) <= limit and batch.rows <= size for batch in found)
    assert [batch.first for batch in found] == [
        1 + sum(before.rows for before in found[:index]) for index in range(len(found))
    ]


def test_counting_goes_on_where_an_earlier_run_ended():
    found = list(batches(unlabelled([b"1\n", b"\r\n", b"2\n"]), pace=Pace(1), limit=9, first=8))
    assert [(batch.first, batch.body) for batch in found] == [(8, b"1"), (9, b"2")]


def test_it_leaves_line_endings_and_blank_lines_out():
    found = list(batches(labelled([b"1,2,3\r\n", b"\n", b"0,,5"]), pace=Pace(), limit=100))
    assert found == [Batch(1, (1.0, 0.0), b"2,3\n,5")]


@pytest.mark.parametrize(
    ("line", "message"),
    [(b"5", "Row 2 has a label"), (b"x,1", "Row 2 does not start"), (b"1," + b"9" * 50, "larger")],
)
def test_it_names_the_row_that_cannot_be_sent(line, message):
    with pytest.raises(BadLine, match=message):
        list(batches(labelled([b"1,1", line]), pace=Pace(), limit=40))


def test_batches_grow_while_answers_are_quick_and_shrink_when_they_are_slow():
    pace = Pace(100)
    pace.note(100, 0.1)
    assert pace.rows == 200
    pace.note(100, 0.1)  # a batch made before the growth says nothing new
    assert pace.rows == 200
    pace.note(200, 1.0)
    assert pace.rows == 200
    pace.note(200, 3.0)
    assert pace.rows == 100
    pace.note(1, 30.0)
    assert pace.rows == 1
    pace.note(1, 0.01)
    assert pace.rows == 4


def test_texts_get_the_codes_of_their_labels():
    lines = [b"__label__talk a text, with a comma\n", b"__label__sci_space\n"]
    assert list(coded(lines, ["sci_space", "talk"])) == [b"1,a text, with a comma", b"0,"]
    with pytest.raises(BadLine, match="Row 1 does not start with a known label"):
        list(coded([b"__label__other x"], ["talk"]))

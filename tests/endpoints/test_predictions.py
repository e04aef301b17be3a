"""Predictions as Parquet: the columns of each kind of model, and what people read of them."""

import io
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endpoints import predictions
from endpoints.answers import Answer, decode

shares = st.floats(0, 1, allow_nan=False)
numbers = st.floats(-1e12, 1e12, allow_nan=False)


def recipe(task, labels=()):
    return SimpleNamespace(task=task, labels=list(labels), encoding={})


def slowly(task, body, rows, labels=()):
    answers = decode(recipe(task, labels), body, "text/csv", rows=rows)
    return predictions.rows_of(4, None, answers)


def stored(*batches):
    file = io.BytesIO()
    predictions.write(batches, file, predictions.shared(b.schema.names for b in batches))
    return file


@settings(deadline=None)  # the first example imports polars
@given(st.lists(shares, min_size=1, max_size=40))
def test_quick_and_thorough_reading_of_probabilities_agree(scores):
    body = "\n".join(map(repr, scores)).encode()
    quick = predictions.from_numbers(4, None, "binary", body, len(scores))
    assert quick.equals(slowly("binary", body, len(scores), ["no", "yes"]))


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=40))
def test_quick_and_thorough_reading_of_numbers_agree(values):
    body = ("\n".join(map(repr, values)) + "\n").encode()
    quick = predictions.from_numbers(4, None, "regression", body, len(values))
    assert quick.equals(slowly("regression", body, len(values)))


@pytest.mark.parametrize("classes", [3, 20, 21])
def test_quick_and_thorough_reading_of_classes_agree(classes):
    scores = np.random.default_rng(0).dirichlet(np.ones(classes), size=50).round(6)
    body = "\n".join(",".join(map(str, row)) for row in scores.tolist()).encode()
    quick = predictions.from_numbers(4, None, "multiclass", body, 50)
    assert quick.equals(slowly("multiclass", body, 50, range(classes)))
    names = quick.schema.names
    assert ("score_19" in names, "top_4" in names) == (classes == 20, classes == 21)


@pytest.mark.parametrize(
    ("task", "body"),
    [
        ("binary", b"0.5\n1.5"),  # margins
        ("binary", b"0.5\nnan"),
        ("binary", b"0.5"),  # one answer to two rows
        ("multiclass", b"0.1,0.9\n0.2,0.3,0.5"),
        ("multiclass", b"[0.1,0.9],[0.5,0.5]"),
        ("multiclass", b"1\n2"),  # the classes themselves
        ("regression", b"1,2\n3,4"),
        ("regression", b"one\n2"),
        ("clustering", b"1\n2"),
    ],
)
def test_what_is_not_plain_is_left_to_thorough_reading(task, body):
    assert predictions.from_numbers(1, None, task, body, 2) is None


@pytest.mark.parametrize(
    ("answers", "columns"),
    [
        ([Answer(code=2, distance=0.5)], {"predicted": [2.0], "distance": [0.5]}),
        ([Answer(vector=(1.0, 2.0))], {"component_0": [1.0], "component_1": [2.0]}),
        ([Answer(value=1.0, code=1), Answer(value=0.0, code=0)], {"predicted": [1.0, 0.0]}),
        (
            [Answer(code=1, probabilities=(0.2, 0.8)), Answer(value=3.5, code=1)],
            {"predicted": [1.0, 1.0]},
        ),
    ],
)
def test_each_kind_of_model_has_its_columns(answers, columns):
    found = predictions.rows_of(1, None, answers).to_pydict()
    assert found.pop("row") == list(range(1, len(answers) + 1))
    assert found == columns


def test_an_anomaly_has_a_score():
    found = predictions.rows_of(1, None, [Answer(value=1.25)], is_anomaly=True)
    assert found.to_pydict() == {"row": [1], "predicted": [1.25], "score": [1.25]}


@pytest.mark.parametrize(
    "answer",
    [Answer(value=float("nan")), Answer(), Answer(code=0, probabilities=(float("nan"), 1))],
)
def test_nan_is_no_answer(answer):
    with pytest.raises(predictions.Unanswered) as told:
        predictions.rows_of(1, None, [Answer(value=1.0), answer])
    assert told.value.offset == 1


def test_groups_have_their_size_whatever_the_parts(monkeypatch):
    monkeypatch.setattr(predictions, "GROUP_ROWS", 10)
    parts = [predictions.responses_of(n, None, ["x"] * 7) for n in (1, 8, 15, 22)]
    found = pq.ParquetFile(stored(*parts))
    groups = [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)]
    assert groups == [10, 10, 8]
    assert found.read()["row"].to_pylist() == list(range(1, 29))
    assert found.metadata.row_group(0).column(0).compression == "ZSTD"


def test_scores_that_some_parts_lack_are_left_out():
    with_scores = predictions.rows_of(1, None, [Answer(code=1, probabilities=(0.2, 0.8))])
    without = predictions.rows_of(2, None, [Answer(value=3.5, code=1)])
    assert pq.ParquetFile(stored(with_scores, without)).schema_arrow.names == ["row", "predicted"]


def test_a_spreadsheet_gets_names_and_nothing_to_run():
    answers = [Answer(code=1, probabilities=(0.25, 0.75)), Answer(code=0, probabilities=(1, 0))]
    file = stored(predictions.rows_of(1, (0.0, 1.0), answers))
    told = b"".join(predictions.as_csv(file, ["=cmd()", "fine"])).decode().splitlines()
    assert told == [
        "row,actual,predicted,score of =cmd(),score of fine",
        "1,'=cmd(),fine,0.25,0.75",
        "2,fine,'=cmd(),1,0",
    ]
    header, rows = predictions.shown(file, ["=cmd()", "fine"], 1)
    assert (header[3], rows) == ("score of =cmd()", [["1", "=cmd()", "fine", "0.25", "0.75"]])


def test_responses_stay_what_they_are():
    file = stored(predictions.responses_of(1, None, ['{"a": 1}', "=1+1"]))
    assert b"".join(predictions.as_csv(file, [])).endswith(b"2,'=1+1\r\n")
    assert pq.ParquetFile(file).schema_arrow.field("response").type == pa.string()

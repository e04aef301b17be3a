"""A file's rows become what a model is asked, whatever its format; what cannot has its place."""

import gzip
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from endpoints import batch_rows
from endpoints.batch_look import look_at
from endpoints.batch_rows import BadRow
from endpoints.models import BatchPrediction
from tests.endpoints.batch_lab import service  # noqa: F401  # a fixture for this file

COLUMNS = ["age", "job", "member", "y"]
ENCODING = {
    "features": [
        {"name": "age", "kind": "number", "categories": []},
        {"name": "job", "kind": "onehot", "categories": ["clerk", "cook"]},
        {"name": "member", "kind": "boolean", "categories": []},
    ],
    "left_out": [],
    "dropped_rows": 0,
}
ROWS = [["34", "cook", "true", "yes"], ["", "pilot", "false", "no"], ["7.5", "clerk", "1", "yes"]]
ASKED = [b"34,0,1,1", b",0,0,0", b"7.5,1,0,1"]


@pytest.fixture
def recipe(workspace) -> Preparation:
    columns = [{"name": name} for name in COLUMNS]
    dataset = Dataset.objects.create(
        workspace=workspace, name="people", status="Ready", columns=columns, key="p.csv"
    )
    return Preparation.objects.create(
        workspace=workspace,
        name="people",
        dataset=dataset,
        status="Ready",
        target="y",
        task="binary",
        features=["age", "job=clerk", "job=cook", "member"],
        encoding=ENCODING,
        labels=["no", "yes"],
    )


@pytest.fixture
def text_recipe(recipe):
    text = [{"name": "said", "kind": "text", "categories": []}]
    recipe.encoding = ENCODING | {"features": text, "tokens": ["no", "yes"]}
    recipe.features = ["said"]
    recipe.dataset.columns = [{"name": "said"}, {"name": "y"}]
    return recipe


@pytest.fixture
def read(service, lab, workspace):  # noqa: F811  # that fixture
    """`read(body, recipe)` is a batch's rows."""

    def rows(body, recipe, name="rows.csv", **fields):
        key = "batches/reading/input"
        lab.put(key, body)
        wish = {"source": key, "source_name": name, "preparation": recipe} | fields
        batch = BatchPrediction(workspace=workspace, way="endpoint", **wish)
        return list(batch_rows.of(batch)), batch

    return rows


def as_csv(rows, header=COLUMNS, delimiter=","):
    lines = [header, *rows] if header else rows
    return "\n".join(delimiter.join(line) for line in lines).encode()


def as_json_lines(rows):
    return "\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows).encode()


def as_parquet(rows):
    out = io.BytesIO()
    columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (as_csv(ROWS), "rows.csv"),
        (as_csv(ROWS, delimiter=";"), "rows.csv"),
        (as_csv(ROWS, header=None), "rows.csv"),
        (gzip.compress(as_csv(ROWS), mtime=0), "rows.csv.gz"),
        (as_json_lines(ROWS), "rows.jsonl"),
        (as_parquet(ROWS), "rows.parquet"),
    ],
    ids=["header", "semicolons", "no header", "gzip", "json lines", "parquet"],
)
def test_every_format_asks_the_same(read, recipe, body, name):
    found, _ = read(body, recipe, name, has_truth=True)
    assert [row.features for row in found] == ASKED
    assert [row.label for row in found] == [1, 0, 1]


def test_without_truth_the_target_may_be_there_or_not(read, recipe):
    with_target, _ = read(as_csv(ROWS, header=None), recipe)
    without, _ = read(as_csv([row[:3] for row in ROWS], header=None), recipe)
    assert [row.features for row in with_target] == [row.features for row in without] == ASKED
    assert all(np.isnan(row.label) for row in with_target)


def test_rows_that_are_encoded_already_go_as_they_are(read, recipe):
    body = b"age,job=clerk,job=cook,member\n1,0,1,1\n,1,0,0"
    found, _ = read(body, recipe)
    assert [row.features for row in found] == [b"1,0,1,1", b",1,0,0"]


@pytest.mark.parametrize(
    ("cell", "place", "line"), [("old", 3, 5), ("1,5", 3, 5)], ids=["a word", "a comma"]
)
def test_a_cell_that_is_no_number_has_row_and_line(read, recipe, cell, place, line):
    body = f'age,job,member\n1,cook,1\n2,"co\nok",1\n"{cell}",cook,1\n'.encode()
    with pytest.raises(BadRow) as told:
        read(body, recipe)
    assert told.value.number == place
    batch = BatchPrediction(
        workspace=recipe.workspace,
        source="batches/reading/input",
        source_name="x.csv",
        preparation=recipe,
    )
    assert batch_rows.line_of(batch, place) == line


def test_a_truth_that_is_unknown_has_its_row(read, recipe):
    with pytest.raises(BadRow, match="“maybe” is no class of “y”") as told:
        read(as_csv([*ROWS, ["1", "cook", "1", "maybe"]]), recipe, has_truth=True)
    assert told.value.number == 4


def test_a_line_with_too_few_cells_is_told_by_its_number(read, recipe):
    with pytest.raises(BadTable, match="Line 3"):
        read(b"age,job,member\n1,cook,1\n2,cook\n", recipe)


def test_each_line_is_a_text_for_a_model_of_texts(read, text_recipe):
    body = b"What a fine day, really\n\nand Another one\nmore of it\n"
    found, _ = read(body, text_recipe, "texts.txt")
    assert [row.features for row in found] == [
        b"what a fine day , really",
        b"and another one",
        b"more of it",
    ]
    named, _ = read(b'said,y\n"Fine, really",yes\nBad,no\n', text_recipe, has_truth=True)
    assert [row.label for row in named] == [1, 0]
    assert [b"fine" in row.features for row in named] == [True, False]


def test_lines_of_a_model_that_nobody_knows_go_as_they_stand(read):
    found, batch = read(b"x,y\n1,2\n\n3,4\n", None)
    assert [row.features for row in found] == [b"1,2", b"3,4"]
    assert batch_rows.line_of(batch, 2) == 4


def test_about_as_many_rows_are_counted_as_there_are(read, recipe):
    found, batch = read(as_csv(ROWS), recipe)
    assert batch_rows.counted(batch) == len(found) == 3


def test_a_look_says_what_each_column_is(recipe):
    body = as_csv([[*row, "x"] for row in ROWS], header=["y", "job", "age", "member", "note"])
    body = body.replace(b"34,cook,true,yes", b"yes,cook,34,true").replace(b"7.5", b"clerk")
    found = look_at(body, "rows.csv", recipe)
    assert found.heads == [
        ("y", "target"),
        ("job", "read"),
        ("age", "read"),
        ("member", "read"),
        ("note", "not read"),
    ]
    assert (found.has_target, found.left_out, found.problem) == (True, ["note"], "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "empty"),
        (b"\x80\x04\x95pickle", "pickle"),
        (b"a,b\n1,2\n", "The file lacks the column age"),
        (b"1,2\n3,4\n", "The rows have 2 values and no header"),
    ],
)
def test_a_look_says_why_a_file_does_not_fit(recipe, body, problem):
    assert problem in look_at(body, "rows.csv", recipe).problem


def test_a_look_at_lines_shows_them_as_they_stand(text_recipe):
    found = look_at(b"a goal, a match\n\nthe moon\n", "texts.txt", text_recipe)
    assert (found.problem, found.is_raw, found.names) == ("", True, ["said"])
    assert found.rows == [["a goal, a match"], ["the moon"]]
    raw = look_at(b"x,y\n1,2\n3,4\n", "rows.csv", None)
    assert (raw.rows, raw.has_header) == ([["1,2"], ["3,4"]], True)

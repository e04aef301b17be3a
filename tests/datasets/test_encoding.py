import pytest

from datasets.tables import BadCell, encode_columns, encode_row, feature_names

ENCODING = {
    "features": [
        {"name": "age", "kind": "number", "categories": []},
        {"name": "city", "kind": "onehot", "categories": ["Basel", "Bern"]},
        {"name": "ok", "kind": "boolean", "categories": []},
    ],
    "left_out": [],
    "dropped_rows": 0,
}


def test_it_names_the_channels_columns():
    assert feature_names(ENCODING) == ["age", "city=Basel", "city=Bern", "ok"]


@pytest.mark.parametrize(
    ("row", "encoded"),
    [
        ({"age": "30", "city": "Bern", "ok": "true"}, ["30", "0", "1", "1"]),
        ({"age": " 3e1 ", "city": " Basel", "ok": "FALSE"}, ["3e1", "1", "0", "0"]),
        ({"age": "NA", "city": "Genf", "ok": ""}, ["", "0", "0", ""]),
        ({"age": 30, "city": None, "ok": True}, ["30", "0", "0", "1"]),
        ({}, ["", "0", "0", ""]),
    ],
)
def test_it_encodes_a_row_as_training_saw_its_columns(row, encoded):
    assert encode_row(ENCODING, row) == encoded


def test_a_row_and_a_column_are_encoded_alike():
    columns = {"age": ["1", "?"], "city": ["Bern", "Basel"], "ok": ["true", "x"]}
    by_column = [list(row) for row in zip(*encode_columns(ENCODING, columns), strict=True)]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    assert by_column == [encode_row(ENCODING, row) for row in rows]


@pytest.mark.parametrize("text", ["old", "1_0", "inf", "0x10"])
def test_it_refuses_text_in_a_column_of_numbers(text):
    with pytest.raises(BadCell, match="column “age” holds numbers"):
        encode_row(ENCODING, {"age": text})

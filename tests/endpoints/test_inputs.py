"""What may be typed into the try-it panel, and what becomes of it."""

import pytest

from endpoints.inputs import Columns, Misfit, fit, original_of, rows_of_csv, rows_of_instances

PLAIN = Columns(
    features=["age", "income"],
    originals=["age", "bought", "income"],
    target="bought",
    encoding={
        "features": [
            {"name": "age", "kind": "number", "categories": []},
            {"name": "income", "kind": "number", "categories": []},
        ],
        "left_out": [],
        "dropped_rows": 0,
    },
)
MIXED = Columns(
    features=["age", "vip", "city=Oslo", "city=Rome"],
    originals=["name", "age", "vip", "city", "bought"],
    target="bought",
    encoding={
        "features": [
            {"name": "age", "kind": "number", "categories": []},
            {"name": "vip", "kind": "boolean", "categories": []},
            {"name": "city", "kind": "onehot", "categories": ["Oslo", "Rome"]},
        ],
        "left_out": [{"name": "name", "reason": "a different text in every row"}],
        "dropped_rows": 0,
    },
)


def asked(text, columns):
    return fit(rows_of_csv(text), columns)


@pytest.mark.parametrize(
    "text",
    ["31,900", " 31 , 900 \n", "31,yes,900", "31\t900", "31;900", "income,age\n900,31"],
)
def test_numbers_arrive_in_the_channels_order(text):
    assert asked(text, PLAIN) == [["31", "900"]]


@pytest.mark.parametrize(
    "text",
    [
        "Ann,31,true,Rome,yes",
        "city,vip,age\nRome,TRUE,31",
        "31,1,0,1",
    ],
)
def test_the_datasets_own_columns_are_encoded(text):
    names_or_features = asked(text, MIXED)
    assert names_or_features == [["31", "1", "0", "1"]]


def test_a_single_line_is_data_even_when_it_looks_like_names():
    columns = Columns(features=["0", "1"], originals=["0", "1", "y"], target="y")
    assert asked("0,1", columns) == [["0", "1"]]
    assert asked("1,0\n5,6", columns) == [["6", "5"]]


def test_missing_values_stay_missing():
    assert asked("31,", PLAIN) == [["31", ""]]
    assert asked("NaN,900", PLAIN) == [["", "900"]]


def test_instances_may_be_lists_or_objects():
    assert fit(rows_of_instances([[31, 900.5], [1, None]]), PLAIN) == [
        ["31", "900.5"],
        ["1", ""],
    ]
    rows = rows_of_instances([{"income": 900, "age": 31, "bought": "yes"}])
    assert fit(rows, PLAIN) == [["31", "900"]]
    assert fit(rows_of_instances([{"age": 31, "vip": True, "city": "Oslo"}]), MIXED) == [
        ["31", "1", "1", "0"]
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("31", "Row 1 has 1 value. Expected are 2 columns: age, income."),
        ("1,2\n1,2,3,4", "Row 2 has 4 values. Expected are 2 columns"),
        ("old,900", "Row 1: “old” is not a number, but column “age”"),
        ("", "no row"),
        ("\n\n", "no row"),
    ],
)
def test_it_says_which_row_is_wrong_and_what_was_expected(text, message):
    with pytest.raises(Misfit, match=message):
        asked(text, PLAIN)


@pytest.mark.parametrize(
    ("instances", "message"),
    [
        ([{"age": 31}], "Row 1 lacks income"),
        ([{"age": 31, "income": 9, "colour": 1}], "there is no column colour"),
        ([[1, 2], {"age": 1}], "lists of values, or objects"),
        (["1,2"], "lists of values, or objects"),
        ([], "no row"),
        ([[1, 2]] * 1001, "at most 1,000"),
    ],
)
def test_it_refuses_instances_that_do_not_fit(instances, message):
    with pytest.raises(Misfit, match=message):
        fit(rows_of_instances(instances), PLAIN)


def test_a_long_list_of_names_is_cut():
    columns = Columns(features=[f"f{number}" for number in range(30)])
    with pytest.raises(Misfit, match=r"30 columns: f0, .*f7 and 22 more"):
        asked("1", columns)


def test_unknown_columns_pass_as_they_are_but_evenly():
    assert asked("a,b\nc,d", Columns()) == [["a", "b"], ["c", "d"]]
    with pytest.raises(Misfit, match="Row 2 has 1 values"):
        asked("a,b\nc", Columns())


@pytest.mark.parametrize("city", ["Oslo", "Rome", ""])
@pytest.mark.parametrize("vip", ["true", "false", ""])
def test_original_of_undoes_the_encoding(city, vip):
    cells = {"age": "31", "vip": vip, "city": city}
    (row,) = fit([cells], MIXED)
    assert original_of(MIXED, row) == cells


FITTED = Columns(
    features=["age", "size", "note:bad", "note:good"],
    originals=["age", "size", "note", "bought"],
    target="bought",
    encoding={
        "features": [
            {"name": "age", "kind": "number", "categories": [], "shift": 40.0, "scale": 20.0},
            {
                "name": "size",
                "kind": "ordinal",
                "categories": ["large", "medium", "small"],
                "fill": "small",
                "shift": 0.0,
                "scale": 2.0,
            },
            {"name": "note", "kind": "words", "categories": ["bad", "good"], "lower": True},
        ],
        "left_out": [],
        "dropped_rows": 0,
    },
)


def test_scaled_ordinal_and_counted_words_are_encoded_as_for_training():
    row = {"age": "50", "size": "medium", "note": "Good, good, not bad"}
    assert fit([row], FITTED) == [["0.5", "0.5", "1", "2"]]
    assert fit([row | {"size": ""}], FITTED)[0][1] == "1"


def test_the_datasets_cells_come_back_from_what_was_fitted():
    # 0.9333333 is what float32 keeps of (58.666666 - 40) / 20.
    assert original_of(FITTED, ["0.9333333", "0.5", "1", "2"]) == {
        "age": "58.6667",
        "size": "medium",
        "note": "bad good good",
    }
    assert original_of(FITTED, ["", "9", "0", "0"]) == {"age": "", "size": "", "note": ""}


def test_what_is_missing_in_records_comes_back_empty():
    assert original_of(MIXED, ["31.0", "nan", "0.0", "1.0"])["vip"] == ""
    assert original_of(MIXED, ["31.0", "1.0", "0.0", "1.0"]) == {
        "age": "31.0",
        "vip": "true",
        "city": "Rome",
    }

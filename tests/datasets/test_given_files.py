"""Validation and test rows from files of their own."""

import pytest

from datasets.recipe import BadRecipe
from tests.datasets.pure_run import checked, ran

BY_FILES = {"split": {"by": "files"}}


def table(rows, *, start=0, kinds="abc", names="x,city,y"):
    lines = (
        f"{start + n},{('Basel', 'Bern')[n % 2]},{kinds[n % len(kinds)]}\n" for n in range(rows)
    )
    return f"{names}\n" + "".join(lines)


def test_their_rows_are_the_split_and_the_rest_is_divided():
    run = ran(table(90), target="y", files={"test": table(20, start=1000)}, recipe=BY_FILES)
    assert run.counts() == {"train": 70, "validation": 20, "test": 20}
    assert {float(row[1]) for row in run.lines("test")} == set(map(float, range(1000, 1020)))
    both = {"validation": table(9, start=500), "test": table(20, start=1000)}
    run = ran(table(90), target="y", files=both, recipe=BY_FILES)
    assert run.counts() == {"train": 90, "validation": 9, "test": 20}
    assert run.recipe.files == {"validation": 9, "test": 20}


def test_nothing_is_fitted_on_them():
    other = "x,city,y\n" + "".join(f"{10**6 + n},Genf,{'abc'[n % 3]}\n" for n in range(30))
    run = ran(table(90), target="y", files={"test": other}, recipe=BY_FILES | {"scale": "minmax"})
    assert run.result.features == ["x", "city=Basel", "city=Bern"]
    assert run.feature("x")["shift"] + run.feature("x")["scale"] < 90
    assert {tuple(row[2:]) for row in run.lines("test")} == {("0", "0")}


def test_rows_whose_class_training_does_not_know_are_left_out_and_counted():
    run = ran(table(90), target="y", files={"test": table(40, kinds="abcd")}, recipe=BY_FILES)
    assert run.result.labels == ["a", "b", "c"]
    assert run.counts()["test"] == 30
    assert run.result.encoding["dropped"] == {"unknown classes": 10}


def test_their_columns_may_stand_in_another_order():
    other = "y,city,extra,x\n" + "".join(f"{'abc'[n % 3]},Bern,?,{n}\n" for n in range(12))
    run = ran(table(90), target="y", files={"test": other}, recipe=BY_FILES)
    assert run.lines("test")[1] == ["1", "1", "0", "1"]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (table(20, names="x,town,y"), "It lacks the column “city”."),
        (table(20, names="a,b,c"), "It lacks the columns “x”, “city”, “y”."),
        (table(20).replace(",Bern", "x,Bern"), "Its column “x” holds text"),
    ],
)
def test_they_must_have_the_same_columns(other, text):
    with pytest.raises(BadRecipe) as refused:
        checked(table(90), target="y", files={"validation": other}, recipe=BY_FILES)
    assert text in refused.value.errors["validation_dataset"][0]


def test_they_are_only_for_a_division_by_files():
    with pytest.raises(BadRecipe) as refused:
        checked(table(90), target="y", files={"test": table(20)})
    assert list(refused.value.errors) == ["test_dataset"]

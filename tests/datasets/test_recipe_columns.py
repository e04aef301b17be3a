"""Which columns become features, and what a recipe may not ask of them."""

import pytest

from datasets.recipe import BadRecipe
from tests.datasets.pure_run import checked, ran

TABLE = "id,size,city,note,gone,day,y\n" + "".join(
    f"{n},{n if n % 10 else ''},{('Basel', 'Bern')[n % 2]},text {n},,2024-01-{n % 28 + 1:02},"
    f"{'ab'[n % 2]}\n"
    for n in range(40)
)


def names_of(found):
    return [feature["name"] for feature in found.features]


def refused(**wish):
    with pytest.raises(BadRecipe) as problem:
        checked(TABLE, **({"target": "y"} | wish))
    return problem.value.errors


def test_all_usable_columns_are_features_by_default():
    assert names_of(checked(TABLE, target="y")) == ["id", "size", "city"]


def test_columns_can_be_left_out():
    found = checked(TABLE, target="y", recipe={"columns_out": ["id", "y"]})
    assert names_of(found) == ["size", "city"]
    assert {"name": "id", "reason": "left out on request"} in found.left_out


def test_columns_can_be_chosen():
    found = checked(TABLE, target="y", recipe={"columns_in": ["city"]})
    assert names_of(found) == ["city"]
    assert {"name": "size", "reason": "not among the chosen columns"} in found.left_out
    assert {c["name"] for c in found.left_out} == {"id", "size", "note", "gone", "day"}


def test_chosen_columns_must_be_usable():
    errors = refused(recipe={"columns_in": ["size", "note", "gone"]})
    assert errors == {
        "columns_in": [
            "“note” cannot be used: a different text in every row.",
            "“gone” cannot be used: no values.",
        ]
    }


@pytest.mark.parametrize("field", ["columns_in", "columns_out"])
def test_unknown_columns_are_named(field):
    assert "Did you mean “size”?" in refused(recipe={field: ["sise"]})[field][0]


@pytest.mark.parametrize(
    ("recipe", "field"),
    [
        ({"missing": {"sise": "mode"}}, "missing"),
        ({"missing": {"city": "median"}}, "missing"),
        ({"categories": {"towns": "ordinal"}}, "categories"),
        ({"text": {"column": "notes"}}, "text_column"),
        ({"text": {"column": "note", "do": "blazingtext"}}, "text"),
        ({"split": {"by": "time", "column": "city"}}, "split_column"),
        ({"split": {"by": "time", "column": "days"}}, "split_column"),
        ({"split": {"by": "time", "column": "gone"}}, "split_column"),
        ({"split": {"by": "group", "column": "y"}}, "split_column"),
        ({"split": {"by": "group", "column": "city"}}, "split_column"),
        ({"split": {"by": "files"}}, "split"),
        ({"format": "blazingtext"}, "format"),
        (
            {"split": {"by": "time", "column": "day"}, "rare": {"fewest": 3, "do": "train"}},
            "rare",
        ),
    ],
)
def test_it_names_the_field_that_does_not_fit_the_table(recipe, field):
    assert field in refused(recipe=recipe)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"algorithm": "factorization-machines", "target": "city", "recipe": {}}, None),
        ({"algorithm": "factorization-machines", "target": "id"}, None),
        ({"algorithm": "blazingtext"}, "text_column"),
        ({"algorithm": "blazingtext", "target": "id"}, "target"),
        ({"algorithm": "kmeans", "target": ""}, None),
        ({"algorithm": "knn", "target": ""}, "target"),
        ({"algorithm": "kmeans", "target": "", "recipe": {"sample": "up"}}, "sample"),
        ({"algorithm": "xgboost", "target": "id", "recipe": {"rare": {"fewest": 3}}}, "rare"),
        ({"algorithm": "knn", "recipe": {"missing": {"*": "leave"}}}, "missing"),
        ({"recipe": {"missing": {"*": "leave"}, "format": "recordio"}}, "missing"),
        ({"recipe": {"missing": {"*": "leave"}, "format": "libsvm"}}, None),
    ],
)
def test_it_checks_what_the_algorithm_takes(wish, field):
    wish = {"target": "y"} | wish
    if field is None:
        assert checked(TABLE, **wish).features
    else:
        assert field in refused(**wish)


def test_what_divides_the_rows_is_no_feature_unless_it_is_chosen():
    split = {"by": "group", "column": "id"}
    found = checked(TABLE, target="y", recipe={"split": split})
    assert {"name": "id", "reason": "it groups the rows"} in found.left_out
    chosen = checked(TABLE, target="y", recipe={"split": split, "columns_in": ["id", "size"]})
    assert names_of(chosen) == ["id", "size"]


def test_numbers_become_categories_when_they_are_named_as_such():
    table = "zip,x,y\n" + "".join(f"{4000 + n % 3},{n},{'ab'[n % 2]}\n" for n in range(40))
    found = ran(table, target="y", recipe={"categories": {"zip": "onehot"}})
    assert found.result.features == ["zip=4000", "zip=4001", "zip=4002", "x"]

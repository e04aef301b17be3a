"""The form and the recipe's JSON say the same, in both directions."""

import pytest
from django.http import QueryDict

from datasets.forms import PrepareForm
from datasets.forms.choices import ABOUT, CATEGORIES, FORMATS, MISSING, RARE, SCALES, SPLITS
from datasets.forms.wishes import initial_of, recipe_of
from datasets.models import Dataset, Preparation
from datasets.recipe import ALGORITHMS, definition, parse

BARE: dict[str, object] = {
    "columns": [],
    "columns_mode": "out",
    "target": "y",
    "algorithm": "xgboost",
    "split_by": "random",
    "split_column": "",
    "rare_fewest": None,
    "rare_do": "train",
    "missing_all": "",
    "missing": {},
    "categories_all": "",
    "categories": {},
    "scale": "",
    "sample": "none",
    "text_column": "",
    "text_lower": True,
    "text_top": None,
    "format": "",
}


@pytest.mark.parametrize(
    ("chosen", "recipe"),
    [
        ({}, {}),
        ({"columns": ["a", "y"]}, {"columns_out": ["a"]}),
        ({"columns": ["a"], "columns_mode": "in"}, {"columns_in": ["a"]}),
        (
            {"split_by": "group", "split_column": "shop"},
            {"split": {"by": "group", "column": "shop"}},
        ),
        ({"split_by": "files", "split_column": "shop"}, {"split": {"by": "files"}}),
        ({"rare_fewest": 5, "rare_do": "merge"}, {"rare": {"fewest": 5, "do": "merge"}}),
        (
            {"missing_all": "median", "missing": {"b": "drop"}},
            {"missing": {"*": "median", "b": "drop"}},
        ),
        ({"categories": {"b": "ordinal"}}, {"categories": {"b": "ordinal"}}),
        ({"scale": "none"}, {}),
        ({"scale": "minmax", "sample": "up"}, {"scale": "minmax", "sample": "up"}),
        ({"format": "libsvm"}, {"format": "libsvm"}),
        (
            {"text_column": "t", "text_top": 50, "text_lower": False},
            {"text": {"column": "t", "do": "words", "lower": False, "top": 50}},
        ),
    ],
)
def test_the_form_says_what_the_recipe_says(chosen, recipe):
    assert recipe_of(BARE | chosen) == recipe
    parse(recipe)


def test_distances_are_measured_on_a_like_scale_unless_told_otherwise():
    assert recipe_of(BARE | {"algorithm": "knn"}) == {"scale": "standard"}
    assert recipe_of(BARE | {"algorithm": "knn", "scale": "none"}) == {}


def test_a_preparation_fills_the_form_that_makes_it_again():
    recipe = {
        "columns_in": ["a", "b"],
        "split": {"by": "time", "column": "day"},
        "rare": {"fewest": 3, "do": "drop"},
        "missing": {"*": "mode", "a": "drop"},
        "categories": {"b": "ordinal"},
        "scale": "standard",
        "sample": "down",
        "text": {"column": "t", "do": "words", "lower": False, "top": 20},
        "format": "recordio",
    }
    filled = initial_of(Preparation(target="y", algorithm="knn", recipe=recipe, train=0.6))
    dictionaries = {name: dict(filled[name]) for name in ("missing", "categories")}
    assert recipe_of(BARE | filled | dictionaries) == recipe
    assert (filled["train"], filled["validation"], filled["test"]) == (60, 20, 10)


def test_an_unscaled_recipe_of_distances_stays_unscaled():
    filled = initial_of(Preparation(target="y", algorithm="knn", recipe={}))
    assert filled["scale"] == "none"


def test_single_columns_come_as_lines():
    form = PrepareForm(
        QueryDict(
            "missing_column=a&missing_do=median&missing_column=&missing_do=drop"
            "&categories_column=b&categories_do=ordinal"
            "&categories_column=b&categories_do=onehot"
        ),
        dataset=Dataset(status="Ready"),
    )
    assert form["missing"].value() == [("a", "median")]
    assert form.errors["categories"] == ["“b” stands here twice."]
    assert "missing" not in form.errors


def test_every_choice_of_the_recipe_is_offered():
    assert set(ABOUT) == set(ALGORITHMS)
    for offered, known in (
        (SPLITS, definition.SPLITTING),
        (RARE, definition.RARE),
        (MISSING, definition.MISSING_RULES),
        (CATEGORIES, definition.CATEGORIES),
        (SCALES, definition.SCALING),
        (FORMATS, definition.FORMATS),
    ):
        assert set(offered) == set(known)


def test_blazingtext_gets_lines_of_words():
    chosen = BARE | {"algorithm": "blazingtext", "text_column": "t"}
    assert recipe_of(chosen) == {"text": {"column": "t", "do": "blazingtext", "lower": True}}

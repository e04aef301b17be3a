import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.recipe import BadRecipe, Definition, parse
from datasets.recipe.definition import READERS

FULL = {
    "columns_out": ["id"],
    "split": {"by": "time", "column": "day"},
    "rare": {"fewest": 5, "do": "merge"},
    "missing": {"*": "median", "city": "mode"},
    "categories": {"city": "ordinal"},
    "scale": "minmax",
    "sample": "up",
    "text": {"column": "note", "do": "words", "lower": False, "top": 50},
    "format": "libsvm",
}


def test_nothing_is_the_plain_recipe():
    assert parse({}) == Definition()
    assert Definition().as_json() == {}


def test_it_writes_down_what_it_read():
    assert parse(FULL).as_json() == FULL
    assert json.loads(json.dumps(parse(FULL).as_json())) == FULL


@pytest.mark.parametrize(
    "spelt",
    [
        {"split": {"by": "random"}, "scale": "none", "sample": "none", "format": ""},
        {"columns_in": [], "columns_out": [], "missing": {}, "categories": {}, "text": None},
        {"rare": {"fewest": 1, "do": "drop"}, "text": {"column": ""}},
        {"split": {"by": "random", "column": "day"}},
    ],
)
def test_it_leaves_out_what_changes_nothing(spelt):
    assert parse(spelt).as_json() == {}


def test_one_rule_is_a_rule_for_every_column():
    assert parse({"missing": "drop"}).as_json() == {"missing": {"*": "drop"}}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"colour": "red"}, "recipe"),
        ({"columns_in": ["a"], "columns_out": ["b"]}, "columns_in"),
        ({"columns_out": [1]}, "columns_out"),
        ({"split": {"by": "magic"}}, "split"),
        ({"split": {"by": "time"}}, "split_column"),
        ({"split": "time"}, "split"),
        ({"split": {"by": "random", "seed": 1}}, "split"),
        ({"rare": {"fewest": -1}}, "rare_fewest"),
        ({"rare": {"fewest": True}}, "rare_fewest"),
        ({"rare": {"fewest": 3, "do": "hide"}}, "rare"),
        ({"missing": {"*": "mean"}}, "missing"),
        ({"missing": 3}, "missing"),
        ({"categories": {"a": "hash"}}, "categories"),
        ({"scale": "log"}, "scale"),
        ({"sample": ["up"]}, "sample"),
        ({"text": {"do": "words"}}, "text_column"),
        ({"text": {"column": "a", "do": "glove"}}, "text"),
        ({"text": {"column": "a", "top": 0}}, "text_top"),
        ({"text": {"column": "a", "lower": "yes"}}, "text"),
        ({"format": "tfrecord"}, "format"),
    ],
)
def test_it_names_the_field_that_is_wrong(wish, field):
    with pytest.raises(BadRecipe) as refused:
        parse(wish)
    assert list(refused.value.errors) == [field]


def test_it_names_all_wrong_fields_at_once():
    with pytest.raises(BadRecipe) as refused:
        parse({"scale": "log", "format": "xml", "split": {"by": "group"}})
    assert set(refused.value.errors) == {"scale", "format", "split_column"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["by", "column", "do", "fewest", "top", "lower", "*"]), inner
        )
    ),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(list(READERS)), anything))
def test_any_json_is_either_read_or_refused_by_field(wish):
    with contextlib.suppress(BadRecipe):
        found = parse(wish)
        assert parse(found.as_json()) == found

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets import recipe, split
from tests.datasets.pure_run import checked, ran, table_of

KINDS = "a" * 60 + "b" * 30 + "c" * 10
TABLE = "x,y\n" + "".join(f"{n},{KINDS[n * 37 % 100]}\n" for n in range(100))
codes = st.lists(st.integers(0, 4), max_size=80).map(lambda c: np.array(c, dtype=np.int32))


def test_down_leaves_each_class_as_many_training_rows_as_the_smallest():
    run = ran(TABLE, target="y", recipe={"sample": "down"})
    assert run.result.channels["train"]["counts"] == {"a": 7, "b": 7, "c": 7}
    assert run.result.encoding["dropped"] == {"sampling": 49}
    assert len({row[1] for row in run.lines()}) == 21


def test_up_repeats_training_rows_until_each_class_has_as_many_as_the_largest():
    run = ran(TABLE, target="y", recipe={"sample": "up"})
    assert run.result.channels["train"]["counts"] == {"a": 42, "b": 42, "c": 42}
    often = Counter(row[1] for row in run.lines() if row[0] == "2")
    assert set(often.values()) == {6}
    assert "dropped" not in run.result.encoding


@pytest.mark.parametrize("how", ["down", "up"])
def test_validation_and_test_stay_as_they_are(how):
    run, plain = (ran(TABLE, target="y", recipe=wish) for wish in ({"sample": how}, {}))
    for name in ("validation", "test"):
        assert run.body(name) == plain.body(name)
    assert {row[1] for row in run.lines()} <= {row[1] for row in plain.lines()}


@pytest.mark.parametrize("how", ["down", "up"])
def test_the_same_seed_takes_the_same_rows(how):
    first, again, other = (
        ran(TABLE, target="y", recipe={"sample": how}, seed=seed) for seed in (3, 3, 4)
    )
    assert first.files == again.files
    assert first.body("train") != other.body("train")


@pytest.mark.parametrize("how", ["none", "down", "up"])
def test_the_plan_foretells_it(how):
    found = checked(TABLE, target="y", recipe={"sample": how})
    planned = recipe.plan(found, table_of(TABLE)[2][1], 100, stratify=True)
    assert planned.splits == ran(TABLE, target="y", recipe={"sample": how}).counts()


@settings(deadline=None)
@given(codes, st.sampled_from(["down", "up"]), st.integers(0, 99))
def test_classes_are_equal_afterwards(classes, how, seed):
    assigned = split.assign(classes, split.Fractions(), seed=seed, stratify=True)
    times = split.sample(classes, assigned, how=how, seed=seed)
    training = assigned == 0
    each = [int(times[training & (classes == code)].sum()) for code in set(classes.tolist())]
    assert len(set(each)) <= 1
    assert (times[~training] == 1).all()
    assert (times <= 1).all() if how == "down" else (times >= 1).all()

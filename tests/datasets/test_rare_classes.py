import pytest

from datasets import recipe
from datasets.formats.sniff import BadTable
from tests.datasets.pure_run import checked, ran, table_of

# a: 50, b: 40, c: 6, d: 4 rows
KINDS = "a" * 50 + "b" * 40 + "c" * 6 + "d" * 4
TABLE = "x,y\n" + "".join(f"{n},{KINDS[n * 37 % 100]}\n" for n in range(100))


def test_they_can_stay_in_training():
    run = ran(TABLE, target="y", recipe={"rare": {"fewest": 10, "do": "train"}})
    assert run.result.labels == ["a", "b", "c", "d"]
    assert run.result.channels["train"]["counts"] == {"a": 35, "b": 28, "c": 6, "d": 4}
    assert run.result.channels["test"]["counts"] == {"a": 5, "b": 4, "c": 0, "d": 0}


def test_they_can_be_left_out():
    run = ran(TABLE, target="y", recipe={"rare": {"fewest": 10, "do": "drop"}})
    assert run.result.labels == ["a", "b"]
    assert sum(run.counts().values()) == 90
    assert run.result.encoding["dropped"] == {"rare classes": 10}
    assert (run.result.task, run.result.implied) == ("binary", {"objective": "binary:logistic"})


def test_they_can_be_put_together():
    run = ran(TABLE, target="y", recipe={"rare": {"fewest": 10, "do": "merge"}})
    assert run.result.labels == ["a", "b", "other"]
    assert run.result.channels["train"]["counts"] == {"a": 35, "b": 28, "other": 7}
    assert sum(run.counts().values()) == 100


def test_numbers_as_labels_stand_before_the_class_other():
    numbers = TABLE.translate(str.maketrans("abcd", "2976")).replace("x,y", "x,y")
    run = ran(numbers, target="y", recipe={"rare": {"fewest": 10, "do": "merge"}})
    assert run.result.labels == ["2", "9", "other"]


@pytest.mark.parametrize("do", ["train", "drop", "merge"])
def test_the_plan_foretells_them(do):
    wish = {"target": "y", "recipe": {"rare": {"fewest": 10, "do": do}}}
    _, rows, columns = table_of(TABLE)
    planned = recipe.plan(checked(TABLE, **wish), columns[1], len(rows), stratify=True)
    run = ran(TABLE, **wish)
    assert planned.splits == run.counts()
    counted = zip(*(run.result.channels[n]["counts"].values() for n in planned.splits), strict=True)
    by_label = dict(zip(run.result.labels, counted, strict=True))
    assert planned.classes == by_label
    assert planned.dropped == run.result.encoding["dropped_rows"]


def test_two_classes_must_be_left():
    with pytest.raises((BadTable, recipe.BadRecipe)):
        ran(TABLE, target="y", recipe={"rare": {"fewest": 45, "do": "drop"}})

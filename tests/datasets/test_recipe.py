import pytest

from datasets import recipe
from datasets.tables import Profile


def columns_of(names, rows):
    profile = Profile(names)
    profile.add(rows)
    return profile.columns()


def checked(columns, rows, target, **changes):
    wish = {"algorithm": "xgboost", "fractions": (0.7, 0.2, 0.1)} | changes
    return recipe.check(columns, rows, target=target, **wish)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["yes", "no"] * 20, "binary"),
        (["0", "1"] * 20, "binary"),
        (["1", "1.0", "0", "0.0"] * 10, "binary"),
        (["true", "false"] * 20, "binary"),
        (["a", "b", "c", "d"] * 10, "multiclass"),
        ([str(n % 20) for n in range(40)], "multiclass"),
        ([str(n) for n in range(40)], "regression"),
        ([str(n / 7) for n in range(40)], "regression"),
    ],
)
def test_it_infers_the_task(values, task):
    columns = columns_of(["x", "y"], [[str(n), value] for n, value in enumerate(values)])
    assert checked(columns, 40, "y").task == task


def test_it_sorts_numeric_labels_by_size():
    assert recipe.in_order({"10", "9", "-1"}, "integer") == ["-1", "9", "10"]
    assert recipe.in_order({"b", "B", "a"}, "text") == ["B", "a", "b"]


def test_it_refuses_too_many_classes():
    rows = [[str(n), f"name {n % 1500}"] for n in range(3000)]
    with pytest.raises(recipe.BadRecipe, match="1,500 different texts"):
        checked(columns_of(["x", "y"], rows), 3000, "y")


def test_it_refuses_when_no_feature_is_left():
    rows = [[f"free text {n}", "ab"[n % 2]] for n in range(100)]
    with pytest.raises(recipe.BadRecipe, match="No usable feature"):
        checked(columns_of(["note", "y"], rows), 100, "y")


def test_it_names_every_wrong_field_at_once():
    columns = columns_of(["x", "y"], [[str(n), "ab"[n % 2]] for n in range(40)])
    with pytest.raises(recipe.BadRecipe) as refused:
        checked(columns, 40, "z", algorithm="magic", fractions=(1, 1, 1))
    assert set(refused.value.errors) == {"algorithm", "train", "target"}


def test_it_leaves_out_what_is_no_number_and_says_why():
    names = ["x", "day", "id", "empty", "y"]
    rows = [[str(n), f"2024-01-{n + 1:02}", f"id{n}", "", "ab"[n % 2]] for n in range(20)]
    found = checked(columns_of(names, rows), 20, "y")
    assert [feature["name"] for feature in found.features] == ["x"]
    assert [(c["name"], c["reason"]) for c in found.left_out] == [
        ("day", "dates are not numbers"),
        ("id", "a different text in every row"),
        ("empty", "no values"),
    ]


def test_it_foretells_the_split():
    columns = columns_of(["x", "y"], [[str(n), "ab"[n % 4 == 0]] for n in range(40)])
    found = checked(columns, 40, "y")
    plan = recipe.plan(found, columns[1], 40, stratify=True)
    assert plan.classes == {"a": (21, 6, 3), "b": (7, 2, 1)}
    assert plan.splits == {"train": 28, "validation": 8, "test": 4}
    assert recipe.plan(found, columns[1], 40, stratify=False).classes == {}


@pytest.mark.parametrize(
    ("names", "row", "likely"),
    [
        (["Species", "a"], ["x", "1"], "Species"),
        (["a", "b"], ["1", "2"], "b"),
    ],
)
def test_it_guesses_the_target(names, row, likely):
    assert recipe.likely_target(columns_of(names, [row] * 3)) == likely
    assert recipe.likely_target([]) == ""

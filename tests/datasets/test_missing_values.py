import pytest

from datasets.formats.sniff import BadTable
from tests.datasets.pure_run import ran

# x lacks every fifth value, the others are 0 … 99; flag and city lack every tenth.
TABLE = "x,flag,city,y\n" + "".join(
    f"{'NA' if n % 5 == 1 else n},{'' if n % 10 == 3 else ('true', 'false')[n % 4 == 0]},"
    f"{'?' if n % 10 == 4 else ('Bern', 'Basel')[n % 3 == 0]},{'ab'[n % 2]}\n"
    for n in range(100)
)


def gaps(run, split="train"):
    return sum(cell == "" for row in run.lines(split) for cell in row)


def test_xgboost_gets_them_as_they_are():
    run = ran(TABLE, target="y")
    assert gaps(run)
    assert "fill" not in run.feature("x")
    assert run.encoded(x="", flag="?", city="NA") == ["", "", "0", "0"]


def test_numbers_can_become_the_median_and_others_the_commonest():
    run = ran(TABLE, target="y", recipe={"missing": {"*": "median"}})
    assert not gaps(run)
    known = sorted(float(r[1]) for r in ran(TABLE, target="y").lines() if r[1])
    middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    assert float(run.feature("x")["fill"]) == middle
    assert (run.feature("flag")["fill"], run.feature("city")["fill"]) == ("true", "Bern")
    fill = run.feature("x")["fill"]
    assert run.encoded(x="", flag=None, city="NA") == [fill, "1", "0", "1"]


def test_numbers_can_become_the_commonest():
    rows = "".join(f"{('7', '3', '')[n % 3] if n < 60 else n},{'ab'[n % 2]}\n" for n in range(99))
    run = ran(f"x,y\n{rows}", target="y", recipe={"missing": {"x": "mode"}})
    assert run.feature("x")["fill"] in ("3", "7")


def test_a_column_can_have_its_own_rule():
    run = ran(TABLE, target="y", recipe={"missing": {"x": "median", "*": "leave"}})
    assert "fill" not in run.feature("city")
    assert run.encoded(x="", flag="", city="")[1:] == ["", "0", "0"]


def test_rows_can_be_left_out_and_are_counted_for_each_split():
    run = ran(TABLE, target="y", recipe={"missing": {"x": "drop", "flag": "drop"}})
    whole = ran(TABLE, target="y")
    assert not any(row[1] == "" or row[2] == "" for s in run.counts() for row in run.lines(s))
    dropped = run.result.encoding["dropped"]
    for name, count in whole.counts().items():
        assert run.counts()[name] == count - dropped[f"missing values, {name}"]
        # The rows that stay are where they were without the rule.
        kept = [row for row in whole.lines(name) if row[1] and row[2]]
        assert run.lines(name) == kept


def test_algorithms_that_read_no_gaps_get_none_by_default():
    for algorithm in ("knn", "linear-learner", "kmeans", "pca", "randomcutforest"):
        run = ran(TABLE, target="y", algorithm=algorithm)
        assert all(cell == cell for row in run.rows() for cell in row)  # noqa: PLR0124  # NaN
        assert any("read no missing values" in n or "reads no" in n for n in run.recipe.notes)
    assert float(run.feature("x")["fill"]) == pytest.approx(50, abs=10)


def test_a_number_that_is_never_missing_costs_no_reading():
    table = TABLE.replace("NA", "5")
    assert "fill" not in ran(table, target="y", algorithm="knn").feature("x")
    asked = ran(table, target="y", algorithm="knn", recipe={"missing": "median"})
    assert asked.feature("x")["fill"]


def test_a_column_that_training_never_fills_cannot_be_filled():
    rows = "".join(f"{n},{n if n > 90 else ''},{'ab'[n % 2]}\n" for n in range(100))
    with pytest.raises(BadTable, match="“x” has no value in the training rows"):
        ran(
            f"t,x,y\n{rows}",
            target="y",
            recipe={"missing": "median", "split": {"by": "time", "column": "t"}},
        )


def test_what_replaces_one_is_scaled_with_the_rest():
    run = ran(TABLE, target="y", algorithm="knn", recipe={"scale": "minmax"})
    fill = float(run.feature("x")["fill"])
    assert float(run.encoded(x="")[0]) == pytest.approx(fill / 99, abs=0.03)

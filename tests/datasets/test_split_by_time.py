import csv
import io
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets import recipe, split
from tests.datasets.pure_run import ran

START = date(2024, 1, 1)


def table(days, spelt=str):
    """`x` is the day's number; the rows come in no order of time."""
    order = sorted(range(days), key=lambda n: (n * 37) % days)
    rows = (f"{spelt(START + timedelta(days=n))},{n},{'ab'[n % 2]}\n" for n in order)
    return "day,x,y\n" + "".join(rows)


def found_in(run):
    return {name: sorted(float(row[1]) for row in run.lines(name)) for name in run.result.channels}


def test_the_earliest_rows_train_and_the_latest_test():
    run = ran(table(100), target="y", recipe={"split": {"by": "time", "column": "day"}})
    assert found_in(run) == {
        "train": list(range(70)),
        "validation": list(range(70, 90)),
        "test": list(range(90, 100)),
    }
    assert run.result.features == ["x"]


def test_times_of_a_day_and_zones_are_understood():
    text = "at,x,y\n" + "".join(
        # 01:00+02:00 is an hour before midnight in UTC, so odd rows come before even ones.
        f"2024-05-01{f'T01:00:{n:02}+02:00' if n % 2 else f' 00:00:{n:02}'},{n},{'ab'[n % 2]}\n"
        for n in range(40)
    )
    run = ran(
        text,
        target="x",
        fractions=(0.5, 0.0, 0.5),
        recipe={"split": {"by": "time", "column": "at"}},
        stratify=False,
    )
    # x is the target here, so it stands first.
    assert {int(row[0]) % 2 for row in run.lines("train")} == {1}
    assert {int(row[0]) % 2 for row in run.lines("test")} == {0}


def test_numbers_order_rows_too_and_rows_without_one_are_left_out():
    rows = "".join(f"{(n * 7) % 200 if n else ''},{n},{'ab'[n % 2]}\n" for n in range(200))
    run = ran(f"t,x,y\n{rows}", target="y", recipe={"split": {"by": "time", "column": "t"}})
    source = {row["x"]: row["t"] for row in csv.DictReader(io.StringIO(f"t,x,y\n{rows}"))}
    times = {n: [float(source[row[1]]) for row in run.lines(n)] for n in run.result.channels}
    assert max(times["train"]) < min(times["validation"])
    assert max(times["validation"]) < min(times["test"])
    assert run.result.encoding["dropped"] == {"no time": 1}
    planned = recipe.plan(run.recipe, None, 200, stratify=True)
    assert (planned.splits, planned.dropped) == (run.counts(), 1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5) | st.just(float("nan")), max_size=60))
def test_equal_times_keep_their_order(times):
    keys = np.array(times, dtype=np.float64)
    kept = np.ones(len(keys), dtype=np.bool_)
    assigned = split.assign_by_order(keys, kept, split.Fractions())
    known = [(key, place) for place, key in enumerate(times) if key == key]  # noqa: PLR0124  # NaN
    in_time = [int(assigned[place]) for _, place in sorted(known)]
    assert in_time == sorted(in_time)
    assert (assigned[np.isnan(keys)] == split.NOWHERE).all()

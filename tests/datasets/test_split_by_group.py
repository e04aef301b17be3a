import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets import split
from tests.datasets.pure_run import ran

shares = st.tuples(*[st.integers(0, 5)] * 3).filter(lambda parts: parts[0] > 0)
fractions = shares.map(lambda parts: split.Fractions(*(part / sum(parts) for part in parts)))
groups = st.lists(st.integers(-1, 12), max_size=200).map(lambda g: np.array(g, dtype=np.int64))


def assign(codes, wanted=split.Fractions(), seed=0):  # noqa: B008  # a tuple
    return split.assign_by_group(codes, np.ones(len(codes), np.bool_), wanted, seed=seed)


@settings(deadline=None)
@given(groups, fractions, st.integers(0, 2**31 - 1))
def test_no_group_is_in_two_splits(codes, wanted, seed):
    assigned = assign(codes, wanted, seed)
    for group in set(codes.tolist()) - {-1}:
        assert len(set(assigned[codes == group].tolist())) == 1
    assert ((assigned == split.NOWHERE) == (codes < 0)).all()
    assert (assigned == assign(codes, wanted, seed)).all()


@settings(deadline=None)
@given(groups, fractions)
def test_every_split_that_is_asked_for_gets_a_group_if_there_are_enough(codes, wanted):
    asked = {number for number, share in enumerate(wanted) if share}
    found = set(assign(codes, wanted).tolist()) - {split.NOWHERE}
    assert found <= asked
    if len(set(codes.tolist()) - {-1}) >= len(asked):
        assert found == asked


def test_sizes_are_as_near_to_the_shares_as_groups_allow():
    codes = np.repeat(np.arange(200), 10)
    assert np.bincount(assign(codes)).tolist() == [1400, 400, 200]
    uneven = np.repeat(np.arange(60), np.arange(1, 61))
    sizes = np.bincount(assign(uneven))
    assert np.abs(sizes - len(uneven) * np.array(split.Fractions())).max() <= 2


def test_groups_are_shuffled_by_seed():
    codes = np.repeat(np.arange(30), 3)
    assert len({assign(codes, seed=seed).tobytes() for seed in range(10)}) == 10


def test_a_table_is_divided_by_the_column_that_names_the_group():
    rows = "".join(f"p{n % 23},{n},{'ab'[n % 2]}\n" for n in range(230))
    table = f"patient,x,y\n{rows}"
    run = ran(table, target="y", recipe={"split": {"by": "group", "column": "patient"}})
    patients = {name: {int(row[1]) % 23 for row in run.lines(name)} for name in run.result.channels}
    assert sorted(p for found in patients.values() for p in found) == list(range(23))
    assert run.counts() == {"train": 160, "validation": 50, "test": 20}
    assert run.result.features == ["x"]


def test_rows_without_a_group_are_left_out_and_counted():
    rows = "".join(f"{f'p{n % 9}' if n else ''},{n},{'ab'[n % 2]}\n" for n in range(150))
    run = ran(
        f"patient,x,y\n{rows}", target="y", recipe={"split": {"by": "group", "column": "patient"}}
    )
    assert run.result.encoding["dropped"] == {"no group": 1}
    assert run.result.encoding["dropped_rows"] == 1
    assert sum(run.counts().values()) == 149

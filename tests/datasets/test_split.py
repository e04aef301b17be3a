import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets import split

shares = st.tuples(*[st.integers(0, 20)] * 3).filter(lambda parts: parts[0] > 0)
fractions = shares.map(lambda parts: split.Fractions(*(part / sum(parts) for part in parts)))
classes = st.lists(st.integers(-1, 6), max_size=300).map(lambda c: np.array(c, dtype=np.int32))


@given(st.integers(0, 10_000), fractions)
def test_it_gives_each_split_its_share_within_one_row(count, wanted):
    sizes = split.sizes(count, wanted)
    assert sum(sizes) == count
    assert all(abs(size - count * share) <= 1 for size, share in zip(sizes, wanted, strict=True))
    assert sizes[0] or not count
    assert all(size == 0 for size, share in zip(sizes, wanted, strict=True) if not share)


@given(classes, fractions, st.integers(0, 2**31 - 1))
def test_it_puts_every_row_of_every_class_in_exactly_one_split(codes, wanted, seed):
    assigned = split.assign(codes, wanted, seed=seed, stratify=True)
    assert ((assigned == split.NOWHERE) == (codes < 0)).all()
    counts = np.bincount(codes[codes >= 0])
    counts = counts[counts > 0].tolist()
    found = [
        tuple(np.bincount(assigned[codes == code], minlength=3).tolist())
        for code in sorted(set(codes.tolist()) - {-1})
    ]
    assert found == split.class_sizes(counts, wanted)


@given(st.lists(st.integers(1, 40), max_size=40), fractions)
def test_it_divides_every_class_within_one_row_of_its_share(counts, wanted):
    for count, sizes in zip(counts, split.class_sizes(counts, wanted), strict=True):
        assert sum(sizes) == count
        assert sizes[0]
        pairs = zip(sizes, wanted, strict=True)
        assert all(abs(size - count * share) <= 1 + 1e-9 for size, share in pairs)


def test_many_small_classes_add_up_to_the_shares():
    each = split.class_sizes([2] * 100, split.Fractions())
    assert [sum(sizes) for sizes in zip(*each, strict=True)] == [140, 40, 20]


@given(classes, fractions, st.integers(0, 2**31 - 1), st.booleans())
def test_it_repeats_itself(codes, wanted, seed, stratify):
    first = split.assign(codes, wanted, seed=seed, stratify=stratify)
    assert (first == split.assign(codes, wanted, seed=seed, stratify=stratify)).all()


def test_it_divides_the_rows_as_a_whole_without_stratification():
    codes = np.array([0] * 990 + [1] * 10, dtype=np.int32)
    assigned = split.assign(codes, split.Fractions(), seed=1, stratify=False)
    assert np.bincount(assigned).tolist() == [700, 200, 100]


def test_it_shuffles_by_seed():
    codes = np.zeros(100, dtype=np.int32)
    answers = {
        split.assign(codes, split.Fractions(), seed=seed, stratify=True).tobytes()
        for seed in range(20)
    }
    assert len(answers) == 20


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, (0, 0, 0)), (1, (1, 0, 0)), (2, (2, 0, 0)), (3, (2, 1, 0)), (10, (7, 2, 1))],
)
def test_it_serves_training_first_when_a_class_is_small(count, sizes):
    assert split.sizes(count, split.Fractions()) == sizes


@pytest.mark.parametrize("given_shares", [(0.7, 0.2, 0.1), (70, 20, 10), (1, 0, 0), (100, 0, 0)])
def test_it_takes_fractions_and_percentages(given_shares):
    assert sum(split.fractions(*given_shares)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("given_shares", "field"),
    [
        ((0.7, 0.2, 0.2), "train"),
        ((0, 0.5, 0.5), "train"),
        ((0.5, -0.5, 1), "validation"),
        ((70, 20, 101), "test"),
        ((float("nan"), 0.5, 0.5), "train"),
    ],
)
def test_it_refuses_shares_that_do_not_add_up(given_shares, field):
    with pytest.raises(split.BadFractions) as refused:
        split.fractions(*given_shares)
    assert refused.value.field == field

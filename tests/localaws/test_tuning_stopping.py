"""Trials that are not worth going on. Low values are good."""

from localaws.engine.tuning.endings import since_best
from localaws.engine.tuning.stopping import below_median, brackets, loses, rungs

GOOD, FAIR, POOR = [5, 3, 1], [5, 4, 3], [9, 8, 7]


def test_it_compares_with_the_median_of_running_averages():
    earlier = [GOOD, FAIR, POOR]
    assert not below_median([4], earlier)
    assert not below_median([5, 4, 4], earlier)
    assert below_median([5, 4, 4.5], earlier)


def test_it_waits_until_enough_trials_got_that_far():
    assert not below_median([100], [GOOD, FAIR])
    assert not below_median([5, 4, 3, 100], [GOOD, FAIR, POOR])


def test_it_makes_rungs_by_the_factor_of_three():
    assert rungs(1, 27, 0) == [1, 3, 9]
    assert rungs(1, 27, 1) == [3, 9]
    assert rungs(1, 27, 3) == []
    assert rungs(10, 10, 0) == []
    assert brackets(1, 27) == 4


def test_it_promotes_the_best_third():
    others = [[1], [2], [3], [4], [5]]
    assert not loses([0.5], others, [1])
    assert not loses([1.5], others, [1])
    assert loses([2.5], others, [1])
    assert not loses([9], others[:2], [1])
    assert not loses([9], others, [3])


def test_it_counts_trials_since_the_best():
    assert since_best([]) == 0
    assert since_best([3]) == 0
    assert since_best([3, 2, 2, 4]) == 2

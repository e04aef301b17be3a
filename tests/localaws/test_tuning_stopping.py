"""Trials that are not worth going on. Low values are good."""

from localaws.engine.tuning.endings import since_best
from localaws.engine.tuning.stopping import below_median
from localaws.engine.tuning.studies import losers

GOOD, FAIR, POOR = [5, 3, 1], [5, 4, 3], [9, 8, 7]


def test_it_compares_with_the_median_of_running_averages():
    earlier = [GOOD, FAIR, POOR]
    assert not below_median([4], earlier)
    assert not below_median([5, 4, 4], earlier)
    assert below_median([5, 4, 4.5], earlier)


def test_it_waits_until_enough_trials_got_that_far():
    assert not below_median([100], [GOOD, FAIR])
    assert not below_median([5, 4, 3, 100], [GOOD, FAIR, POOR])


def test_it_never_ends_the_best_trial_with_hyperband():
    curves = {number: [float(number)] * 26 for number in range(1, 31)}
    lost = losers("name", curves, (1, 27))
    assert 1 not in lost
    assert len(lost) > 20
    assert lost == losers("name", curves, (1, 27))


def test_it_ends_trials_at_rungs_by_the_factor_of_three_only():
    best = dict.fromkeys(range(1, 41), [1.0] * 60)
    ends = [
        next(
            length
            for length in range(60)
            if last in losers("name", best | {last: [9.0] * length}, (2, 100))
        )
        for last in range(41, 51)
    ]
    assert set(ends) <= {2, 6, 18, 54}
    assert len(set(ends)) > 1


def test_it_gives_later_brackets_more_time():
    early, late = (
        losers("name", {n: [float(n)] * epochs for n in range(1, 41)}, (1, 10)) for epochs in (1, 9)
    )
    assert 0 < len(early) < len(late)
    assert early < late


def test_it_counts_trials_since_the_best():
    assert since_best([]) == 0
    assert since_best([3]) == 0
    assert since_best([3, 2, 2, 4]) == 2

"""Which values are tried next."""

import math
import subprocess
import sys

import pytest

from localaws.engine.tuning import space as spaces
from localaws.engine.tuning.strategies import Knowledge, grid_size, propose

SPACE = spaces.read(
    {
        "ContinuousParameterRanges": [
            {"Name": "rate", "MinValue": "0.0001", "MaxValue": "1"},
            {"Name": "share", "MinValue": "0", "MaxValue": "1"},
        ],
        "CategoricalParameterRanges": [{"Name": "kind", "Values": ["a", "b"]}],
    }
)
GRID = spaces.read(
    {
        "CategoricalParameterRanges": [
            {"Name": "a", "Values": ["1", "2"]},
            {"Name": "b", "Values": ["x", "y", "z"]},
        ]
    }
)


def loss(values):
    """Lowest at rate 0.01, share 0.3, kind b."""
    rate = math.log10(float(values["rate"])) + 2
    return rate**2 + 4 * (float(values["share"]) - 0.3) ** 2 + 0.5 * (values["kind"] == "a")


def searched(strategy, seed, trials=25):
    scored = []
    for number in range(1, trials + 1):
        values = propose(strategy, SPACE, number, seed, Knowledge(scored=list(scored)))
        scored.append((values, loss(values)))
    return scored


def test_it_walks_the_grid_in_order():
    cells = [propose("Grid", GRID, number, 0, Knowledge()) for number in range(1, 7)]
    assert grid_size(GRID) == 6
    assert cells[0] == {"a": "1", "b": "x"}
    assert cells[1] == {"a": "1", "b": "y"}
    assert len({tuple(cell.values()) for cell in cells}) == 6


@pytest.mark.parametrize("strategy", ["Random", "Bayesian", "Hyperband"])
def test_it_gives_the_same_values_for_the_same_seed(strategy):
    assert searched(strategy, 7, 8) == searched(strategy, 7, 8)
    assert searched(strategy, 7, 8) != searched(strategy, 8, 8)


def test_it_does_not_repeat_itself_while_there_is_something_new():
    tried = []
    for number in range(1, 7):
        tried.append(propose("Random", GRID, number, 3, Knowledge(pending=list(tried))))
    assert len({tuple(values.values()) for values in tried}) == 6


def test_it_learns_from_what_it_saw():
    learned = [min(score for _, score in searched("Bayesian", seed)) for seed in range(5)]
    chance = [min(score for _, score in searched("Random", seed)) for seed in range(5)]
    assert sum(learned) < 0.3 * sum(chance)
    assert max(learned) < 0.1


def test_it_spreads_trials_that_run_at_the_same_time():
    scored = searched("Bayesian", 1, 10)
    first = propose("Bayesian", SPACE, 11, 1, Knowledge(scored=scored))
    second = propose("Bayesian", SPACE, 11, 1, Knowledge(scored=scored, pending=[first]))
    assert first != second


def test_it_ignores_what_has_no_place_in_the_ranges():
    strange = [({"rate": "0", "share": "0.1", "kind": "c"}, 0.0), ({"other": "1"}, 1.0)] * 5
    values = propose("Bayesian", SPACE, 1, 0, Knowledge(scored=strange))
    assert values == propose("Bayesian", SPACE, 1, 0, Knowledge())


def test_it_asks_optuna_only_when_something_is_tuned():
    code = "import sys, localaws.server; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_keeps_quiet(capfd):
    searched("Bayesian", 0, 8)
    assert capfd.readouterr() == ("", "")

"""What a tuning job's figures say."""

import pytest

from jobs import importance, tuning_charts

DEPTH = {"name": "max_depth", "kind": "integer", "low": "1", "high": "8", "scaling": "Linear"}
ETA = {"name": "eta", "kind": "continuous", "low": "0.1", "high": "0.5", "scaling": "Logarithmic"}
METHOD = {"name": "tree_method", "kind": "categorical", "values": ["exact", "hist"]}
TRIALS = [
    ({"max_depth": str(depth), "eta": eta, "tree_method": "hist"}, depth / 10)
    for depth in range(1, 9)
    for eta in ("0.1", "0.2", "0.5")
]


def test_importance_finds_what_decides():
    shares = importance.importances([ETA, DEPTH], TRIALS)
    assert list(shares) == ["max_depth", "eta"]
    assert shares["max_depth"] > 0.9
    assert sum(shares.values()) == pytest.approx(1)
    assert importance.importances([ETA, DEPTH], TRIALS) == shares


def test_importance_says_nothing_of_too_little():
    assert importance.importances([DEPTH], TRIALS[:3]) == {}
    assert importance.importances([DEPTH], [(texts, 0.5) for texts, _ in TRIALS]) == {}


def test_progress_steps_up():
    figure = tuning_charts.progress([(1, 0.5, 0.5), (2, 0.4, 0.5), (4, 0.9, 0.9)], "validation:auc")
    dots, steps = figure["data"]
    assert (dots["x"], dots["y"]) == ([1, 2, 4], [0.5, 0.4, 0.9])
    assert (steps["y"], steps["line"]["shape"]) == ([0.5, 0.5, 0.9], "hv")
    assert tuning_charts.progress([], "validation:auc")["data"] == []


def test_parallel_lines_part_the_best_from_the_rest():
    figure = tuning_charts.parallel(["max_depth", "tree_method"], TRIALS, "auc", maximize=True)
    others, best = figure["data"]
    assert best["x"][:4] == ["max_depth", "tree_method", "auc", "auc"]
    assert best["y"][:4] == [1.0, 0.0, 1.0, None]
    assert best["y"].count(None) == 2
    assert others["y"].count(None) == len(TRIALS) - 2
    lowest = tuning_charts.parallel(["max_depth"], TRIALS, "auc", maximize=False)["data"][1]
    assert lowest["y"][:2] == [0.0, 0.0]


def test_a_slice_keeps_words_as_words():
    assert tuning_charts.slice_of("eta", [("0.1", 1.0)], "auc", log=True)["layout"]["xaxis"] == {
        "title": {"text": "eta"},
        "type": "log",
    }
    words = tuning_charts.slice_of("tree_method", [("hist", 1.0)], "auc", log=False)
    assert (words["data"][0]["x"], words["layout"]["xaxis"]["type"]) == (["hist"], "category")


@pytest.mark.parametrize(
    ("trials", "names", "words"),
    [
        (0, 3, "there is none yet"),
        (3, 3, "there are 3"),
        (9, 1, "Only one hyperparameter varies"),
        (9, 3, "From 9 trials of 3 hyperparameters: a first hint"),
        (30, 3, "a guide"),
        (90, 3, "unlikely to change"),
    ],
)
def test_it_says_how_sure_it_is(trials, names, words):
    assert words.replace("9 trials", "9 finished trials") in importance.sureness(trials, names)

"""The table of a comparison: what differs, what is best, how far from the baseline. Pure."""

from jobs.comparison import rows
from jobs.directions import direction

RUNS = [
    {"param.eta": "0.1", "param.booster": "gbtree", "metric.validation:auc": 0.9},
    {"param.eta": "0.10", "param.booster": "dart", "metric.validation:auc": 0.95},
    {"param.eta": "0.1", "param.booster": "gbtree", "metric.validation:auc": 0.8, "env.A": "1"},
]


def by_key(runs=RUNS, **options):
    return {row.key: row for row in rows(runs, direction, **options)}


def test_it_tells_what_differs_by_meaning_not_by_spelling():
    table = by_key()
    assert not table["param.eta"].differs
    assert table["param.booster"].differs
    assert table["env.A"].differs
    assert [cell.value for cell in table["env.A"].cells] == [None, None, "1"]


def test_it_marks_values_other_than_most_have_or_than_the_baselines():
    assert [cell.differs for cell in by_key()["param.booster"].cells] == [False, True, False]
    against = by_key(baseline=1)["param.booster"]
    assert [cell.differs for cell in against.cells] == [True, False, True]
    halves = by_key(RUNS[:2])["param.booster"]
    assert halves.differs
    assert not any(cell.differs for cell in halves.cells)  # which of them would be the usual one?


def test_it_marks_the_best_by_direction_and_nothing_without_one():
    runs = [
        {"metric.validation:auc": 0.9, "metric.validation:logloss": 0.3, "metric.gizmo": 1.0},
        {"metric.validation:auc": 0.8, "metric.validation:logloss": 0.2, "metric.gizmo": 2.0},
    ]
    best = {key: [cell.is_best for cell in row.cells] for key, row in by_key(runs).items()}
    assert best["metric.validation:auc"] == [True, False]
    assert best["metric.validation:logloss"] == [False, True]
    assert best["metric.gizmo"] == [False, False]


def test_runs_that_broke_do_not_win_by_being_short():
    runs = [{"result.seconds": 5.0}, {"result.seconds": 90.0}, {"result.seconds": 60.0}]
    row = by_key(runs, finished=[False, True, True])["result.seconds"]
    assert [cell.is_best for cell in row.cells] == [False, False, True]


def test_it_says_how_far_from_the_baseline_and_whether_that_is_better():
    cells = by_key(baseline=0)["metric.validation:auc"].cells
    assert [cell.verdict for cell in cells] == ["", "better", "worse"]
    assert [cell.delta and round(cell.delta, 3) for cell in cells] == [None, 0.05, -0.1]


def test_it_keeps_groups_together_in_one_order():
    groups = [row.group for row in rows([{"metric.a": 1, "param.b": "2", "data.c": 3}], direction)]
    assert groups == ["Parameters", "Data", "Results"]


def test_it_takes_what_is_no_number_for_a_word():
    table = by_key([{"param.a": "nan", "metric.auc": float("nan")}, {"param.a": "inf"}])
    assert table["param.a"].differs
    assert not any(cell.is_best for cell in table["metric.auc"].cells)


def test_directions_come_from_the_catalogue_and_from_usual_words():
    assert direction("validation:error@0.7") == "minimize"
    assert direction("validation:ndcg@5") == "maximize"
    assert direction("val_accuracy") == "maximize"
    assert direction("eval/loss") == "minimize"
    assert direction("gizmo") == ""

"""Which lines of a log are trouble."""

import pytest

from jobs.loglevels import MARKS, level


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[2026-11-20:12:00:00:ERROR] Missing required hyperparameter: num_round", "error"),
        ("[11/20/2026 12:00:00 ERROR 139 main.py:12] Customer Error: k is 9", "error"),
        ("Traceback (most recent call last):", "error"),
        ("ValueError: could not convert string to float: 'x'", "error"),
        ("xgboost.core.XGBoostError: [12:00:00] src/x.cc:1: Check failed: preds.Size()", "error"),
        ("CRITICAL: disk full", "error"),
        ("Error: there is no such file", "error"),
        ("[2026-11-20:12:00:00:WARNING] eval_metric is not set", "warning"),
        ("[12:00:00] WARNING: ../src/learner.cc:576: Parameters might not be used.", "warning"),
        ("/x/y.py:3: UserWarning: `use_label_encoder` is deprecated", "warning"),
        ("Warning: Permanently added 'algo-2' to the list of known hosts.", "warning"),
        ("[12]#011train-error:0.04#011validation-merror:0.05", "info"),
        ("#quality_metric: host=algo-1, epoch=3, train mse_objective <loss>=0.4", "info"),
        ("[2026-11-20:12:00:00:INFO] No errors so far.", "info"),
        ("", "info"),
    ],
)
def test_it_judges_a_line(line, expected):
    assert level(line) == expected


def test_it_judges_a_long_line_by_its_beginning():
    assert level("x" * 100_000 + " ERROR") == "info"


@pytest.mark.parametrize("wanted", MARKS)
def test_its_marks_for_old_lines_are_those_that_it_judges_so(wanted):
    assert {level(f"one {mark} two") for mark in MARKS[wanted]} == {wanted}

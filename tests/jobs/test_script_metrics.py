"""Metric definitions: what AWS takes, nothing that could search for ever."""

import time

import pytest

from jobs import patterns


@pytest.mark.parametrize(
    "regex",
    [
        r"loss=([0-9.]+)",
        r"loss: ([-+]?\d*\.?\d+(?:[eE][-+]?\d+)?)",
        r"#quality_metric: host=\S+, epoch=\S+, train cross_entropy <loss>=(\S+)",
        r".*\[[0-9]+\].*#011validation-auc:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*",
        r"Train_error=(.*?);",
        r"(?:train|val)_loss = (\S+)",
    ],
)
def test_it_takes_what_people_write(regex):
    assert patterns.problems({"m": regex}) == []


@pytest.mark.parametrize(
    ("regex", "why"),
    [
        (r"(a+)+$", "very long"),
        (r"(.*)*x=(\d)", "very long"),
        (r"(a|aa)+$", "very long"),
        (r"(\w+\s?)*=(\d)", "very long"),
        (r"(x+x+)+y", "very long"),
        (r"(.*)=\1", "very long"),
        (r".*.*.*.*.*=(\d)!", "very long"),
        (r"\d*\d*\d*\d*x(\d)", "very long"),
        (r"(\S*,){3,30}(\d+)", "very long"),
        ("loss=([0-9", "no regular expression"),
        ("(" * 200 + "x" + ")" * 200, ""),
        ("loss=[0-9]+", "in a group"),
        ("", "1 to 500"),
        ("(x)" * 200, "1 to 500"),
    ],
)
def test_it_refuses_in_little_time_what_it_cannot_take(regex, why):
    begin = time.thread_time()
    (problem,) = patterns.problems({"m": regex}) or ["m: "]
    assert time.thread_time() - begin < 2
    assert problem.startswith("m: ")
    assert why in problem


def test_forty_metrics_are_the_most():
    many = {f"m{number}": "x=(1)" for number in range(41)}
    assert patterns.problems(many) == ["AWS takes at most 40 metrics."]


def test_it_reads_the_numbers_of_a_line():
    definitions = {
        "loss": r"loss=(\S+)",
        "acc": r"acc=(\S+)",
        "late": r".*acc=(\S+)",
        "broken": "(",
        "optional": r"(x)?loss",
    }
    line = "epoch 1 loss=0.5 acc=n/a"
    assert list(patterns.read(definitions, line)) == [("loss", 0.5)]
    assert dict(patterns.read(definitions, "acc=1e-3 loss=nothing")) == {"acc": 1e-3, "late": 1e-3}
    assert list(patterns.read(definitions, " " * patterns.LINE_LENGTH + line)) == []

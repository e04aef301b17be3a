"""Where a job runs: what AWS would refuse is said before, at its field or its line."""

import pytest

from jobs.machine import Machine, pairs, problems, seconds, spelt

GOOD = Machine(instance_type="ml.m5.large")


def wrong(**changes):
    return problems(Machine(**{"instance_type": "ml.m5.large"} | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"instance_type": "ml.p4d.24xlarge", "instance_count": 20},
        {"volume_gb": 16_384, "max_runtime_seconds": 28 * 86_400},
        {"use_spot": True, "max_runtime_seconds": 60, "max_wait_seconds": 60},
        {"max_runtime_seconds": 3_600, "max_wait_seconds": 60},  # without spot it does not count
        {"environment": {f"NAME_{n}": "x" * 512 for n in range(48)}},
        {"aws_tags": {f"team {n}": "Größe 1/2 = a+b @home:_" for n in range(39)} | {"empty": ""}},
    ],
)
def test_it_takes_what_aws_takes(changes):
    assert wrong(**changes) == {}


@pytest.mark.parametrize(
    ("field", "changes", "words"),
    [
        ("instance_type", {"instance_type": "m5.large"}, "looks like ml.m5.large"),
        ("instance_type", {"instance_type": "ml.m5.large; rm"}, "looks like"),
        ("instance_count", {"instance_count": 0}, "1 to 20"),
        ("instance_count", {"instance_count": 21}, "1 to 20"),
        ("volume_gb", {"volume_gb": 0}, "1 to 16,384"),
        ("volume_gb", {"volume_gb": 16_385}, "1 to 16,384"),
        ("max_runtime_seconds", {"max_runtime_seconds": 59}, "minute to 28 days"),
        ("max_runtime_seconds", {"max_runtime_seconds": 28 * 86_400 + 1}, "minute to 28 days"),
        ("max_wait_seconds", {"use_spot": True, "max_wait_seconds": 3_599}, "cannot be shorter"),
        ("max_wait_seconds", {"use_spot": True, "max_wait_seconds": 29 * 86_400}, "28 days"),
        ("environment", {"environment": {"1ST": "x"}}, "does not begin with a digit"),
        ("environment", {"environment": {"LONG": "x" * 513}}, "at most 512"),
        ("environment", {"environment": {f"N{n}": "" for n in range(49)}}, "at most 48"),
        ("aws_tags", {"aws_tags": {"team": "a;b"}}, "sign that AWS does not take"),
        ("aws_tags", {"aws_tags": {"k" * 129: ""}}, "too long"),
        ("aws_tags", {"aws_tags": {"mlconsole:id": "x"}}, "are taken"),
        ("aws_tags", {"aws_tags": {"AWS:x": "x"}}, "are taken"),
        ("aws_tags", {"aws_tags": {f"k{n}": "" for n in range(41)}}, "At most 40"),
    ],
)
def test_it_says_at_the_field_what_aws_would_refuse(field, changes, words):
    found = wrong(**changes)
    assert list(found) == [field]
    assert words in found[field][0]


def test_it_says_everything_at_once():
    found = wrong(instance_count=0, volume_gb=0, environment={"1": ""}, aws_tags={"aws:": ""})
    assert set(found) == {"instance_count", "volume_gb", "environment", "aws_tags"}


def test_it_waits_for_spot_as_long_as_it_may_run_unless_told():
    assert GOOD.columns["max_wait_seconds"] is None
    assert Machine(instance_type="x", max_wait_seconds=9_000).columns["max_wait_seconds"] is None
    spot = Machine(instance_type="x", use_spot=True)
    assert spot.columns["max_wait_seconds"] == spot.max_runtime_seconds
    patient = Machine(instance_type="x", use_spot=True, max_wait_seconds=9_000)
    assert patient.columns["max_wait_seconds"] == 9_000


def test_it_reads_pairs_and_names_the_line_that_is_none():
    text = "A=1\n\n  B = two = 2  \nnonsense\n=3\nA=again\nC="
    found, errors = pairs(text)
    assert found == {"A": "1", "B": "two = 2", "C": ""}
    assert errors == [
        "Line 4: write NAME=value.",
        "Line 5: write NAME=value.",
        "Line 6: A stands there already.",
    ]
    assert pairs(spelt(found)) == (found, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5400", 5_400),
        ("90 min", 5_400),
        ("90m", 5_400),
        (" 1.5 h ", 5_400),
        ("2 Days", 172_800),
        ("45 s", 45),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("2 weeks", None),
        ("nan", None),
        ("1e9", None),
        ("99999999999", None),
    ],
)
def test_it_reads_a_time_as_people_write_it(text, expected):
    assert seconds(text) == expected

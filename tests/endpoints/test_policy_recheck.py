"""The last look goes by the policy's own rule: its tags, its few calls, never by silence alone."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endpoints import idle, recheck
from endpoints.recheck import IfIdle
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.test_unknown_is_never_deleted import (  # noqa: F401  # fixtures among them
    NOW,
    STATES,
    cloudwatch,
    row,
    seen,
)

TAGGED = IfIdle(with_tags={"env": "dev"}, without_tags={"keep": "", "team": "a"})


def told(state, calls):
    """CloudWatch's answer about one variant, an hour ago when it tells calls."""
    at = (NOW - timedelta(hours=1)).timestamp()
    values = {"Timestamps": [at] if calls else [], "Values": [calls] if calls else []}
    answer = {"MetricDataResults": [{"Id": "q0", "StatusCode": state} | values]}
    return Reply(body=json.dumps(answer).encode())


def why_not(rule, tags=None, age=40):
    """Why the last look calls it off; "" when it lets it go."""
    endpoint = row(idle.REAL_TIME, ["a"])
    endpoint.aws_tags = tags or {}
    known = json.loads(json.dumps(recheck.remembered(endpoint, rule)))  # as the row keeps it
    try:
        recheck.to_go(endpoint, seen("InService", age, ["a"]), known, NOW)
    except recheck.CalledOff as reason:
        return str(reason)
    return ""


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        ({"env": "dev"}, ""),
        ({"env": "dev", "team": "b"}, ""),
        ({}, "its tag env is not dev"),
        ({"env": "prod"}, "its tag env is not dev"),
        ({"env": "dev", "keep": ""}, "its tag keep keeps it"),
        ({"env": "dev", "keep": "yes"}, "its tag keep keeps it"),
        ({"env": "dev", "team": "a"}, "its tag team keeps it"),
        ({"env": "dev", "mlconsole:protected": ""}, "its tag mlconsole:protected protects it"),
    ],
)
def test_tags_are_looked_at_again(cloudwatch, tags, word):  # noqa: F811
    cloudwatch.says(told("Complete", 0.0))
    found = why_not(TAGGED, tags)
    assert (word in found, bool(found)) == (True, bool(word)), found


def test_what_it_goes_by_is_kept_with_the_deletion():
    kept = recheck.remembered(row(idle.REAL_TIME, ["a"]), TAGGED)
    assert {name: kept[name] for name in asdict(TAGGED)} == asdict(TAGGED)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    state=st.sampled_from(STATES),
    calls=st.sampled_from([0.0, 1.0, 6.0, 7.0, 500.0]),
    few=st.sampled_from([0.0, 0.5, 5.0]),
    age=st.sampled_from([0, 2, 7, 40]),
)
def test_few_calls_let_it_go_only_by_a_complete_answer(cloudwatch, state, calls, few, age):  # noqa: F811
    cloudwatch.says(told(state, calls))
    days = min(age, 14) or 1 / 24
    may = state == "Complete" and age >= 3 and (calls == 0 or calls / days < few)
    assert (why_not(IfIdle(quiet_below=few), age=age) == "") == may

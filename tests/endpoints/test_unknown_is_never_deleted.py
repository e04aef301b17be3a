"""Whatever CloudWatch answers: only complete silence over the whole window lets an endpoint go."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aws.types import Endpoint as Seen
from aws.types import Variant
from core.models import Workspace
from endpoints import idle, recheck, traffic
from endpoints.models import Endpoint
from tests.aws.conftest import Reply, credentials, scripted  # noqa: F401  # fixtures for this folder

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/ep"
KINDS = [idle.REAL_TIME, idle.ASYNC, idle.SERVERLESS, idle.COMPONENTS, ""]
STATES = ["Complete", "PartialData", "InternalError", "Forbidden"]
# Of each query: its state and the calls it tells; None is a query left without an answer.
RESULT = st.none() | st.tuples(st.sampled_from(STATES), st.sampled_from([0.0, 1.0, 40.0]))
QUIET = ("Complete", 0.0)


@pytest.fixture
def cloudwatch(scripted, monkeypatch):  # noqa: F811  # that fixture
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    return scripted


def row(kind, names):
    variants = [{"name": name, "model": "m", "kind": kind} for name in names]
    workspace = Workspace(slug="lab", region="us-east-1")
    kept = {"aws_name": "ep", "arn": ARN, "variants": variants, "only_if_idle": True}
    if kind == idle.COMPONENTS:
        kept["components"] = [{"name": name} for name in names]
    return Endpoint(workspace=workspace, name="ep", status="InService", **kept)


def seen(status, age, names):
    made = NOW - timedelta(days=age)
    variants = tuple(Variant(name=name) for name in names)
    return Seen(
        name="ep",
        arn=ARN,
        status=status,
        config_name="c",
        failure_reason="",
        created=made,
        modified=made,
        variants=variants,
    )


def reply(results):
    """Each result in CloudWatch's own form, an hour ago when it tells calls."""
    at = (NOW - timedelta(hours=1)).timestamp()
    told = [
        {
            "Id": f"q{number}",
            "StatusCode": result[0],
            "Timestamps": [at] if result[1] else [],
            "Values": [result[1]] if result[1] else [],
        }
        for number, result in enumerate(results)
        if result is not None
    ]
    return Reply(body=json.dumps({"MetricDataResults": told}).encode())


def components_of(names):
    """The list of the endpoint's inference components, one on each variant."""
    at = NOW.timestamp()
    told = [
        {
            "InferenceComponentName": name,
            "EndpointName": "ep",
            "VariantName": name,
            "CreationTime": at,
            "LastModifiedTime": at,
        }
        for name in names
    ]
    return Reply(body=json.dumps({"InferenceComponents": told}).encode())


def is_let_go(endpoint, found):
    known = recheck.remembered(endpoint, recheck.IfIdle())
    try:
        recheck.to_go(endpoint, found, known, NOW)
    except recheck.CalledOff:
        return False
    return True


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    kind=st.sampled_from(KINDS),
    status=st.sampled_from(["InService", *Endpoint.Status.values]),
    age=st.sampled_from([0, 2, 3, 14, 40]),
    names=st.lists(st.sampled_from("abc"), unique=True, max_size=3),
    results=st.lists(st.just(QUIET) | RESULT, min_size=7, max_size=7),
)
@example(kind=idle.REAL_TIME, status="InService", age=40, names=["a"], results=[QUIET] * 7)
@example(kind=idle.REAL_TIME, status="InService", age=40, names=["a", "b"], results=[None] * 7)
@example(kind=idle.ASYNC, status="SystemUpdating", age=40, names=["a"], results=[QUIET] * 7)
def test_it_lets_go_only_what_is_silent_by_every_answer(
    cloudwatch, kind, status, age, names, results
):
    endpoint = row(kind, names)
    asked = len(traffic.queries(endpoint))
    listed = [components_of(names)] if kind == idle.COMPONENTS else []
    cloudwatch.says(*listed, reply(results[:asked]))
    silent = bool(names) and all(result == QUIET for result in results[:asked])
    billed = (idle.REAL_TIME, idle.ASYNC, idle.COMPONENTS)
    may = status == "InService" and kind in billed and age >= 3
    assert is_let_go(endpoint, seen(status, age, names)) == (may and silent)


@pytest.mark.parametrize(
    ("code", "status"), [("AccessDenied", 403), ("InternalFailure", 500), ("Throttling", 400)]
)
def test_an_error_of_cloudwatch_keeps_it(cloudwatch, code, status):
    cloudwatch.fails(code, "no", status=status)
    assert not is_let_go(row(idle.REAL_TIME, ["a"]), seen("InService", 40, ["a"]))


def test_other_variants_than_before_keep_it(cloudwatch):
    cloudwatch.says(reply([QUIET] * 2))
    assert not is_let_go(row(idle.REAL_TIME, ["a"]), seen("InService", 40, ["a", "b"]))
    assert cloudwatch.requests == []

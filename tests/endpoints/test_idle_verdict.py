"""busy, quiet, idle, too young or unknown: one table of situations."""

from datetime import UTC, datetime, timedelta

import pytest

from endpoints import idle
from endpoints.idle import Facts, Traffic, verdict

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=40)
FRESH = NOW - timedelta(minutes=3)


def traffic(*, at=FRESH, days=14, **invocations):
    return Traffic(at, days, invocations or {"AllTraffic": 0.0})


def waits(count):
    return Traffic(FRESH, 14, {"AllTraffic": 0.0}, waiting=count)


def facts(found, **changes):
    base = {"status": "InService", "changed": OLD, "variants": ["AllTraffic"], "traffic": found}
    return Facts(**(base | changes))


def days(count):
    return NOW - timedelta(days=count)


@pytest.mark.parametrize(
    ("situation", "word"),
    [
        (facts(traffic(AllTraffic=5000)), "busy"),
        (facts(traffic(AllTraffic=14)), "busy"),
        (facts(traffic(AllTraffic=13)), "quiet"),
        (facts(traffic(AllTraffic=1)), "quiet"),
        (facts(traffic(AllTraffic=0)), "idle"),
        (facts(traffic(AllTraffic=0), changed=days(4)), "idle"),
        (facts(traffic(AllTraffic=0), changed=days(2)), "too young"),
        (facts(traffic(AllTraffic=3), changed=days(2)), "busy"),
        (facts(None, changed=days(2)), "too young"),
        (facts(None), "unknown"),
        (facts(None, problem="CloudWatch refused"), "unknown"),
        (facts(traffic(AllTraffic=0), problem="CloudWatch answered in part"), "unknown"),
        (facts(traffic(AllTraffic=900), problem="CloudWatch did not tell"), "unknown"),
        (facts(traffic(at=NOW - timedelta(hours=2), AllTraffic=0)), "unknown"),
        (facts(traffic(days=7, AllTraffic=0)), "unknown"),
        (facts(traffic(A=0), variants=["A", "B"]), "unknown"),
        (facts(traffic(A=0, B=0), variants=["A", "B"]), "idle"),
        (facts(traffic(A=0, B=70), variants=["A", "B"]), "busy"),
        (facts(traffic(AllTraffic=0), variants=[]), "unknown"),
        (facts(traffic(AllTraffic=0), changed=None), "unknown"),
        (facts(traffic(AllTraffic=0), status="Creating"), "unknown"),
        (facts(traffic(AllTraffic=0), status="Failed"), "unknown"),
        (facts(traffic(AllTraffic=0), status="SomethingNew"), "unknown"),
        (facts(traffic(AllTraffic=0), kind=idle.ASYNC), "idle"),
        (facts(traffic(AllTraffic=900), kind=idle.ASYNC), "busy"),
        (facts(waits(3.0), kind=idle.ASYNC), "quiet"),
        (facts(None, kind=idle.ASYNC, problem="CloudWatch refused"), "unknown"),
        (facts(traffic(AllTraffic=0), kind=idle.SERVERLESS), "quiet"),
        (facts(traffic(AllTraffic=900), kind=idle.SERVERLESS), "busy"),
        (facts(traffic(AllTraffic=0), kind=idle.SERVERLESS, changed=days(2)), "too young"),
        # Inference components are what is counted; none known, or one unmeasured, proves nothing.
        (facts(traffic(AllTraffic=0), variants=[], kind=idle.COMPONENTS), "unknown"),
        (facts(traffic(a=0), variants=["a", "b"], kind=idle.COMPONENTS), "unknown"),
        (facts(traffic(a=900), variants=["a", "b"], kind=idle.COMPONENTS), "unknown"),
        (facts(traffic(a=0, b=0), variants=["a", "b"], kind=idle.COMPONENTS), "idle"),
        (facts(traffic(a=0, b=3), variants=["a", "b"], kind=idle.COMPONENTS), "quiet"),
        (facts(traffic(a=0, b=900), variants=["a", "b"], kind=idle.COMPONENTS), "busy"),
        (facts(traffic(a=0), variants=["a"], kind=idle.COMPONENTS, problem="denied"), "unknown"),
        (facts(traffic(days=7, a=0), variants=["a"], kind=idle.COMPONENTS), "unknown"),
        # Provisioned concurrency is billed at rest: such a variant is judged like instances.
        (facts(traffic(AllTraffic=0), kind=idle.REAL_TIME), "idle"),
        (facts(traffic(AllTraffic=0), kind=""), "unknown"),
        # One of two variants: calls that are missing prove nothing, whatever the other had.
        (facts(traffic(A=900), variants=["A", "B"]), "unknown"),
        (facts(traffic(A=0), variants=["A", "B"], kind=idle.ASYNC), "unknown"),
        (facts(traffic(A=0), variants=["A", "B"], kind=idle.SERVERLESS), "unknown"),
        # A shadow is a variant like any other: it is measured or the endpoint is not.
        (facts(traffic(live=0), variants=["live", "shadow"]), "unknown"),
        (facts(traffic(live=0, shadow=0), variants=["live", "shadow"]), "idle"),
        (facts(traffic(live=300, shadow=300), variants=["live", "shadow"]), "busy"),
        # A variant that an update took away still counts as calls seen.
        (facts(traffic(old=200, new=0), variants=["new"]), "busy"),
        (facts(traffic(AllTraffic=0), kind="mixed"), "unknown"),
        (facts(traffic(AllTraffic=5), kind=idle.ASYNC, problem="denied"), "unknown"),
        (facts(waits(3.0), kind=idle.ASYNC, status="Updating"), "unknown"),
        (facts(traffic(AllTraffic=0), kind=idle.COMPONENTS, changed=days(1)), "too young"),
    ],
)
def test_the_verdict(situation, word):
    found = verdict(situation, NOW)
    assert found.word == word
    assert found.reason
    assert found.is_idle == (word == "idle")


def test_window_and_grace_can_be_chosen():
    week = facts(traffic(days=7, AllTraffic=0))
    assert verdict(week, NOW, window_days=7).word == "idle"
    assert verdict(week, NOW, window_days=7, grace=timedelta(days=60)).word == "too young"


def spread(**by_day):
    """Calls by day, the latest first, of a reading of 30 days."""
    full = {name: [*counts, *[0.0] * (30 - len(counts))] for name, counts in by_day.items()}
    return Traffic(FRESH, 30, {name: sum(c) for name, c in full.items()}, by_day=full)


@pytest.mark.parametrize(
    ("window_days", "word"),
    [(1, "idle"), (9, "idle"), (10, "busy"), (14, "busy"), (30, "quiet"), (31, "unknown")],
)
def test_a_window_counts_its_own_days_only(window_days, word):
    once = facts(spread(A=[0.0] * 9 + [20.0], B=[0.0]), variants=["A", "B"])
    found = verdict(once, NOW, window_days=window_days)
    assert found.word == word
    if word != "unknown":
        assert f"in {window_days} day" in found.evidence


def test_a_queue_counts_in_the_window_it_stood_in():
    waited = Traffic(
        *(FRESH, 30, {"A": 0.0}),
        waiting=4.0,
        by_day={"A": [0.0] * 30},
        waiting_by_day=[0.0] * 20 + [4.0] + [0.0] * 9,
    )
    found = facts(waited, variants=["A"], kind=idle.ASYNC)
    assert verdict(found, NOW, window_days=14).word == "idle"
    assert verdict(found, NOW, window_days=30).word == "quiet"


def test_the_evidence_tells_counts_last_call_and_age():
    found = Traffic(FRESH, 14, {"A": 12.0, "B": 0.0}, days(2))
    text = verdict(facts(found, variants=["A", "B"]), NOW).evidence
    assert "A 12, B 0" in text
    assert "last call 2026-03-18 12:00 UTC" in text
    assert "3 min ago" in text


def test_an_unknown_verdict_says_why():
    assert verdict(facts(None, problem="CloudWatch refused"), NOW).reason == "CloudWatch refused"
    assert "B" in verdict(facts(traffic(A=0), variants=["A", "B"]), NOW).reason


@pytest.mark.parametrize("missing", ["traffic", "problem", "stale", "window", "variant"])
@pytest.mark.parametrize("age", [0, 2, 3, 14, 400])
def test_doubt_is_never_idle(missing, age):
    doubtful = {
        "traffic": facts(None, changed=days(age)),
        "problem": facts(traffic(AllTraffic=0), changed=days(age), problem="denied"),
        "stale": facts(traffic(at=days(1), AllTraffic=0), changed=days(age)),
        "window": facts(traffic(days=1, AllTraffic=0), changed=days(age)),
        "variant": facts(traffic(Other=0), changed=days(age)),
    }[missing]
    assert verdict(doubtful, NOW).word in (idle.UNKNOWN, idle.TOO_YOUNG)

"""How far a job is and what it costs, from numbers alone."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import Workspace
from jobs import cost, metrics, phases
from jobs.models import TrainingJob

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def job(**changes):
    fields = {
        "workspace": Workspace(kind="aws"),
        "algorithm": "xgboost",
        "status": "InProgress",
        "hyperparameters": {"num_round": "100"},
        "instance_type": "ml.m5.large",
        "instance_count": 2,
        "max_runtime_seconds": 3_600,
        "transitions": [step("Training", 20)],
    }
    return TrainingJob(**fields | changes)


def step(status, ago, end=None):
    start = NOW - timedelta(seconds=ago)
    return {"status": status, "start": start.isoformat(), "end": end, "message": "m"}


def test_it_estimates_the_rest_by_the_pace_so_far():
    found = metrics.progress(job(rounds_done=25), now=NOW)
    assert (found.done, found.total, found.percent) == (25, 100, 25)
    assert found.seconds_left == pytest.approx(60)


@pytest.mark.parametrize("changes", [{"rounds_done": 0}, {"rounds_done": 9, "status": "Completed"}])
def test_it_estimates_nothing_before_the_first_round_and_after_the_end(changes):
    assert metrics.progress(job(**changes), now=NOW).seconds_left is None


@pytest.mark.parametrize("changes", [{"algorithm": ""}, {"hyperparameters": {"num_round": "?"}}])
def test_it_knows_no_length_where_none_is_told(changes):
    assert metrics.progress(job(**changes), now=NOW) is None


@pytest.mark.django_db  # prices
def test_it_costs_what_is_billed_times_the_instances():
    found = cost.of(job(billable_seconds=1_800), now=NOW)
    assert found.hourly == pytest.approx(2 * cost.per_hour("ml.m5.large"))
    assert found.so_far == pytest.approx(found.hourly / 2)
    assert found.cap == pytest.approx(found.hourly)
    assert found.is_charged


@pytest.mark.django_db
def test_it_costs_the_time_so_far_while_nothing_is_billed_yet():
    started = job(started_at=NOW - timedelta(minutes=6))
    found = cost.of(started, now=NOW)
    assert found.so_far == pytest.approx(found.hourly / 10)
    assert cost.of(job(), now=NOW).so_far == 0


@pytest.mark.django_db
def test_it_does_not_invent_a_price():
    assert cost.of(job(instance_type="ml.unknown.large"), now=NOW).so_far is None


def test_it_measures_each_phase():
    done, running = phases.timeline(
        [step("Downloading", 30, (NOW - timedelta(seconds=20)).isoformat()), step("Training", 20)],
        NOW,
    )
    assert (done.status, done.seconds, done.is_open) == ("Downloading", 10, False)
    assert (running.status, running.seconds, running.is_open) == ("Training", 20, True)

"""How far a job is and what it costs, from numbers alone."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import Workspace
from jobs import cost, metrics, pace, phases
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


@pytest.mark.parametrize(
    ("line", "epochs"),
    [
        ("[11/20 INFO 1] #progress_metric: host=algo-1, completed 33.3333 % of epochs", 4),
        ("[11/20 INFO 1] #progress_metric: host=algo-1, completed 100.0 % of epochs", 12),
        ("-------------- End of epoch: 9", 9),
        ("Epoch 3/12", 2),
        ("Epoch [5/12], Step [100/600], Loss: 0.3", 4),
        ("Epoch 99/99", 12),
        ("Train Epoch: 3 [1280/60000 (2%)]", 0),
        ("#progress_metric: host=algo-1, completed ..... % of epochs", 0),
        ("[5]#011train-logloss:0.3", 0),
    ],
)
def test_it_reads_how_many_epochs_are_over(line, epochs):
    assert pace.done(["", line], 12) == epochs


def test_it_tells_no_share_of_an_unknown_length():
    assert pace.done(["#progress_metric: host=algo-1, completed 50 % of epochs"], None) == 0


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "total"),
    [
        ("linear-learner", {"epochs": "7"}, 7),
        ("linear-learner", {}, 15),
        ("kmeans", {"epochs": "4"}, 4),
        ("blazingtext", {"mode": "supervised"}, 5),
        ("factorization-machines", {"epochs": "20"}, 20),
        ("randomcutforest", {}, None),
        ("pytorch", {"epochs": "10", "lr": "0.1"}, 10),
        ("pytorch", {"num_epochs": '"3"'}, 3),
        ("pytorch", {"epochs": "ten"}, None),
    ],
)
def test_it_knows_the_length_of_every_kind(algorithm, hyperparameters, total):
    assert metrics.rounds(job(algorithm=algorithm, hyperparameters=hyperparameters)) == total


def test_it_calls_steps_what_the_algorithm_calls_them():
    assert metrics.progress(job(), now=NOW).unit == "round"
    assert metrics.unit(job(algorithm="linear-learner")) == "epoch"


def test_it_tells_what_spot_saved():
    spot = {"use_spot": True, "training_seconds": 108, "billable_seconds": 40}
    assert cost.saved(job(**spot)) == pytest.approx(0.63, abs=0.001)
    assert cost.saved(job(**spot | {"billable_seconds": 110})) == 0
    assert cost.saved(job(**spot | {"use_spot": False})) is None
    assert cost.saved(job(**spot | {"billable_seconds": None})) is None


def test_it_says_what_happens_where_aws_does_not():
    [phase, last] = phases.timeline(
        [
            step("Downloading", 40, (NOW - timedelta(seconds=10)).isoformat()) | {"message": ""},
            step("Failed", 10, NOW.isoformat()) | {"message": ""},
        ],
        NOW,
    )
    assert phase.message == "Copying the data to the instances."
    assert (phase.percent, last.percent, last.tone) == (75, 25, "bad")


@pytest.mark.parametrize(
    ("status", "secondary", "facts", "said"),
    [
        ("Completed", "Completed", "asked sent model", "It had completed before the stop arrived."),
        ("Failed", "Failed", "asked sent", "It had failed before the stop arrived."),
        ("Stopped", "Stopped", "asked sent model", "Stopped on request. The model"),
        ("Stopped", "Stopped", "sent", "not from here. It left no model."),
        ("Stopped", "Stopped", "asked", "nothing is billed"),
        ("Stopped", "MaxRuntimeExceeded", "sent model", "maximum runtime. The model"),
        ("Stopped", "MaxWaitTimeExceeded", "sent", "no spot instance"),
        ("Stopping", "Stopping", "asked sent", "still stored"),
        ("InProgress", "Training", "asked sent", "may still finish"),
        ("InProgress", "Training", "sent", ""),
        ("Completed", "Completed", "sent model", ""),
    ],
)
def test_it_is_honest_about_how_a_stop_went(status, secondary, facts, said):
    asked, sent, model = (word in facts.split() for word in ("asked", "sent", "model"))
    found = phases.ending(status, secondary, asked=asked, sent=sent, has_model=model)
    assert said in found
    assert bool(found) == bool(said)

"""What the conditions of a query mean for jobs in the database."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from jobs import values
from jobs.matching import matching
from jobs.models import Experiment, JobTag, TrainingJob
from jobs.query import parse
from tests.jobs.conftest import make_preparation

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def make(workspace, name, days, *, params=(), metrics=(), tags=(), **changes):
    fields = {"workspace": workspace, "name": name, "aws_name": name, "algorithm": "xgboost"}
    job = TrainingJob.objects.create(
        **fields | changes,
        created_at=NOW - timedelta(days=days),
        hyperparameters=dict(params),
    )
    values.keep_params(job)
    values.keep_metrics(job, dict(metrics))
    JobTag.objects.bulk_create(JobTag(job=job, name=tag) for tag in tags)


@pytest.fixture
def jobs(workspace, member):
    """One, two and three: what differs between them stands here."""
    make(
        workspace,
        "one",
        1,
        params={"max_depth": "6", "objective": "binary:logistic"},
        metrics={"validation:auc": 0.95},
        tags=["baseline", "for mary"],
        status="Completed",
        experiment=Experiment.objects.create(workspace=workspace, name="Baselines"),
        preparation=make_preparation(workspace),
        created_by=member,
        training_seconds=400,
        instance_type="ml.m5.large",
    )
    make(
        workspace,
        "two",
        10,
        params={"max_depth": "9", "objective": "reg:squarederror"},
        metrics={"validation:auc": 0.85},
        tags=["baseline"],
        status="Failed",
        training_seconds=20,
        created_by=User.objects.create_user("carol"),
    )
    make(workspace, "three", 19, algorithm="knn", status="InProgress", archived_at=NOW)


def found(text):
    rows = TrainingJob.objects.filter(matching(parse(text), now=NOW))
    return set(rows.values_list("name", flat=True))


ALL = {"one", "two", "three"}
MEANS = {
    "": ALL,
    "on": {"one"},
    "BREAST": {"one"},
    "knn": {"three"},
    "name = ONE": {"one"},
    "name != one": {"two", "three"},
    "name ~ t": {"two", "three"},
    "metric.validation:auc > 0.9": {"one"},
    "metric.validation:auc != 0.95": {"two"},
    "not metric.validation:auc = 0.95": {"two", "three"},
    "param.max_depth <= 6.0": {"one"},
    "param.max_depth = 6.0": {"one"},
    "param.objective ~ LOGISTIC": {"one"},
    "param.objective = Reg:SquaredError": {"two"},
    "param.max_depth > 1 and metric.validation:auc < 0.9": {"two"},
    "tag:baseline": {"one", "two"},
    'tag:"For Mary"': {"one"},
    "tag ~ MAR": {"one"},
    "tag != baseline": {"three"},
    "not tag:baseline or name:one": {"one", "three"},
    "status = completed": {"one"},
    "status != Completed": {"two", "three"},
    "experiment = baselines": {"one"},
    "experiment != baselines": {"two", "three"},
    'dataset = "breast cancer"': {"one"},
    "not dataset ~ breast": {"two", "three"},
    "instance = ml.m5.large": {"one"},
    "algorithm:xgboost": {"one", "two"},
    "owner = bob": {"one"},
    "owner = outside": {"three"},
    "not owner = outside": {"one", "two"},
    "archived = yes": {"three"},
    "archived = no": {"one", "two"},
    "created > 7d": {"one"},
    "created < 7d": {"two", "three"},
    "created = 2026-11-10": {"two"},
    "created > 2026-11-10": {"one"},
    "created >= 2026-11-10": {"one", "two"},
    "created <= 2026-11-10": {"two", "three"},
    "created < 2026-11-10": {"three"},
    "created < 2026-11-10T12:00": {"three"},
    "duration > 5m": {"one"},
    "duration <= 20s": {"two"},
    "metric.validation:auc > 0.8 and not (param.max_depth <= 6 or owner:bob)": {"two"},
    "one or (two and status = Failed) or name = nobody": {"one", "two"},
}


@pytest.mark.parametrize("text", MEANS)
def test_it_means(jobs, text):
    assert found(text) == MEANS[text]
    if text:
        assert found(f"not ({text})") == ALL - MEANS[text]

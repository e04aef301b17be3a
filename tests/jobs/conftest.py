"""A workspace on a running localaws, with breast-cancer data prepared for XGBoost."""

import contextlib
import importlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from aws import clients, errors, s3, sagemaker
from core.access import Actor
from core.models import AuditEvent, Workspace
from datasets.models import Dataset, Preparation
from jobs import mirror, training
from jobs.machine import Machine
from jobs.models import TrainingJob
from tests.localaws.conftest import (
    LocalAws,
    localaws,  # noqa: F401  the fixture, for this folder
    own_localaws,  # noqa: F401  the same
)
from tests.localaws.lab import breast_cancer, csv, until

BUCKET = "jobs-bucket"
QUICK = {"num_round": "5", "objective": "binary:logistic"}
# Ends only when it is stopped; twenty trees a round keep its log short.
LONG = {"num_round": "1000000", "objective": "binary:logistic", "num_parallel_tree": "20"}


def wire(service: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process's AWS clients at `service`."""
    for name, value in environment(service).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clients, "_clients", {})  # none of another test's, and leave none


def environment(service: LocalAws) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": service.url,
        "AWS_ACCESS_KEY_ID": service.access_key,
        "AWS_SECRET_ACCESS_KEY": service.secret,
        "AWS_REGION": "us-east-1",
    }


def inject(service: LocalAws, *rules: dict[str, Any]) -> None:
    """Faults from now on; none when called without rules."""
    body = json.dumps(rules).encode()
    status, _, answer = service.call("PUT", "/_localaws/faults", body, service="localaws")
    assert status == 200, answer


@pytest.fixture
def committed(transactional_db):
    """Real transactions, for tests with threads or processes of their own.

    The database refuses to empty the audit log, so its guard steps aside at the end.
    """
    yield
    guard = importlib.import_module("core.migrations.0002_audit_append_only")
    with connection.schema_editor() as editor:
        guard.allow(None, editor)
    AuditEvent.objects.all()._raw_delete("default")
    with connection.schema_editor() as editor:
        guard.forbid(None, editor)


@pytest.fixture
def prepared(workspace):
    """A Ready preparation of rows that only the database knows; no AWS involved."""
    return make_preparation(workspace)


def make_preparation(workspace: Workspace, *, task: str = "binary", labels=("0", "1"), **changes):
    now = timezone.now()
    dataset = Dataset.objects.create(
        workspace=workspace, name="breast cancer", status="Ready", rows=456, filename="c.csv"
    )
    channels = {
        name: {
            "uri": f"s3://{workspace.bucket}/cancer/{name}/",
            "rows": rows,
            "content_type": "text/csv",
        }
        for name, rows in (("train", 400), ("validation", 56), ("test", 113))
    }
    fields = {
        "workspace": workspace,
        "name": "70/20/10",
        "dataset": dataset,
        "target": "diagnosis",
        "algorithm": "xgboost",
        "status": "Ready",
        "status_at": now,
        "task": task,
        "features": [f"f{number}" for number in range(30)],
        "labels": list(labels),
        "channels": channels,
    }
    return Preparation.objects.create(**fields | changes)


@dataclass
class Console:
    """The console's side of a test: a workspace, its data, and time that tests move."""

    service: LocalAws
    workspace: Workspace
    preparation: Preparation
    actor: Actor

    def wish(self, hyperparameters=QUICK, **changes) -> TrainingJob:
        fields = {
            "preparation": self.preparation,
            "algorithm": "xgboost",
            "hyperparameters": hyperparameters,
            "machine": Machine(instance_type="ml.m5.large"),
        }
        return training.request(self.actor, **fields | changes)

    def submitted(self, hyperparameters=QUICK, **changes) -> TrainingJob:
        job = self.wish(hyperparameters, **changes)
        training.submit(job, now=timezone.now())
        assert job.status == "InProgress", job.failure_reason
        return job

    def look(self, *, later: timedelta = timedelta(0)) -> None:
        mirror.look(self.workspace, now=timezone.now() + later)

    def watch(self, job: TrainingJob, enough, seconds: float = 40) -> TrainingJob:
        """Look again and again until `enough(job)`."""

        def seen() -> TrainingJob:
            self.look()
            job.refresh_from_db()
            return job

        until(seen, enough, seconds)
        return job

    def finished(self, job: TrainingJob) -> TrainingJob:
        return self.watch(job, lambda row: row.is_finished)

    def end(self, job: TrainingJob) -> None:
        """Leave no job behind that keeps a processor busy."""
        with contextlib.suppress(errors.WrongState):
            sagemaker.stop_training_job(self.workspace.account, job.aws_name)

    def names_at_aws(self) -> list[str]:
        client = self.service.client("sagemaker")
        pages = client.get_paginator("list_training_jobs").paginate()
        return [one["TrainingJobName"] for page in pages for one in page["TrainingJobSummaries"]]


def make_console(service, workspace, actor) -> Console:
    workspace.bucket = actor.workspace.bucket = BUCKET
    workspace.save()
    s3.ensure_bucket(workspace.account, BUCKET)
    features, labels = breast_cancer()
    table = [[label, *row] for label, row in zip(labels, features, strict=True)]
    for name, rows in (("train", table[:400]), ("validation", table[400:456])):
        s3.put_object(workspace.account, BUCKET, f"cancer/{name}/{name}.csv", csv(rows))
    return Console(service, workspace, make_preparation(workspace), actor)


@pytest.fixture
def console(localaws, workspace, actor, monkeypatch):  # noqa: F811  it is that fixture
    """On the localaws that the tests of one worker share."""
    wire(localaws, monkeypatch)
    return make_console(localaws, workspace, actor)


@pytest.fixture
def own_console(own_localaws, workspace, actor, monkeypatch):  # noqa: F811  it is that fixture
    """On a localaws of its own, to break as a test likes."""
    wire(own_localaws, monkeypatch)
    return make_console(own_localaws, workspace, actor)

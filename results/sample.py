"""The sample experiment: what a newcomer finds done, by the same steps that they will take.

Its stages are ordinary rows with `is_sample`. Each turn looks at them and asks for the next one,
so a crash anywhere continues where it was; only one worker has the turn.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from aws import s3
from aws.errors import AwsError
from core import access, audit, states
from core.access import Actor
from core.errors import NotFound, UserError
from core.models import Membership, Role, Tracked, Workspace
from datasets import prepare, samples, upload
from datasets.models import Dataset, Preparation
from endpoints import delete, deploy
from endpoints.models import Endpoint
from jobs import training
from jobs.machine import Machine
from jobs.models import TrainingJob
from results import evaluate
from results.models import Evaluation, Sample, SampleQuerySet, Share

DATA = "breast-cancer"
TARGET = "diagnosis"
HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": "50",
    "eval_metric": "logloss,error",
}
INSTANCE_TYPE = "ml.m5.large"
TURN = timedelta(seconds=30)
DONE = {"Ready", "Completed", "InService"}
BROKEN = {"Failed", "Rejected", "Stopped", "OutOfService", "Deleting", "Deleted"}
TrackedT = TypeVar("TrackedT", bound=Tracked)
Status = Sample.Status
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stage:
    """A step of the sample's story; `row` is None until it was asked for."""

    title: str
    kind: str  # what the row is called
    row: Tracked | None
    page: str  # the name of the row's page

    @property
    def is_done(self) -> bool:
        return self.row is not None and self.row.status in DONE

    @property
    def is_broken(self) -> bool:
        return self.row is not None and (
            self.row.status in BROKEN or self.row.deleted_at is not None
        )


@dataclass(frozen=True)
class State:
    sample: Sample
    stages: list[Stage]
    evaluation: Evaluation | None

    @property
    def is_building(self) -> bool:
        return self.sample.status == Status.BUILDING

    @property
    def done(self) -> int:
        return sum(stage.is_done for stage in self.stages)


def start(workspace: Workspace) -> bool:
    """Begin the sample, once in a workspace's life and only while it is empty; whether it began."""
    if Sample.objects.filter(workspace=workspace).exists():
        return False
    if Dataset.objects.of(workspace).exists() or TrainingJob.objects.of(workspace).exists():
        return False
    try:
        with transaction.atomic():
            Sample.objects.create(workspace=workspace, name="sample", status=Status.BUILDING)
    except IntegrityError:  # a second `up` on the same database was faster
        return False
    return True


def state(workspace: Workspace) -> State | None:
    """Where the sample stands; None when there is none or it was removed."""
    row = Sample.objects.of(workspace).standing().first()
    if row is None:
        return None
    found = stages(workspace)
    last = found[-1].row
    return State(row, found, last if isinstance(last, Evaluation) else None)


def stages(workspace: Workspace) -> list[Stage]:
    dataset = _first(Dataset.objects, workspace)
    preparation = dataset and dataset.preparations.order_by("pk").first()
    endpoint = _first(Endpoint.objects, workspace)
    evaluation = _first(Evaluation.objects, workspace)
    return [
        Stage("Upload the data", "Dataset", dataset, "datasets:detail"),
        Stage("Split it", "Preparation", preparation or None, "datasets:preparation"),
        Stage("Train XGBoost", "Job", _first(TrainingJob.objects, workspace), "jobs:detail"),
        Stage("Deploy the model", "Endpoint", endpoint, "endpoints:detail"),
        Stage("Evaluate the test rows", "Result", evaluation, "results:detail"),
    ]


def _first(manager: models.Manager[TrackedT], workspace: Workspace) -> TrackedT | None:
    return manager.filter(workspace=workspace, is_sample=True).order_by("pk").first()


def due(now: datetime) -> SampleQuerySet:
    return Sample.objects.due(now).exclude(status__in=Sample.RESTING)


def advance(sample: Sample, now: datetime) -> None:
    """Take the next step of building or removing, if this worker gets the turn."""
    if sample.status in Sample.RESTING or not states.claim(sample, now=now, lease=TURN):
        return
    try:
        if sample.status == Status.BUILDING:
            _build(sample)
        else:
            _remove(sample, now)
    except UserError as error:
        _fail(sample, f"{error.message} {error.hint}".strip())
    except AwsError as error:
        log.warning("the sample waits for AWS: %s", error)
    if sample.status in (Status.BUILDING, Status.REMOVING):
        states.record(sample, next_check_at=timezone.now())


def _fail(sample: Sample, reason: str) -> None:
    if sample.status == Status.BUILDING:
        states.advance(sample, frm=Status.BUILDING, to=Status.FAILED, failure_reason=reason)
    else:
        states.record(sample, failure_reason=reason)


def _build(sample: Sample) -> None:
    workspace = sample.workspace
    for stage, make in zip(stages(workspace), _MAKERS, strict=True):
        if stage.row is None:
            make(_builder(workspace))
            return
        if stage.is_broken:
            _fail(sample, stage.row.failure_reason or f"“{stage.title}” was undone.")
            return
        if not stage.is_done:
            return
    states.advance(sample, frm=Status.BUILDING, to=Status.READY)


def _builder(workspace: Workspace) -> Actor:
    """The sample belongs to the workspace's first admin."""
    admins = Membership.objects.filter(workspace=workspace, role=Role.ADMIN).order_by("pk")
    if (admin := admins.select_related("user").first()) is None:
        raise UserError("The workspace has no admin.", "Add one, then start the sample.")
    return access.actor(admin.user, slug=workspace.slug)


def _upload(who: Actor) -> None:
    samples.create(who, who.workspace, DATA, is_sample=True)


def _split(who: Actor) -> None:
    dataset = Dataset.objects.get(workspace=who.workspace, is_sample=True)
    prepare.request(
        who,
        dataset,
        target=TARGET,
        algorithm="xgboost",
        train=0.7,
        validation=0.2,
        test=0.1,
        seed=0,
        stratify=True,
    )


def _train(who: Actor) -> None:
    training.request(
        who,
        preparation=Preparation.objects.get(workspace=who.workspace, dataset__is_sample=True),
        algorithm="xgboost",
        hyperparameters=HYPERPARAMETERS,
        machine=Machine(instance_type=INSTANCE_TYPE),
        experiment="sample",
        is_sample=True,
    )


def _deploy(who: Actor) -> None:
    deploy.request(
        who,
        job=TrainingJob.objects.get(workspace=who.workspace, is_sample=True),
        instance_type=INSTANCE_TYPE,
        instance_count=1,
        is_sample=True,
    )


def _evaluate(who: Actor) -> None:
    endpoint = Endpoint.objects.get(workspace=who.workspace, is_sample=True)
    evaluate.request(who, endpoint=endpoint, is_sample=True)


_MAKERS: tuple[Callable[[Actor], None], ...] = (_upload, _split, _train, _deploy, _evaluate)


def remove(who: Actor, workspace: Workspace) -> None:
    """Ask for the sample's removal: endpoint, job, data and results go; asking again is fine.

    NotFound where there is no sample. Its share links end at once.
    """
    who.need(Role.MEMBER)
    sample = Sample.objects.of(workspace).standing().first()
    if sample is None:
        raise NotFound
    before = (Status.BUILDING, Status.READY, Status.FAILED)
    if states.advance(sample, frm=before, to=Status.REMOVING, failure_reason=""):
        audit.note(who, "sample.remove", sample)


def _remove(sample: Sample, now: datetime) -> None:
    """Stop what runs; once everything rests, delete its bytes and hide its rows."""
    workspace = sample.workspace
    Share.objects.filter(workspace=workspace, evaluation__is_sample=True, revoked_at=None).update(
        revoked_at=now
    )
    who = _builder(workspace)
    for endpoint in _endpoints(workspace):
        if endpoint.delete_requested_at is None:
            delete.request(who, endpoint, now)
    for job in TrainingJob.objects.filter(workspace=workspace, is_sample=True).active():
        if job.stop_requested_at is None:
            training.stop(who, job, now=now)
    if _is_anything_moving(workspace):
        return
    _clear(workspace, now)
    states.advance(sample, frm=Status.REMOVING, to=Status.REMOVED)


def _endpoints(workspace: Workspace) -> list[Endpoint]:
    rows = Endpoint.objects.present().filter(workspace=workspace, is_sample=True)
    return list(rows.exclude(status=Endpoint.Status.DELETED))


def _is_anything_moving(workspace: Workspace) -> bool:
    evaluations = Evaluation.objects.active().filter(workspace=workspace, is_sample=True)
    jobs = TrainingJob.objects.active().filter(workspace=workspace, is_sample=True)
    datasets = Dataset.objects.active().filter(workspace=workspace, is_sample=True)
    preparations = Preparation.objects.active().filter(workspace=workspace, dataset__is_sample=True)
    active = (evaluations.exists(), jobs.exists(), datasets.exists(), preparations.exists())
    return bool(_endpoints(workspace)) or any(active)


def _clear(workspace: Workspace, now: datetime) -> None:
    """Delete the bytes, then hide the rows; what people built on meanwhile stays and is theirs."""
    account, bucket = workspace.account, workspace.bucket
    jobs = TrainingJob.objects.filter(workspace=workspace, is_sample=True)
    datasets = Dataset.objects.filter(workspace=workspace, is_sample=True)
    used = Endpoint.objects.active().filter(model__job__in=jobs, is_sample=False)
    jobs.filter(registered_models__endpoints__in=used).update(is_sample=False)
    theirs = TrainingJob.objects.present().filter(preparation__dataset__in=datasets)
    datasets.filter(preparations__jobs__in=theirs.filter(is_sample=False)).update(is_sample=False)
    evaluations = Evaluation.objects.filter(workspace=workspace, is_sample=True)
    evaluations = evaluations.select_related("batch")
    prefixes = [prefix for row in evaluations for prefix in evaluate.prefixes(row)]
    prefixes += [f"jobs/{row.uid}/" for row in jobs]
    prefixes += [upload.prefix(row) for row in datasets]
    for prefix in prefixes:
        s3.delete_prefix(account, bucket, prefix)
    Preparation.objects.filter(dataset__in=datasets).update(deleted_at=now, channels={})
    endpoints = Endpoint.objects.filter(workspace=workspace, is_sample=True)
    for rows in (evaluations, endpoints, jobs, datasets):
        rows.filter(deleted_at=None).update(deleted_at=now)

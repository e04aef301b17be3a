"""Training jobs and algorithms."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Header, Router, Schema, Status

from core import access, idempotency
from core.access import Actor
from core.errors import InvalidFields, NotFound
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from jobs import cost, training
from jobs.api.machine import MachineFields
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Algorithm, Hyperparameter
from jobs.machine import Machine
from jobs.models import TrainingJob
from jobs.tasks import halt_training_job, submit_training_job

router = Router()
# What runs, of a script or an image of one's own.
_PROGRAM = (
    *("image", "source", "entry_point", "entrypoint", "arguments"),
    *("inputs", "metric_definitions", "headline_metric", "headline_direction"),
)


class NewJob(MachineFields):
    """A wish for a training job; hyperparameters may be text, numbers or booleans."""

    algorithm: str
    preparation: str
    hyperparameters: dict[str, bool | int | float | str] = Field(default_factory=dict)
    experiment: str = ""
    name: str = ""
    cloned_from: str = ""  # the id of the job that this is a copy of

    def texts(self) -> dict[str, str]:
        return {name: as_text(value) for name, value in self.hyperparameters.items()}


class Job(Schema):
    """`owner` is "outside" for what was launched without this console: it is shown, not changed.

    `drift` says how AWS contradicts a job that is over.
    """

    id: str
    name: str
    status: str
    secondary_status: str
    metrics: dict[str, float]
    failure_reason: str
    artifact: str
    billable_seconds: int | None
    training_seconds: int | None
    algorithm: str
    image: str
    source: str
    entry_point: str
    entrypoint: list[str]
    arguments: list[str]
    inputs: dict[str, dict[str, str]]
    metric_definitions: dict[str, str]
    headline_metric: str
    headline_direction: str
    hyperparameters: dict[str, str]
    instance_type: str
    instance_count: int
    volume_gb: int
    max_runtime_seconds: int
    use_spot: bool
    max_wait_seconds: int | None
    environment: dict[str, str]
    aws_tags: dict[str, str]
    preparation: str | None
    dataset: str | None
    experiment: str | None
    cloned_from: str | None
    aws_name: str
    arn: str
    transitions: list[dict[str, Any]]
    stop_requested: bool
    tags: list[str]
    is_archived: bool
    owner: str
    drift: str
    cost_usd: float | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def as_text(value: bool | float | str) -> str:  # noqa: FBT001  a JSON value, not a switch
    """A hyperparameter's value as AWS is sent it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def job_fields(job: TrainingJob) -> dict[str, Any]:
    """A job as the API answers it, from a row with its lineage selected."""
    preparation = job.preparation
    return {
        "id": job.uid,
        "name": job.name,
        "status": job.status,
        "secondary_status": job.secondary_status,
        "metrics": job.metrics,
        "failure_reason": job.failure_reason,
        "artifact": job.artifact,
        "billable_seconds": job.billable_seconds,
        "training_seconds": job.training_seconds,
        "algorithm": job.algorithm,
        "hyperparameters": job.hyperparameters,
        **{name: getattr(job, name) for name in _PROGRAM},
        **{name: getattr(job, name) for name in Machine.__annotations__},
        "preparation": preparation.uid if preparation else None,
        "dataset": preparation.dataset.uid if preparation else None,
        "experiment": job.experiment.name if job.experiment else None,
        "cloned_from": job.cloned_from or None,
        "aws_name": job.aws_name,
        "arn": job.arn,
        "transitions": job.transitions,
        "stop_requested": job.stop_requested_at is not None,
        "tags": [tag.name for tag in job.tags.all()],
        "is_archived": job.archived_at is not None,
        "owner": "outside" if job.is_outside else str(job.created_by or ""),
        "drift": job.drift,
        "cost_usd": cost.of(job, now=timezone.now()).so_far,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
    }


def lineage() -> QuerySet[TrainingJob]:
    near = ("workspace", "preparation__dataset", "experiment", "created_by")
    return TrainingJob.objects.select_related(*near)


@router.post("/jobs", response={201: Job})
def create_job(
    request: HttpRequest, wish: NewJob, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    rows = Preparation.objects.select_related("dataset")
    preparation = access.fetch(rows, who, wish.preparation, role=Role.MEMBER)
    who = access.in_workspace_of(who, preparation)
    fields = wish.model_dump(include={"algorithm", "experiment", "name", "cloned_from"})
    if wish.cloned_from:
        _need_original(who, wish.cloned_from)
    job, _ = idempotency.once(
        who,
        idempotency_key,
        TrainingJob,
        lambda: training.request(
            who,
            preparation=preparation,
            hyperparameters=wish.texts(),
            machine=wish.machine,
            **fields,
        ),
        content=wish.model_dump_json(),
    )
    nudge(submit_training_job, job.pk)
    return Status(201, job_fields(lineage().get(pk=job.pk)))


def _need_original(who: Actor, uid: str) -> None:
    try:
        access.fetch(TrainingJob.objects.all(), who, uid)
    except NotFound:
        raise InvalidFields({"cloned_from": [f"There is no job {uid[:40]!r}."]}) from None


@router.get("/jobs/{uid}", response=Job)
def get_job(request: HttpRequest, uid: str) -> dict[str, Any]:
    return job_fields(access.fetch(lineage(), actor_of(request), uid))


@router.post("/jobs/{uid}/stop", response=Job)
def stop_job(request: HttpRequest, uid: str) -> dict[str, Any]:
    who = actor_of(request)
    job = access.fetch(lineage(), who, uid, role=Role.MEMBER)
    training.stop(who, job, now=timezone.now())
    if not job.is_finished:
        nudge(halt_training_job, job.pk)
    return job_fields(lineage().get(pk=job.pk))


@router.get("/algorithms", response=list[dict[str, Any]])
def list_algorithms(request: HttpRequest) -> list[dict[str, Any]]:
    actor_of(request)
    return [_algorithm(entry) for entry in ALGORITHMS.values()]


@router.get("/algorithms/{name}", response=dict[str, Any])
def get_algorithm(request: HttpRequest, name: str) -> dict[str, Any]:
    actor_of(request)
    entry = training.known_algorithm(name)
    shown = [
        _hyperparameter(one) | {"docs": entry.docs_of(one.name)}
        for one in entry.hyperparameters
        if not one.hidden
    ]
    metrics = [
        {"name": m.name, "direction": m.direction, "regex": m.regex, "objective": m.is_objective}
        for m in entry.metrics
    ]
    return _algorithm(entry) | {"hyperparameters": shown, "metrics": metrics}


def _algorithm(entry: Algorithm) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "tasks": entry.tasks,
        "image": f"{entry.repository}:{entry.version}",
        "channels": [{"name": c.name, "required": c.required} for c in entry.channels],
        "content_types": entry.content_types,
        "instance_types": entry.instance_types,
        "docs": entry.docs,
        "reference": entry.reference,
    }


def _hyperparameter(one: Hyperparameter) -> dict[str, Any]:
    bounded = one.kind in {"integer", "continuous"}
    return {
        "name": one.name,
        "type": one.kind.value,
        "help": one.help,
        "required": one.required,
        "default": one.default,
        "range": str(one.range) if bounded else None,
        "choices": one.choices,
        "aliases": one.aliases,
        "required_when": str(one.required_when) if one.required_when else None,
        "applies_when": str(one.applies_when) if one.applies_when else None,
        "tunable": vars(one.tunable) if one.tunable else None,
        "tune_values": one.tune_values,
        "words": one.words,
    }

"""Tuning jobs."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Header, Router, Schema, Status

from core import access, idempotency
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from jobs import cost, leaderboard, tuning
from jobs.api.machine import MachineFields
from jobs.api.training import as_text
from jobs.columns import TUNING_COLUMNS
from jobs.models import TuningJob
from jobs.tasks import halt_tuning_job, submit_tuning_job

router = Router()
Number = bool | int | float | str


class Range(Schema):
    """Numbers from `low` to `high`, or one of `values`, of which a grid tries every combination.

    `scaling` is Auto, Linear, Logarithmic or ReverseLogarithmic.
    """

    name: str
    low: Number = ""
    high: Number = ""
    scaling: str = "Auto"
    values: list[Number] = Field(default_factory=list)

    def texts(self) -> dict[str, Any]:
        edges = {"low": as_text(self.low), "high": as_text(self.high)}
        values = [as_text(value) for value in self.values]
        return {"name": self.name, "scaling": self.scaling, "values": values} | edges


class WarmStart(Schema):
    """`parents` are ids of one to five finished tuning jobs of the same algorithm and objective.

    `kind` is IdenticalDataAndAlgorithm, to go on where they ended, or TransferLearning.
    """

    kind: str = "IdenticalDataAndAlgorithm"
    parents: list[str]


class NewTuningJob(MachineFields):
    """A search: `hyperparameters` stay the same in every trial, `ranges` vary.

    `strategy` is Bayesian, Random, Grid or Hyperband. A grid makes a trial of each combination,
    whatever `max_jobs` says. Hyperband gives a trial at most the rounds among the
    `hyperparameters`: `num_round` or `epochs`.
    """

    algorithm: str
    preparation: str
    hyperparameters: dict[str, Number] = Field(default_factory=dict)
    ranges: list[Range]
    objective: str
    strategy: str = "Bayesian"
    max_jobs: int = 9
    max_parallel: int = 3
    early_stopping: bool = False
    seed: int | None = None
    warm_start: WarmStart | None = None
    experiment: str = ""
    name: str = ""

    def texts(self) -> dict[str, str]:
        return {name: as_text(value) for name, value in self.hyperparameters.items()}

    @property
    def search(self) -> tuning.Search:
        return tuning.Search(**self.model_dump(include=set(tuning.Search.__annotations__)))


class Trial(Schema):
    id: str
    name: str
    status: str
    value: float | None
    hyperparameters: dict[str, str]


class Tuning(Schema):
    """`best_job` is the id of the best trial, `trials` stand best first.

    `warm_start` names parents as AWS does. An `outside` tuning job was launched without mlconsole,
    which only shows it.
    """

    id: str
    name: str
    status: str
    failure_reason: str
    algorithm: str
    preparation: str | None
    experiment: str | None
    hyperparameters: dict[str, str]
    ranges: list[dict[str, Any]]
    objective: str
    direction: str
    strategy: str
    max_jobs: int
    max_parallel: int
    early_stopping: bool
    counts: dict[str, int]
    best_job: str | None
    best_value: float | None
    trials: list[Trial]
    aws_name: str
    stop_requested: bool
    outside: bool
    warm_start: dict[str, Any]
    cost_usd: float | None
    cost_cap_usd: float | None
    created_at: datetime
    ended_at: datetime | None


class Tunings(Schema):
    items: list[dict[str, Any]]
    total: int
    page: int
    pages: int


def _rows() -> QuerySet[TuningJob]:
    return TuningJob.objects.select_related("workspace", "preparation__dataset", "experiment")


def _fields(row: TuningJob) -> dict[str, Any]:
    board = leaderboard.of(row)
    plain = ("name", "status", "failure_reason", "algorithm", "hyperparameters", "ranges")
    more = ("objective", "direction", "strategy", "max_jobs", "max_parallel", "early_stopping")
    rest = ("counts", "best_value", "aws_name", "created_at", "ended_at")
    best, spent = tuning.best(row), cost.of_tuning(row)
    return {name: getattr(row, name) for name in plain + more + rest} | {
        "id": row.uid,
        "preparation": row.preparation.uid if row.preparation else None,
        "experiment": row.experiment.name if row.experiment else None,
        "best_job": best.uid if best else None,
        "trials": [
            {
                "id": trial.job.uid,
                "name": trial.job.name,
                "status": trial.job.status,
                "value": trial.value,
                "hyperparameters": trial.varied,
            }
            for trial in board
        ],
        "stop_requested": row.stop_requested_at is not None,
        "outside": row.is_outside,
        "warm_start": row.warm_start,
        "cost_usd": spent.so_far,
        "cost_cap_usd": spent.cap,
    }


def _brief(row: TuningJob) -> dict[str, Any]:
    fields = ("name", "status", "algorithm", "objective", "strategy", "counts", "best_value")
    return {"id": row.uid, "created_at": row.created_at} | {f: getattr(row, f) for f in fields}


@router.post("/tuning-jobs", response={201: Tuning})
def create_tuning_job(
    request: HttpRequest, wish: NewTuningJob, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    rows = Preparation.objects.select_related("dataset", "workspace")
    preparation = access.fetch(rows, who, wish.preparation, role=Role.MEMBER)
    who = access.in_workspace_of(who, preparation)
    fields = {
        "algorithm": wish.algorithm,
        "hyperparameters": wish.texts(),
        "ranges": [one.texts() for one in wish.ranges],
        "search": wish.search,
        "machine": wish.machine,
        "warm_start": wish.warm_start.model_dump() if wish.warm_start else None,
        **wish.model_dump(include={"experiment", "name"}),
    }
    row, _ = idempotency.once(
        who,
        idempotency_key,
        TuningJob,
        lambda: tuning.request(who, preparation=preparation, **fields),
        content=wish.model_dump_json(),
    )
    nudge(submit_tuning_job, row.pk)
    return Status(201, _fields(_rows().get(pk=row.pk)))


@router.get("/tuning-jobs", response=Tunings)
def list_tuning_jobs(request: HttpRequest) -> dict[str, Any]:
    rows = TuningJob.objects.present().of(actor_of(request).workspace)
    return listed(listing(rows, request.GET.dict(), TUNING_COLUMNS), _brief)


@router.get("/tuning-jobs/{uid}", response=Tuning)
def get_tuning_job(request: HttpRequest, uid: str) -> dict[str, Any]:
    return _fields(access.fetch(_rows(), actor_of(request), uid))


@router.post("/tuning-jobs/{uid}/stop", response=Tuning)
def stop_tuning_job(request: HttpRequest, uid: str) -> dict[str, Any]:
    who = actor_of(request)
    row = access.fetch(_rows(), who, uid, role=Role.MEMBER)
    tuning.stop(who, row, now=timezone.now())
    if not row.is_finished:
        nudge(halt_tuning_job, row.pk)
    return _fields(_rows().get(pk=row.pk))

"""One job: its page, its figures, its log, and what may be done to it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from jobs import (
    charts,
    cost,
    delete,
    failures,
    files,
    hardware,
    loglines,
    logs,
    metrics,
    phases,
    training,
)
from jobs.catalogue import ALGORITHMS
from jobs.errors import AlreadyOver
from jobs.models import LogLine, MetricPoint, TrainingJob
from jobs.tasks import halt_training_job

TAIL = 200
TABLE = 200
CHARTS = 4
LIGHT_PARTS = ("status", "waiting", "recipe", "hardware")  # without points


def _rows() -> QuerySet[TrainingJob]:
    near = ("workspace", "preparation__dataset", "experiment", "created_by", "tuning_job")
    return TrainingJob.objects.select_related(*near)


@require_GET
def job_detail(request: HttpRequest, uid: str) -> HttpResponse:
    job, now = page_object(request, _rows(), uid), timezone.now()
    logs.want(job, now=now)
    context = _state(job, now) | {
        "entry": ALGORITHMS.get(job.algorithm),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    part = request.GET.get("part", "")
    if part in ("", "recipe"):
        context |= _recipe(job) | {"may_load": context["may_write"] and files.may_hand_out(job)}
    if part not in LIGHT_PARTS:
        context |= _figures(job)
    if not part:
        context |= {"lines": loglines.last(LogLine.objects.filter(job=job), TAIL)}
    return page(request, "jobs/detail.html", context)


def _state(job: TrainingJob, now: datetime) -> dict[str, Any]:
    """What changes while the job runs."""
    reason = job.failure_reason
    return {
        "job": job,
        "phases": phases.timeline(job.transitions, now),
        "progress": metrics.progress(job, now=now),
        "unit": metrics.unit(job),
        "cost": cost.of(job, now=now),
        "saved": cost.saved(job),
        "explanation": failures.explained(reason) if reason else None,
        "ending": phases.ending(
            job.status,
            job.secondary_status,
            asked=job.stop_requested_at is not None,
            sent=bool(job.aws_name),
            has_model=bool(job.artifact),
        ),
        "no_hardware": hardware.absent(job),
        "usage": hardware.summary(job),
    }


def _recipe(job: TrainingJob) -> dict[str, Any]:
    """What the job reads and where it and its results are."""
    name = job.artifact.rpartition("/")[2]
    return {"inputs": files.inputs(job), "places": _places(job), "artifact_name": name}


def _places(job: TrainingJob) -> list[tuple[str, str]]:
    """Where the job and what it made are at AWS, as far as they are there."""
    places = {
        "Artifact": job.artifact,
        "Source archive": job.source,
        "Name at AWS": job.aws_name,
        "ARN": job.arn,
        "Image": job.image,
        "Source of the script": job.source,
    }
    return [(title, text) for title, text in places.items() if text]


def _figures(job: TrainingJob) -> dict[str, Any]:
    """The metrics that have a chart, and the latest values as a table."""
    charted = metrics.charted(job, CHARTS)
    maximized = {name for name in charted if _maximized(job, name)}
    steps: dict[int, dict[str, float]] = {}
    points = MetricPoint.objects.filter(job=job, step__gte=job.rounds_done - TABLE)
    for name, step, value in points.values_list("name", "step", "value"):
        steps.setdefault(step, {})[name] = value
    columns = sorted({name for values in steps.values() for name in values})
    table = [
        (step + 1, [steps[step].get(name) for name in columns])
        for step in sorted(steps, reverse=True)
    ]
    return {"charted": charted, "maximized": maximized, "columns": columns, "table": table}


def _maximized(job: TrainingJob, metric: str) -> bool:
    names = [name for name in job.metrics if charts.split(name)[1] == metric]
    return any(metrics.maximizes(job, name) for name in (f"validation:{metric}", *names))


@require_GET
def job_figure(request: HttpRequest, uid: str, metric: str) -> JsonResponse:
    job = page_object(request, _rows(), uid)
    series = metrics.series(job, metric)
    maximize = _maximized(job, metric)
    figure = charts.metric_figure(metric, series, maximize=maximize, unit=metrics.unit(job))
    return JsonResponse(figure)


@require_GET
def job_hardware(request: HttpRequest, uid: str) -> JsonResponse:
    """How busy its instances are, as a figure."""
    job = page_object(request, _rows(), uid)
    return JsonResponse(charts.hardware_figure(hardware.series(job)))


@require_POST
def job_stop(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, _rows(), uid, role=Role.MEMBER)
    may_stop = job.may_stop
    try:
        training.stop(actor_of(request), job, now=timezone.now())
    except AlreadyOver:  # between the page and the click; the page that follows says how
        messages.info(request, f"{job.name} had ended before the stop arrived: {job.status}.")
        return redirect("jobs:detail", job.uid)
    if job.is_finished:
        messages.info(request, f"{job.name} was stopped before anything was sent to AWS.")
    else:
        nudge(halt_training_job, job.pk)
        already = "" if may_stop else " already"
        messages.info(request, f"{job.name} was asked to stop{already}.")
    return redirect("jobs:detail", job.uid)


@require_http_methods(["GET", "POST"])
def job_delete(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, _rows(), uid, role=Role.MEMBER)
    if request.method == "POST":
        delete.remove(actor_of(request), job, now=timezone.now())
        messages.info(request, f"{job.name} was removed.")
        return redirect("jobs:list")
    return page(request, "jobs/delete.html", {"job": job})

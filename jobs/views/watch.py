"""One job: its page, its figures, its log, and what may be done to it."""

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
from jobs import charts, cost, delete, failures, loglines, metrics, phases, training
from jobs.catalogue import ALGORITHMS
from jobs.models import LogLine, MetricPoint, TrainingJob
from jobs.tasks import halt_training_job

TAIL = 200
TABLE = 200
CHARTS = 4
LIGHT_PARTS = ("status", "waiting", "recipe")  # without log and points


def _rows() -> QuerySet[TrainingJob]:
    near = ("workspace", "preparation__dataset", "experiment", "created_by")
    return TrainingJob.objects.select_related(*near)


@require_GET
def job_detail(request: HttpRequest, uid: str) -> HttpResponse:
    job, now = page_object(request, _rows(), uid), timezone.now()
    context = {
        "job": job,
        "entry": ALGORITHMS.get(job.algorithm),
        "phases": phases.timeline(job.transitions, now),
        "progress": metrics.progress(job, now=now),
        "cost": cost.of(job, now=now),
        "explanation": failures.explained(job.failure_reason) if job.failure_reason else None,
        "places": _places(job),
        "may_write": actor_of(request).may(Role.MEMBER),
    }
    if request.GET.get("part", "") not in LIGHT_PARTS:
        context |= {"lines": loglines.last(LogLine.objects.filter(job=job), TAIL)} | _figures(job)
    return page(request, "jobs/detail.html", context)


def _places(job: TrainingJob) -> list[tuple[str, str]]:
    """Where the job and what it made are at AWS, as far as they are there."""
    places = {
        "Artifact": job.artifact,
        "Name at AWS": job.aws_name,
        "ARN": job.arn,
        "Image": job.image,
    }
    return [(title, text) for title, text in places.items() if text]


def _figures(job: TrainingJob) -> dict[str, Any]:
    """The metrics that have a chart, the telling one first, and the latest values as a table."""
    entry = ALGORITHMS.get(job.algorithm)
    telling = job.headline_metric.partition(":")[2]
    asked = str(job.hyperparameters.get("eval_metric", "")).split(",")
    seen = sorted(name.partition(":")[2] for name in job.metrics)
    names = [name.strip() for name in (telling, *asked, *seen)]
    charted = [name for name in dict.fromkeys(names) if name][:CHARTS]
    maximized = {name for name in charted if entry and entry.maximizes(f"validation:{name}")}
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


@require_GET
def job_figure(request: HttpRequest, uid: str, metric: str) -> JsonResponse:
    job = page_object(request, _rows(), uid)
    series = {
        channel: list(
            MetricPoint.objects.filter(job=job, name=f"{channel}:{metric}").values_list(
                "step", "value"
            )
        )
        for channel in ("train", "validation")
    }
    entry = ALGORITHMS.get(job.algorithm)
    maximize = bool(entry and entry.maximizes(f"validation:{metric}"))
    return JsonResponse(charts.metric_figure(metric, series, maximize=maximize))


@require_POST
def job_stop(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, _rows(), uid, role=Role.MEMBER)
    training.stop(actor_of(request), job, now=timezone.now())
    if job.is_finished:
        messages.info(request, f"{job.name} was stopped before anything was sent to AWS.")
    else:
        nudge(halt_training_job, job.pk)
        messages.info(request, f"{job.name} was asked to stop.")
    return redirect("jobs:detail", job.uid)


@require_http_methods(["GET", "POST"])
def job_delete(request: HttpRequest, uid: str) -> HttpResponse:
    job = page_object(request, _rows(), uid, role=Role.MEMBER)
    if request.method == "POST":
        delete.remove(actor_of(request), job, now=timezone.now())
        messages.info(request, f"{job.name} was removed.")
        return redirect("jobs:list")
    return page(request, "jobs/delete.html", {"job": job})

"""Runs beside each other: the set is in the address, and every link on the page changes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page, page_object
from jobs import compare, compare_charts, compare_export
from jobs.compare import Chosen
from jobs.comparison import GROUPS, Row
from jobs.models import TrainingJob

FOUND = 10
CHARTS = 24


@dataclass(frozen=True)
class Asked:
    """What the address says."""

    runs: tuple[str, ...]
    everything: bool = False  # also what is the same in all runs
    base: str = ""
    metrics: tuple[str, ...] = ()
    x: str = ""
    y: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        given = request.GET
        return cls(
            runs=tuple(compare.asked(given.getlist("runs"))),
            everything=given.get("all") == "1",
            base=given.get("base", "")[: compare.UID],
            metrics=tuple(given.getlist("metric")),
            x=given.get("x", ""),
            y=given.get("y", ""),
        )

    def query(self, **changes: Any) -> str:
        """The address's query with `changes`; what is empty is left out."""
        one = replace(self, **changes)
        pairs = [("runs", ",".join(one.runs)), ("base", one.base), ("x", one.x), ("y", one.y)]
        pairs += [("all", "1" if one.everything else "")]
        pairs += [("metric", name) for name in one.metrics]
        return "?" + urlencode([pair for pair in pairs if pair[1]], safe=",:")

    def plus(self, uid: str) -> str:
        return self.query(runs=(*self.runs, uid))


@dataclass(frozen=True)
class Run:
    """A run in the list above the table, which is the figures' legend, too."""

    job: TrainingJob
    place: int
    asked: Asked

    @property
    def look(self) -> compare_charts.Look:
        return compare_charts.look(self.place)

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def is_base(self) -> bool:
        return self.job.uid == self.asked.base

    @property
    def base_url(self) -> str:
        return self.asked.query(base="" if self.is_base else self.job.uid)

    @property
    def remove_url(self) -> str:
        others = tuple(uid for uid in self.asked.runs if uid != self.job.uid)
        return self.asked.query(runs=others)


def chosen_in(request: HttpRequest, asked: Asked) -> Chosen:
    """The runs of one workspace: of the first run's, where the visitor belongs to it."""
    who = actor_of(request)
    rows = TrainingJob.objects.present().visible_to(who.user.pk)
    places = rows.filter(uid__in=asked.runs[: compare.MOST]).values_list("uid", "workspace_id")
    here = dict(places)
    first = next((uid for uid in asked.runs if uid in here), None)
    if first and here[first] != who.workspace.pk:
        page_object(request, TrainingJob.objects.all(), first)
    return compare.choose(actor_of(request).workspace, asked.runs)


@require_GET
def job_compare(request: HttpRequest) -> HttpResponse:
    asked = Asked.of(request)
    if request.GET.get("part") == "found" and request.headers.get("HX-Request"):
        return page(request, "jobs/_compare_add.html", {"asked": asked} | _found(request, asked))
    chosen = chosen_in(request, asked)
    jobs = chosen.jobs
    rows = compare.table(jobs, baseline=asked.base, now=timezone.now())
    metrics = compare.metrics_of(jobs)
    drawn = [name for name in metrics if name in asked.metrics] or metrics
    there = Asked(runs=tuple(job.uid for job in jobs))
    runs = [Run(job, place, asked) for place, job in enumerate(jobs)]
    scatter = compare.scatter(rows, asked.x, asked.y)
    context = {
        "asked": asked,
        "chosen": chosen,
        "runs": runs,
        "groups": _grouped(_shown(rows, asked)),
        "same": sum(not row.differs for row in rows),
        "has_base": any(run.is_base for run in runs),
        "switch_url": asked.query(everything=not asked.everything),
        "query": asked.query(),
        "there": there.query(),
        "metrics": metrics,
        "figures": [(name, there.query(metrics=(name,))) for name in drawn[:CHARTS]],
        "drawn": drawn[:CHARTS],
        "not_drawn": max(0, len(drawn) - CHARTS),
        "scatter": scatter,
        "dots": [(runs[place], x, y) for place, x, y in scatter.dots] if scatter else [],
    }
    return page(request, "jobs/compare.html", context | _found(request, asked))


def _shown(rows: Sequence[Row], asked: Asked) -> list[Row]:
    alone = len(rows) and len(rows[0].cells) < 2
    return [row for row in rows if row.differs or asked.everything or alone]


def _grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    titles = dict.fromkeys(GROUPS.values())
    found = [(title, [row for row in rows if row.group == title]) for title in titles]
    return [(title, members) for title, members in found if members]


def _found(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Runs to add: those that the search finds, else the newest."""
    wanted = request.GET.get("q", "").strip()[:200]
    rows = TrainingJob.objects.present().of(actor_of(request).workspace).listed()
    if wanted:
        matches = Q()
        for path in ("name", "uid", "algorithm", "experiment__name", "preparation__dataset__name"):
            matches |= Q(**{f"{path}__icontains": wanted})
        rows = rows.filter(matches)
    found = [(job, asked.plus(job.uid)) for job in rows.exclude(uid__in=asked.runs)[:FOUND]]
    return {"wanted": wanted, "found": found, "is_full": len(asked.runs) >= compare.MOST}


@require_GET
def compare_curves(request: HttpRequest) -> JsonResponse:
    """The figure of `?metric=` for `?runs=`."""
    metric = request.GET.get("metric", "")
    jobs = chosen_in(request, Asked.of(request)).jobs
    found = compare.curves(jobs, metric)
    runs = [(place, job.name, found.get(job.uid, ())) for place, job in enumerate(jobs)]
    return JsonResponse(compare_charts.curves(metric, runs))


@require_GET
def compare_points(request: HttpRequest) -> HttpResponse:
    """The same as a table: rounds down, runs across."""
    asked = Asked.of(request)
    metric = request.GET.get("metric", "")
    jobs = chosen_in(request, asked).jobs
    context = {
        "asked": asked,
        "metric": metric,
        "runs": [Run(job, place, asked) for place, job in enumerate(jobs)],
        "points": compare.points(jobs, metric),
        "query": asked.query(metrics=()),
    }
    return page(request, "jobs/compare_points.html", context)


@require_GET
def compare_scatter(request: HttpRequest) -> JsonResponse:
    """The figure of `?y=` by `?x=`, a dot for each of `?runs=`."""
    asked = Asked.of(request)
    jobs = chosen_in(request, asked).jobs
    scatter = compare.scatter(compare.table(jobs, now=timezone.now()), asked.x, asked.y)
    if scatter is None:
        return JsonResponse(compare_charts.scatter("", "", []))
    dots = [
        (place, jobs[place].name, reverse("jobs:detail", args=[jobs[place].uid]), x, y)
        for place, x, y in scatter.dots
    ]
    return JsonResponse(compare_charts.scatter(scatter.x.name, scatter.y.name, dots))


@require_GET
def compare_table(request: HttpRequest, kind: str) -> HttpResponse:
    """The table as a file, csv or json: what differs, or all with `?all=1`."""
    asked = Asked.of(request)
    chosen = chosen_in(request, asked)
    rows = _shown(compare.table(chosen.jobs, baseline=asked.base, now=timezone.now()), asked)
    answer: HttpResponse
    if kind == "csv":
        text = compare_export.as_csv(chosen.jobs, rows)
        answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    elif kind == "json":
        answer = JsonResponse(compare_export.as_json(chosen, rows))
    else:
        raise Http404
    answer["Content-Disposition"] = f'attachment; filename="comparison.{kind}"'
    return answer

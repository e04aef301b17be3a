"""A job's log: as a page, as the lines that scroll into sight there, and as a file."""

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from core.http import page, page_object
from jobs import loglevels, loglines
from jobs.models import LogLine, TrainingJob

BATCH = 2_000
LONGEST = 200  # characters that are searched for


@require_GET
def job_log(request: HttpRequest, uid: str) -> HttpResponse:
    """The whole log around a line, or what was searched for."""
    job = page_object(request, _rows(), uid)
    query = request.GET.get("q", "").strip()[:LONGEST]
    level = request.GET.get("level", "")
    line = _number(request, "line")
    context = {
        "job": job,
        "query": query,
        "level": level if level in loglevels.MARKS else "",
        "line": None if line is None else max(1, min(line, job.log_lines)),
    }
    wanted = {"query": query, "level": level}
    if (query or context["level"]) and line is None:
        after = _number(request, "after") or 0
        context |= {"found": loglines.found(job, after=after, **wanted)}
    else:
        context |= _window(job, context["line"])
        if query or context["level"]:
            before, behind = loglines.neighbours(job, context["line"] or 1, **wanted)
            context |= {"previous_match": before, "next_match": behind, "is_match": True}
    return page(request, "jobs/log.html", context)


def _window(job: TrainingJob, line: int | None) -> dict[str, Any]:
    """Lines, and which line shows what lies before and behind them."""
    lines = loglines.window(job, line)
    first, final = (lines[0].number, lines[-1].number) if lines else (1, 0)
    half = loglines.WINDOW // 2
    return {
        "lines": lines,
        "earlier": max(1, first - half) if first > 1 else None,
        "later": min(job.log_lines, final + half) if final < job.log_lines else None,
    }


def _rows() -> Any:
    return TrainingJob.objects.select_related("workspace", "experiment", "created_by")


def _number(request: HttpRequest, name: str) -> int | None:
    """A parameter as a number; None when it is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_GET
def job_log_lines(request: HttpRequest, uid: str) -> JsonResponse:
    """At most `WINDOW` lines behind line `after`, each [number, time, text, level, is cut]."""
    job = page_object(request, TrainingJob.objects.all(), uid)
    lines = LogLine.objects.filter(job=job, number__gt=_number(request, "after") or 0)
    rows = loglines.shown(lines, loglines.WINDOW)
    return JsonResponse(
        {
            "total": max(job.log_lines, rows[-1].number if rows else 0),
            "lines": [
                (row.number, row.at.isoformat(), row.text, row.level, row.is_cut) for row in rows
            ],
        }
    )


@require_GET
def job_log_text(request: HttpRequest, uid: str) -> StreamingHttpResponse:
    """The whole log as text, streamed."""
    job = page_object(request, _rows(), uid)
    response = StreamingHttpResponse(_text(job), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{job.aws_name or job.uid}.log"'
    return response


async def _text(job: TrainingJob) -> AsyncIterator[str]:
    # Asynchronous: Django collects a synchronous iterator in memory before an ASGI server sends it.
    after = 0
    while rows := await sync_to_async(_batch)(job, after):
        yield "".join(f"{row.at:%Y-%m-%dT%H:%M:%S.%f}Z {row.message}\n" for row in rows)
        after = rows[-1].number


def _batch(job: TrainingJob, after: int) -> list[LogLine]:
    return list(LogLine.objects.filter(job=job, number__gt=after)[:BATCH])

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.access import fetch
from core.http import actor_of, attachment
from results.api.routing import router
from results.attached import as_file, as_picture, report_as_file
from results.models import Evaluation, Report


@router.get("/evaluations/{uid}/exports/{kind}")
def export_evaluation(request: HttpRequest, uid: str, kind: str, title: str = "") -> HttpResponse:
    """The result as a file: pdf, html, json or csv."""
    rows = Evaluation.objects.select_related("preparation")
    file = as_file(fetch(rows, actor_of(request), uid), kind, title)
    return attachment(file.content, file.content_type, file.name)


@router.get("/evaluations/{uid}/figures/{name}")
def export_figure(request: HttpRequest, uid: str, name: str) -> HttpResponse:
    """A figure as PNG: matrix, roc, pr, calibration, gain, scores, scatter, residuals, clusters
    or precision_at, as far as the result has it."""
    rows = Evaluation.objects.select_related("preparation")
    file = as_picture(fetch(rows, actor_of(request), uid), name)
    return attachment(file.content, file.content_type, file.name)


@router.get("/reports/{uid}/exports/{kind}")
def export_report(request: HttpRequest, uid: str, kind: str) -> HttpResponse:
    """What the report shows as a file: pdf, html, json or csv."""
    row = fetch(Report.objects.all(), actor_of(request), uid)
    file = report_as_file(row, kind, now=timezone.now())
    return attachment(file.content, file.content_type, file.name)

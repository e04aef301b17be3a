from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import attachment, page_object
from results.attached import as_file, as_picture, report_as_file
from results.models import Evaluation, Report


@require_GET
def export(request: HttpRequest, uid: str, kind: str) -> HttpResponse:
    """The result as pdf, html, json or csv, under `?title=` or the evaluation's name."""
    rows = Evaluation.objects.select_related("preparation")
    file = as_file(page_object(request, rows, uid), kind, request.GET.get("title", ""))
    return attachment(file.content, file.content_type, file.name)


@require_GET
def figure(request: HttpRequest, uid: str, name: str) -> HttpResponse:
    rows = Evaluation.objects.select_related("preparation")
    file = as_picture(page_object(request, rows, uid), name)
    return attachment(file.content, file.content_type, file.name)


@require_GET
def report_export(request: HttpRequest, uid: str, kind: str) -> HttpResponse:
    """What the report shows now as pdf, html, json or csv."""
    row = page_object(request, Report.objects.all(), uid)
    file = report_as_file(row, kind, now=timezone.now())
    return attachment(file.content, file.content_type, file.name)

"""Reports to read: the list, one report, and what changes it as a whole."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import UserError
from core.http import actor_of, page, page_object
from core.listing import Columns, listing
from core.models import Role
from results import blocks, reports
from results.errors import ReportChanged
from results.forms import NewReportForm
from results.gather import gather
from results.models import Evaluation, Report
from results.views.share_panel import panel

COLUMNS = Columns(
    search=("name",),
    sorts={"changed": "updated_at", "created": "created_at", "name": "name"},
    default="-changed",
    exact=(),
)
OFFERED = 100  # results to begin with: the latest


@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = Report.objects.present().of(who.workspace).light().select_related("created_by")
    context = {
        "listing": listing(rows, request.GET.dict(), COLUMNS),
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "results/report_list.html", context)


@require_GET
def report_page(request: HttpRequest, uid: str) -> HttpResponse:
    report = page_object(request, Report.objects.select_related("created_by"), uid)
    return page(request, "results/report.html", context_of(request, report))


def context_of(request: HttpRequest, report: Report, **more: Any) -> dict[str, Any]:
    who = actor_of(request)
    context = {
        "report": report,
        "drawn": blocks.drawn_all(reports.shown(report)),
        "may_write": who.may(Role.MEMBER),
    }
    return context | panel(who, report, **more)


@require_http_methods(["GET", "POST"])
def new_report(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    asked = request.GET.getlist("evaluation")
    initial = {"idempotency_key": uuid.uuid4().hex, "evaluations": asked}
    form = NewReportForm(request.POST or None, choices=choices(who.workspace.pk), initial=initial)
    if request.method == "POST" and form.is_valid():
        wish = form.cleaned_data
        try:
            row = reports.create(
                who,
                title=wish["title"],
                evaluations=wish["evaluations"],
                key=wish["idempotency_key"],
            )
        except UserError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            gather(row)
            return redirect("results:report_edit", row.uid)
    context = {"form": form}
    return page(request, "results/report_new.html", context, status=422 if form.errors else 200)


def choices(workspace_id: int, more: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Finished results by uid: the latest, and those in `more`."""
    rows = Evaluation.objects.present().filter(
        workspace_id=workspace_id, status=Evaluation.Status.COMPLETED
    )
    fields = ("uid", "name", "created_at")
    found = {uid: (name, at) for uid, name, at in rows.values_list(*fields)[:OFFERED]}
    found |= {uid: (name, at) for uid, name, at in rows.filter(uid__in=more).values_list(*fields)}
    return [(uid, f"{name}, {at:%-d %B %H:%M}") for uid, (name, at) in found.items()]


@require_POST
def freeze_report(request: HttpRequest, uid: str) -> HttpResponse:
    report = page_object(request, Report.objects.all(), uid, role=Role.MEMBER)
    seen = request.POST.get("revision", "")
    revision = int(seen) if seen.isdecimal() else report.revision
    try:
        reports.freeze(actor_of(request), report, revision=revision, now=timezone.now())
    except ReportChanged as error:
        messages.error(request, f"{error.message} Look at it, then freeze it.")
    else:
        messages.success(request, "The report is frozen: it shows these numbers for good.")
    return redirect(report)


@require_POST
def copy_report(request: HttpRequest, uid: str) -> HttpResponse:
    report = page_object(request, Report.objects.all(), uid, role=Role.MEMBER)
    key = request.POST.get("idempotency_key", "")
    made = reports.copy(actor_of(request), report, key=key)
    return redirect("results:report_edit", made.uid)


@require_http_methods(["GET", "POST"])
def delete_report(request: HttpRequest, uid: str) -> HttpResponse:
    report = page_object(request, Report.objects.all(), uid, role=Role.MEMBER)
    if request.method == "GET":
        links = report.shares.open(timezone.now())
        context = {
            "report": report,
            "ending": links.filter(is_live=True).count(),
            "staying": links.filter(is_live=False).count(),
        }
        return page(request, "results/report_delete.html", context)
    reports.delete(actor_of(request), report, now=timezone.now())
    messages.success(request, f"The report “{report.name}” is deleted.")
    return redirect("results:report_list")

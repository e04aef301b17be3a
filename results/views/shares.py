"""Links to results and reports: made where these are, all of them listed, changed and revoked."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import UserError
from core.http import actor_of, page, page_object
from core.listing import Columns, listing
from core.models import Role
from results import share
from results.forms import ShareChangeForm
from results.models import Evaluation, Report, Share
from results.views import report_pages
from results.views.results import context_of
from results.views.share_panel import created

COLUMNS = Columns(
    search=("name", "evaluation__name", "report__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "views": "views",
        "seen": "last_viewed_at",
        "expires": "expires_at",
    },
    exact=(),
    kept=("state",),
)


@require_GET
def share_list(request: HttpRequest) -> HttpResponse:
    """Every link of the workspace: who reads what, and until when."""
    who = actor_of(request)
    rows = Share.objects.present().of(who.workspace).light()
    rows = rows.select_related("evaluation", "report", "created_by")
    rows = rows.in_state(request.GET.get("state", ""), timezone.now())
    context = {
        "listing": listing(rows, request.GET.dict(), COLUMNS),
        "states": Share.objects.all().STATES,
        "may_share": who.may(Role.MEMBER),
    }
    return page(request, "results/share_list.html", context)


@require_POST
def create_share(request: HttpRequest, uid: str) -> HttpResponse:
    """Answers with the page itself: the link is shown this once and kept nowhere."""
    rows = Evaluation.objects.with_lineage()
    evaluation = page_object(request, rows, uid, role=Role.MEMBER)
    made = created(request, actor_of(request), evaluation)
    context = context_of(request, evaluation, **made)
    return page(request, "results/detail.html", context, status=200 if "new_link" in made else 422)


@require_POST
def share_report(request: HttpRequest, uid: str) -> HttpResponse:
    """As `create_share`, of a report."""
    report = page_object(request, Report.objects.all(), uid, role=Role.MEMBER)
    made = created(request, actor_of(request), report)
    context = report_pages.context_of(request, report, **made)
    return page(request, "results/report.html", context, status=200 if "new_link" in made else 422)


@require_http_methods(["GET", "POST"])
def change_share(request: HttpRequest, uid: str) -> HttpResponse:
    row = _share(request, uid)
    initial = {"title": row.name, "allow_download": row.allow_download}
    form = ShareChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            wish = share.Change(**form.cleaned_data)
            share.change(actor_of(request), row, wish, now=timezone.now())
        except UserError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"The link “{row.name}” has its new terms.")
            return redirect(f"{row.subject_url}#share")
    context = {"share": row, "form": form}
    return page(request, "results/share.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_share(request: HttpRequest, uid: str) -> HttpResponse:
    row = _share(request, uid)
    with transaction.atomic():
        share.revoke(actor_of(request), row, now=timezone.now())
    messages.success(request, f"The link “{row.name}” no longer works.")
    if request.POST.get("from") == "list":
        return redirect("results:share_list")
    return redirect(f"{row.subject_url}#share")


def _share(request: HttpRequest, uid: str) -> Share:
    rows = Share.objects.light().select_related("evaluation", "report")
    return page_object(request, rows, uid, role=Role.MEMBER)

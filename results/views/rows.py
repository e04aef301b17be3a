"""The rows behind a result's figures: a page of them, as a file, and slices by a column."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.errors import InvalidFields, UserError
from core.http import actor_of, csv_download, page, page_object
from core.models import Role
from results import drill, export, rows
from results.errors import NotCompleted, NotKept
from results.models import Evaluation
from results.views.evaluate import again_url

SHOWN_COLUMNS = 60


@dataclass(frozen=True)
class Pager:
    """As `core.listing.Listing` to the template of its pager."""

    total: int
    page: int
    pages: int
    query: str

    @property
    def next_url(self) -> str:
        return self._to(self.page + 1) if self.page < self.pages else ""

    @property
    def previous_url(self) -> str:
        return self._to(self.page - 1) if self.page > 1 else ""

    def _to(self, number: int) -> str:
        return f"?{self.query}{'&' if self.query else ''}page={number}"


@require_GET
def result_rows(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.with_lineage(), uid)
    context: dict[str, Any] = {
        "evaluation": evaluation,
        "task": rows.task_of(evaluation),
        "asked": request.GET.dict(),
        "labels": list(enumerate(map(str, evaluation.labels))),
        "again": again_url(evaluation) if actor_of(request).may(Role.MEMBER) else "",
    }
    try:
        wanted = rows.wanted_of(context["asked"])
        found = rows.page(evaluation, wanted)
        context |= _shown(request, evaluation, found)
    except InvalidFields as error:
        context["errors"] = [text for texts in error.errors.values() for text in texts]
        return page(request, "results/rows.html", context, status=error.status)
    except UserError as error:
        context["problem"] = error
        is_told = isinstance(error, NotCompleted | NotKept)
        return page(request, "results/rows.html", context, status=200 if is_told else error.status)
    return page(request, "results/rows.html", context)


def _shown(request: HttpRequest, evaluation: Evaluation, found: rows.Page) -> dict[str, Any]:
    query = request.GET.copy()
    for name in ("page", "part"):
        query.pop(name, None)
    for name in [name for name, value in query.items() if not value and name != "value"]:
        del query[name]
    try:
        dividers = drill.dividers(evaluation)
    except UserError:
        dividers = []
    return {
        "found": found,
        "pager": Pager(found.total, found.page, found.pages, query.urlencode()),
        "words": drill.words(evaluation, found.wanted),
        "columns": found.columns[:SHOWN_COLUMNS],
        "hidden": max(0, len(found.columns) - SHOWN_COLUMNS),
        "shown": [(row, row.cells[:SHOWN_COLUMNS]) for row in found.rows],
        "has_pictures": any(row.picture for row in found.rows),
        "dividers": dividers,
        "csv_url": f"{reverse('results:rows_csv', args=[evaluation.uid])}?{query.urlencode()}",
    }


@require_GET
def download_rows(request: HttpRequest, uid: str) -> HttpResponseBase:
    evaluation = page_object(request, Evaluation.objects.with_lineage(), uid)
    wanted = rows.wanted_of(request.GET.dict())
    return csv_download(request, export.rows(evaluation, wanted), f"rows-{evaluation.uid}.csv")


@require_GET
def result_slices(request: HttpRequest, uid: str) -> HttpResponse:
    """The weakest slices, or all of the column that `by` names."""
    evaluation = page_object(request, Evaluation.objects.with_lineage(), uid)
    by = request.GET.get("by", "")[:300]
    context: dict[str, Any] = {"evaluation": evaluation, "by": by}
    try:
        found = drill.by_column(evaluation, by) if by else drill.weakest(evaluation)
        context |= {"slices": found, "dividers": drill.dividers(evaluation)}
    except InvalidFields as error:
        context["errors"] = [text for texts in error.errors.values() for text in texts]
        return page(request, "results/slices.html", context, status=error.status)
    except UserError as error:
        context["problem"] = error
        is_told = isinstance(error, NotCompleted | NotKept)
        context["again"] = again_url(evaluation) if actor_of(request).may(Role.MEMBER) else ""
        return page(
            request, "results/slices.html", context, status=200 if is_told else error.status
        )
    return page(request, "results/slices.html", context)

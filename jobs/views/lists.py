"""The table of jobs."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.access import Actor
from core.http import actor_of, csv_download, page
from core.listing import Listing
from core.models import Role, Workspace
from jobs import bulk, columns, cost, export, metrics, saved_views, search
from jobs.catalogue import ALGORITHMS
from jobs.columns import Column
from jobs.models import SavedView, TrainingJob
from jobs.prices import Book
from jobs.query import BadQuery
from jobs.search import Wish

COLUMNS_KEY = "job_columns"  # in the session: the last choice, by workspace
# What may be done with jobs that are ticked: in the usual list, and among archived ones.
OFFERED = (
    ("stop", "tag", "untag", "archive", "delete"),
    ("tag", "untag", "unarchive", "delete"),
)
WORDS = (
    "status = Completed",
    "status = Failed",
    "created > 7d",
    "duration > 5m",
    "archived = yes",
    *(f"{name} = " for name in ("algorithm", "experiment", "dataset", "instance", "owner")),
    "tag:",
    "and ",
    "or ",
    "not ",
)


@dataclass(frozen=True)
class Shown:
    """A job as the table shows it; `cells` are its columns with their values."""

    row: TrainingJob
    cost: cost.Cost
    rounds: int | None
    cells: list[tuple[Column, Any]]


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    """The list that the address asks for; 422 with an empty one when its query says nothing."""
    who = actor_of(request)
    wish = with_columns(request, search.read(request.GET.lists()), who.workspace)
    error: BadQuery | None = None
    try:
        found = search.page(who.workspace, wish, now=timezone.now(), tags="tags" in wish.columns)
    except BadQuery as problem:
        found, error = search.nothing(wish), problem
    names = search.seen(who.workspace)
    chosen, book = columns.chosen(wish.columns), Book(who.workspace.region)
    context = {
        "listing": found,
        "error": error,
        "columns": chosen,
        "offered": columns.offered(names, chosen),
        "suggestions": [*search.suggestions(names), *WORDS],
        "shown": _shown(found, chosen, book),
        "basis": book,
        "wish": wish,
        "elsewhere": elsewhere(wish, found),
        "saved": _saved(who, wish),
        "actions": [bulk.ACTIONS[name] for name in OFFERED["archived" in wish.filters]],
        "untick": found.url(runs=[], all=[]),
        "usual": found.url(column="usual", page=1),
        "csv_query": found.url(runs=[], all=[], page=1),
        "statuses": TrainingJob.Status.values,
        "algorithms": ALGORITHMS.values(),
        "may_write": who.may(Role.MEMBER),
        "is_admin": who.may(Role.ADMIN),
    }
    return page(request, "jobs/list.html", context, status=422 if error else 200)


def with_columns(request: HttpRequest, wish: Wish, workspace: Workspace) -> Wish:
    """The wish with the columns of the last choice, unless it makes one itself: that is kept."""
    kept = request.session.get(COLUMNS_KEY, {})
    if not wish.columns:
        return replace(wish, columns=tuple(kept.get(workspace.slug, ())))
    if kept.get(workspace.slug) != list(wish.columns):
        request.session[COLUMNS_KEY] = kept | {workspace.slug: list(wish.columns)}
    return wish


def elsewhere(wish: Wish, found: Listing[TrainingJob]) -> list[str]:
    """The uids of the ticked jobs that are not on this page."""
    here = {row.uid for row in found.rows}
    return [uid for uid in wish.runs if uid not in here]


def _saved(who: Actor, wish: Wish) -> list[tuple[SavedView, bool]]:
    """The views of the workspace, and whether each is what is shown now."""
    views = saved_views.seen_by(who).of(who.workspace).select_related("created_by")
    here = (wish.address, list(wish.columns))
    return [(view, here == (view.query, view.columns or here[1])) for view in views]


@require_GET
def job_csv(request: HttpRequest) -> HttpResponseBase:
    """Every job that matches, not only a page of them."""
    who = actor_of(request)
    wish = with_columns(request, search.read(request.GET.lists()), who.workspace)
    chunks = export.as_csv(who.workspace, wish, columns.chosen(wish.columns), now=timezone.now())
    return csv_download(request, chunks, "jobs.csv")


def _shown(found: Listing[TrainingJob], chosen: list[Column], book: Book) -> list[Shown]:
    now = timezone.now()
    return [
        Shown(
            row,
            cost.of(row, now=now, book=book),
            metrics.rounds(row),
            [(column, _value(row, column)) for column in chosen],
        )
        for row in found.rows
    ]


def _value(row: TrainingJob, column: Column) -> Any:
    """A param as it was sent, a metric as it ended; None for what is no value."""
    values: dict[str, dict[str, Any]] = {"param": row.hyperparameters, "metric": row.metrics}
    return values[column.kind].get(column.name) if column.kind else None

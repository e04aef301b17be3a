"""The table of jobs."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.http import actor_of, page
from core.listing import listing
from core.models import Role
from jobs import cost, metrics
from jobs.catalogue import ALGORITHMS
from jobs.columns import COLUMNS
from jobs.models import TrainingJob
from jobs.prices import Book


@dataclass(frozen=True)
class Shown:
    """A job as the table shows it."""

    row: TrainingJob
    cost: cost.Cost
    rounds: int | None


@require_GET
def job_list(request: HttpRequest) -> HttpResponse:
    who, now = actor_of(request), timezone.now()
    rows = TrainingJob.objects.present().of(who.workspace).listed()
    found = listing(rows, request.GET.dict(), COLUMNS)
    book = Book(who.workspace.region)
    context = {
        "listing": found,
        "shown": [
            Shown(row, cost.of(row, now=now, book=book), metrics.rounds(row)) for row in found.rows
        ],
        "basis": book,
        "statuses": TrainingJob.Status.values,
        "algorithms": ALGORITHMS.values(),
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "jobs/list.html", context)

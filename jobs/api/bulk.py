"""One action on many jobs, over REST."""

from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from core.errors import InvalidFields
from core.http import actor_of
from core.models import Role
from core.nudge import nudge
from jobs import bulk, search
from jobs.tasks import halt_training_job

router = Router()


class Many(Schema):
    """The jobs of `ids`, or all that `query` matches; `after` goes on with those."""

    action: Literal["stop", "tag", "untag", "archive", "unarchive", "delete"]
    ids: list[str] | None = Field(default=None, max_length=search.CHOSEN)
    query: str | None = None
    tag: str = ""
    after: str = ""


class Result(Schema):
    id: str
    name: str
    result: bulk.Outcome
    said: str


class Results(Schema):
    """`left` jobs wait for another request: of the ids behind these, or with `after`."""

    summary: str
    items: list[Result]
    left: int
    after: str


@router.post("/jobs/bulk", response=Results)
def bulk_jobs(request: HttpRequest, wish: Many) -> Results:
    who, now = actor_of(request), timezone.now()
    who.need(Role.MEMBER)
    if (wish.ids is None) == (wish.query is None):
        raise InvalidFields({"ids": ["Give either ids or a query."]})
    if wish.ids is not None:
        report = bulk.on_chosen(who, wish.action, wish.ids, now=now, tag=wish.tag)
    else:
        asked = search.read([("query", [wish.query or ""])])
        rows = search.rows(who.workspace, asked, now=now)
        options = {"tag": wish.tag, "after": wish.after}
        report = bulk.on_matching(who, wish.action, rows, now=now, **options)
    for pk in report.waiting:
        nudge(halt_training_job, pk)
    items = [
        Result(id=one.uid, name=one.name, result=one.result, said=one.said) for one in report.items
    ]
    return Results(summary=report.summary, items=items, left=report.left, after=report.last)

"""What an endpoint was asked, and what it said: kept for a while, for people to look at again."""

from django.contrib.auth.models import User
from django.db.models import Count

from aws.types import Invocation
from core import audit
from core.access import Actor
from core.listing import Columns
from core.models import Role
from datasets.models import Preparation
from endpoints.answers import Answer, Unreadable, decode
from endpoints.models import Endpoint, Prediction
from endpoints.requests import CSV, JSON, Manner

NEWEST = 200  # predictions of an endpoint that are kept
COLUMNS = Columns(
    search=("request", "response"),
    sorts={"asked": "at", "latency": "latency_ms"},
    default="-asked",
    exact=("status",),
)


def keep(  # what went over the wire has this many independent parts
    endpoint: Endpoint,
    manner: Manner,
    body: bytes,
    answer: Invocation,
    *,
    by: User | None,
    status: int = 200,
) -> Prediction:
    """Remember a question and its answer; `status` is the answer's of HTTP, 0 when none came."""
    return Prediction.objects.create(
        endpoint=endpoint,
        asked_by=by,
        request=cut(body),
        content_type=manner.content_type[:100],
        response=cut(answer.body),
        accept=manner.accept[:100],
        variant=answer.variant,
        status=status,
        latency_ms=answer.latency_ms if status else None,
    )


def cut(body: bytes) -> str:
    """The text of `body`, or its beginning and how long all of it is; no NUL: PostgreSQL's text."""
    text = body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) <= Prediction.KEPT:
        return text
    return f"{text[: Prediction.KEPT]}\n… cut: {len(body):,} bytes in all"


def answers(asked: Prediction, recipe: Preparation | None) -> list[Answer]:
    """What was answered, where the response is here as it was; else nothing."""
    if asked.has_failed or len(asked.response) > Prediction.KEPT:
        return []
    content_type = JSON if asked.response.lstrip()[:1] in ("[", "{") else CSV
    try:
        return decode(recipe, asked.response.encode(), content_type)
    except Unreadable:
        return []


def clear(who: Actor, endpoint: Endpoint) -> int:
    """Forget what the endpoint was asked; how many questions that were."""
    who.need(Role.MEMBER)
    count, _ = Prediction.objects.filter(endpoint=endpoint).delete()
    audit.note(who, "predictions.clear", endpoint, count=count)
    return count


def sweep() -> None:
    """Forget all but the newest of each endpoint, and all of those that are gone."""
    Prediction.objects.filter(endpoint__status=Endpoint.Status.DELETED).delete()
    crowded = Prediction.objects.order_by().values("endpoint").annotate(count=Count("pk"))
    for endpoint in crowded.filter(count__gt=NEWEST).values_list("endpoint", flat=True):
        asked = Prediction.objects.filter(endpoint=endpoint).order_by("-pk")
        (last,) = asked.values_list("pk", flat=True)[NEWEST - 1 : NEWEST] or (0,)
        asked.filter(pk__lt=last).delete()

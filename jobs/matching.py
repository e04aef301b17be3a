"""A query's tree as a condition on jobs, for the database.

What a job has many of (values, tags) is asked for with IN, which the database answers once from an
index; beneath a `not` with NOT EXISTS, because PostgreSQL is slow at NOT IN.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import User
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from datasets.models import Preparation
from jobs.fields import Value
from jobs.models import Experiment, JobTag, JobValue
from jobs.query import Condition, Every, Node, Not, Some, Word
from jobs.values import number

DAY = timedelta(days=1)
LOOKUPS = {"=": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}
OUTSIDE = "outside"  # the owner of what was launched elsewhere
# A word alone is looked for in all that a job is called by.
CALLED = ("name", "uid", "aws_name", "algorithm")
OWN = {"name": "name", "algorithm": "algorithm", "instance": "instance_type"}


def matching(node: Node | None, *, now: datetime) -> Q:
    """The condition that `node` is; one that all jobs fulfil for None."""
    return Q() if node is None else _q(node, now, wanted=True)


def _q(node: Node, now: datetime, *, wanted: bool) -> Q:
    """Nots are moved down to the conditions; `wanted` is False beneath an odd number of them."""
    if isinstance(node, Not):
        return _q(node.node, now, wanted=not wanted)
    if isinstance(node, Every | Some):
        both = isinstance(node, Every) == wanted
        found = Q()
        for one in node.nodes:
            part = _q(one, now, wanted=wanted)
            found = found & part if both else found | part
        return found
    if isinstance(node, Word):
        found = called(node.text)
        return found if wanted else ~found
    return _condition(node, now, wanted=wanted)


def called(text: str) -> Q:
    """Jobs with `text` in one of their names or in their dataset's."""
    found = _of_dataset("icontains", text)
    for path in CALLED:
        found |= Q(**{f"{path}__icontains": text})
    return found


def _condition(one: Condition, now: datetime, *, wanted: bool) -> Q:
    if one.field in ("param", "metric"):
        return _among(JobValue.objects.filter(_value(one), kind=one.field, name=one.name), wanted)
    if one.operator == "!=":
        return _condition(Condition(one.field, "=", one.value), now, wanted=not wanted)
    if one.field == "tag":
        lookup = "contains" if one.operator == "~" else "exact"
        word = str(one.value).lower()
        return _among(JobTag.objects.filter(**{f"name__{lookup}": word}), wanted)
    if one.field == "duration" and isinstance(one.value, timedelta):
        seconds = one.value.total_seconds()
        found = Q(**{f"training_seconds{LOOKUPS[one.operator]}": seconds})
    elif one.field == "created":
        found = _created(one.operator, one.value, now)
    elif one.field == "status":
        found = Q(status=one.value)
    elif one.field == "archived":
        found = Q(archived_at__isnull=not one.value)
    else:
        lookup = "icontains" if one.operator == "~" else "iexact"
        found = _text(one.field, lookup, str(one.value))
    return found if wanted else ~found


def _among(rows: QuerySet[Model], wanted: bool) -> Q:  # noqa: FBT001  the caller's own
    if wanted:
        return Q(pk__in=rows.order_by().values("job"))
    return ~Q(Exists(rows.filter(job=OuterRef("pk"))))


def _value(one: Condition) -> Q:
    """Of a param or metric: numbers are compared as numbers, words as words.

    A job without the value fulfils neither = nor !=.
    """
    if one.operator == "~":
        return Q(text__icontains=one.value)
    value = number(one.value)
    same = Q(text__iexact=one.value) if value is None else Q(number=value)
    if one.operator == "!=":
        return ~same
    return same if one.operator == "=" else Q(**{f"number{LOOKUPS[one.operator]}": value})


def _text(field: str, lookup: str, text: str) -> Q:
    far: dict[str, Callable[[str, str], Q]] = {
        "dataset": _of_dataset,
        "experiment": _of_experiment,
        "owner": _of_owner,
    }
    if field in far:
        return far[field](lookup, text)
    return Q(**{f"{OWN[field]}__{lookup}": text})


def _of_dataset(lookup: str, text: str) -> Q:
    rows = Preparation.objects.filter(**{f"dataset__name__{lookup}": text})
    return Q(preparation__in=rows.order_by().values("pk"))


def _of_experiment(lookup: str, text: str) -> Q:
    rows = Experiment.objects.filter(**{f"name__{lookup}": text})
    return Q(experiment__in=rows.order_by().values("pk"))


def _of_owner(lookup: str, text: str) -> Q:
    rows = User.objects.filter(**{f"username__{lookup}": text})
    found = Q(created_by__in=rows.order_by().values("pk"))
    return found | _outside() if text.lower() == OUTSIDE else found


def _outside() -> Q:
    """What `TrainingJob.is_outside` says."""
    nobodys = Q(created_by__isnull=True, preparation__isnull=True)
    return nobodys & ~Q(aws_name="") & ~Q(aws_name__endswith=F("uid"))


def _created(operator: str, value: Value, now: datetime) -> Q:
    """A day is the whole of it: after it is from the next midnight (UTC) on."""
    if isinstance(value, timedelta):
        first = last = now - value
    elif isinstance(value, datetime):
        first = last = value
    elif isinstance(value, date):
        first = datetime.combine(value, time.min, UTC)
        last = first + DAY - timedelta.resolution if value < date.max else first
    else:
        raise TypeError(value)
    if operator == "=":
        return Q(created_at__range=(first, last))
    moment = last if operator in (">", "<=") else first
    return Q(**{f"created_at{LOOKUPS[operator]}": moment})

"""The list of jobs: which an address asks for, in which order, one page at a time.

Made for a hundred thousand jobs: a page's rows are read only once it is known which they are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, F, OrderBy, OuterRef

from core.listing import PER_PAGE, Listing
from core.models import Workspace
from jobs import columns, query
from jobs.columns import MAY_BE_MISSING, SORTS
from jobs.fields import UNSTORABLE
from jobs.matching import called, matching
from jobs.models import JobQuerySet, JobValue, TrainingJob

FILTERS = ("query", "q", "status", "algorithm", "archived")
DEFAULT = "-created"
LOOKED_AT = 1_000  # of the newest jobs, for the names of params and metrics
PLAIN = re.compile(r"""[^\s()"=!<>~]+""")  # a name that a query takes without quotes
CHOSEN = 1_000  # jobs that one address may name


@dataclass(frozen=True)
class Wish:
    """What an address asks for; `runs` are the uids of those that were ticked."""

    filters: dict[str, str] = field(default_factory=dict)
    sort: str = DEFAULT
    page: str = ""
    columns: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    all: bool = False  # all that match are chosen, not only those that were ticked

    @property
    def state(self) -> dict[str, list[str]]:
        """What links keep beside the filters."""
        chosen = {"column": list(self.columns), "runs": list(self.runs)}
        return chosen | ({"all": ["1"]} if self.all else {})

    @property
    def query(self) -> str:
        return self.filters.get("query", "")

    @property
    def address(self) -> str:
        """What a saved view keeps: the filters and the order."""
        return urlencode(self.filters | ({"sort": self.sort} if self.sort != DEFAULT else {}))


def read(address: Iterable[tuple[str, Sequence[str]]]) -> Wish:
    """The wish of an address's names and values; what cannot be is as if it were not there."""
    params = {name: values for name, values in address if values}
    limit = {"query": query.LONGEST + 1}
    filters = {name: params.get(name, [""])[-1].strip() for name in FILTERS}
    filters |= {name: UNSTORABLE.sub("", filters[name]) for name in FILTERS if name != "query"}
    sort = params.get("sort", [""])[-1]
    known = columns.column(sort.removeprefix("-"))
    runs = (uid for uid in dict.fromkeys(params.get("runs", ())) if uid.isalnum())
    return Wish(
        filters={name: text[: limit.get(name, 200)] for name, text in filters.items() if text},
        sort=sort if sort.removeprefix("-") in SORTS or (known and known.kind) else DEFAULT,
        page=params.get("page", [""])[-1][:9],
        columns=tuple(params.get("column", ())),
        runs=tuple(runs)[:CHOSEN],
        all=bool(params.get("all", [""])[-1]),
    )


def rows(workspace: Workspace, wish: Wish, *, now: datetime) -> JobQuerySet:
    """All that the wish's filters leave; archived ones only when they are asked for. BadQuery."""
    tree = query.parse(wish.query)
    found = TrainingJob.objects.present().of(workspace).filter(matching(tree, now=now))
    if not query.mentions(tree, "archived"):
        found = found.filter(archived_at__isnull=wish.filters.get("archived") != "yes")
    for name in ("status", "algorithm"):
        if name in wish.filters:
            found = found.filter(**{name: wish.filters[name]})
    if "q" in wish.filters:
        found = found.filter(called(wish.filters["q"]))
    return found


def ordered(found: JobQuerySet, sort: str) -> list[JobQuerySet]:
    """The rows in the order of `sort`, a known one, in parts that follow each other.

    By a value: first the jobs that have it, which an index of values hands out in order.
    """
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    sign = "-" if falling else ""
    value = columns.column(name)
    if name in SORTS or value is None:
        path = SORTS[name]
        first = _placed(path, falling) if name in MAY_BE_MISSING else f"{sign}{path}"
        return [found.order_by(first, f"{sign}pk")]
    having = found.filter(values__kind=value.kind, values__name=value.name)
    places = [_placed("values__number", falling)]
    if value.kind == JobValue.Kind.PARAM:  # words behind the numbers
        places.append(_placed("values__text", falling))
    has = JobValue.objects.filter(job=OuterRef("pk"), kind=value.kind, name=value.name)
    return [
        having.order_by(*places, f"{sign}values__job_id"),
        found.filter(~Exists(has)).order_by(f"{sign}pk"),
    ]


def _placed(path: str, falling: bool) -> OrderBy:  # noqa: FBT001  the sign of a sort
    return F(path).desc(nulls_last=True) if falling else F(path).asc(nulls_last=True)


def _pks(parts: list[JobQuerySet], after: int, count: int) -> list[int]:
    """`count` keys from `after` on, out of parts that follow each other."""
    found: list[int] = []
    for part in parts:
        keys = part.values_list("pk", flat=True)
        found += keys[after : after + count - len(found)]
        if len(found) == count or part is parts[-1]:
            break
        after = 0 if found else after - keys.count()
    return found


def page(
    workspace: Workspace, wish: Wish, *, now: datetime, tags: bool = True
) -> Listing[TrainingJob]:
    """The page that the wish asks for, or the nearest there is, with or without tags; BadQuery."""
    found = rows(workspace, wish, now=now)
    total = found.count()
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, int(wish.page) if wish.page.isdecimal() else 1), pages)
    after = (number - 1) * PER_PAGE
    pks = _pks(ordered(found, wish.sort), after, PER_PAGE) if total else []
    return Listing(
        rows=in_order(pks, tags=tags),
        total=total,
        page=number,
        pages=pages,
        sort=wish.sort,
        filters=wish.filters,
        state=wish.state,
    )


def nothing(wish: Wish) -> Listing[TrainingJob]:
    """The page of a query that cannot be understood."""
    return Listing([], 0, 1, 1, wish.sort, filters=wish.filters, state=wish.state)


def first(workspace: Workspace, wish: Wish, count: int, *, now: datetime) -> list[str]:
    """The uids of the first jobs of the list; BadQuery."""
    parts = ordered(rows(workspace, wish, now=now), wish.sort)
    return [row.uid for row in in_order(_pks(parts, 0, count), tags=False)]


def in_order(pks: list[int], *, tags: bool) -> list[TrainingJob]:
    """The jobs of `pks` as a list shows them; those that are gone meanwhile are left out."""
    rows = TrainingJob.objects.listed().prefetch_related(*["tags"] * tags)
    by_pk = rows.in_bulk(pks)
    return [by_pk[pk] for pk in pks if pk in by_pk]


def seen(workspace: Workspace) -> Mapping[str, list[str]]:
    """The names of params and metrics that the newest jobs have, by kind."""
    newest = TrainingJob.objects.present().of(workspace).order_by("-created_at")
    values = JobValue.objects.filter(job__in=newest.values("pk")[:LOOKED_AT])
    found: dict[str, list[str]] = {kind: [] for kind in columns.VALUES}
    for kind, name in values.order_by("kind", "name").values_list("kind", "name").distinct():
        found[kind].append(name)
    return found


def suggestions(names: Mapping[str, Iterable[str]]) -> list[str]:
    """The params and metrics as a query names them."""
    return [
        f"{kind}.{name}" if PLAIN.fullmatch(name) else f'{kind}."{name}"'
        for kind, found in names.items()
        for name in found
        if '"' not in name
    ]

"""What is shown of a job's log: a stretch around a line, the lines of a level or with a text.

All of it by line number on an index, so that the last of a million lines is as near as the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Left, Length

from jobs import loglevels
from jobs.models import LogLine, TrainingJob

WINDOW = 500  # lines of a page
FOUND = 100  # matches of a page
COUNTED = 10_000  # matches beyond are not counted
CONTEXT = 2  # lines on either side of a match
SHOWN = 2_000  # characters of a line; the download has all of them


@dataclass(frozen=True)
class Line:
    """`text` as it was printed, cut when `is_cut`."""

    number: int
    at: datetime
    text: str
    level: str
    is_cut: bool = False
    is_match: bool = False


@dataclass(frozen=True)
class Found:
    """Groups of neighbouring lines; `total` counts to `COUNTED`; `after` is None at the end."""

    groups: list[list[Line]]
    total: int
    after: int | None

    @property
    def is_capped(self) -> bool:
        return self.total >= COUNTED


def matching(job: TrainingJob, *, query: str = "", level: str = "") -> QuerySet[LogLine]:
    """The lines that hold `query`, in any case, and are of `level`, in order."""
    lines = LogLine.objects.filter(job=job)
    if query:
        lines = lines.filter(message__icontains=query.replace("\t", "#011"))
    if level in loglevels.MARKS:
        lines = lines.filter(Q(level=level) | Q(level="") & _marked(level))
    return lines


def _marked(level: str) -> Q:
    """Lines that were stored before lines were judged, by what they hold."""
    marked = Q()
    for mark in loglevels.MARKS[level]:
        marked |= Q(message__contains=mark)
    return marked


def last(lines: QuerySet[LogLine], limit: int) -> list[Line]:
    """The last `limit` of `lines`, in order."""
    return shown(lines.order_by("-number"), limit)[::-1]


def window(job: TrainingJob, line: int | None = None) -> list[Line]:
    """`WINDOW` lines around `line`, or the last ones."""
    lines = LogLine.objects.filter(job=job)
    if line is None:
        return last(lines, WINDOW)
    first = max(1, min(line - WINDOW // 2, job.log_lines - WINDOW + 1))
    return shown(lines.filter(number__gte=first), WINDOW)


def found(job: TrainingJob, *, query: str, level: str, after: int = 0) -> Found:
    """`FOUND` matches beyond line `after`, each with its neighbours."""
    matches = matching(job, query=query, level=level)
    numbers = list(matches.filter(number__gt=after).values_list("number", flat=True)[: FOUND + 1])
    hits = set(numbers[:FOUND])
    wanted = {n + step for n in hits for step in range(-CONTEXT, CONTEXT + 1)}
    lines = shown(LogLine.objects.filter(job=job, number__in=wanted), len(wanted), hits)
    return Found(
        groups=list(_groups(lines)),
        total=matches.order_by()[:COUNTED].count(),
        after=numbers[FOUND - 1] if len(numbers) > FOUND else None,
    )


def neighbours(
    job: TrainingJob, line: int, *, query: str, level: str
) -> tuple[int | None, int | None]:
    """The numbers of the matches just before and just after `line`."""
    numbers = matching(job, query=query, level=level).values_list("number", flat=True)
    before = numbers.filter(number__lt=line).order_by("-number").first()
    return before, numbers.filter(number__gt=line).first()


def shown(lines: QuerySet[LogLine], limit: int, hits: set[int] | None = None) -> list[Line]:
    """At most `limit` of `lines` in their order, long ones cut by the database."""
    rows = lines.annotate(head=Left("message", SHOWN), size=Length("message")).values_list(
        "number", "at", "head", "level", "size"
    )
    return [
        Line(
            number=number,
            at=at,
            text=head.replace("#011", "\t"),
            level=level or loglevels.level(head),
            is_cut=size > SHOWN,
            is_match=number in (hits or ()),
        )
        for number, at, head, level, size in rows[:limit]
    ]


def _groups(lines: list[Line]) -> Iterator[list[Line]]:
    """Neighbours together."""
    group: list[Line] = []
    for line in lines:
        if group and line.number != group[-1].number + 1:
            yield group
            group = []
        group.append(line)
    if group:
        yield group

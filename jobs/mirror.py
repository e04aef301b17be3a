"""One look at a workspace's training jobs: what changed at AWS becomes rows, for all who show them.

However many jobs there are, a look makes at most `CALLS` calls:

* *changes*: what List names as modified since the last look (less an overlap), 100 a call. What was
  not described yet keeps the cursor back, so the next look sees it again.
* *rounds*: one page of all jobs and one of those that move, each look the next page. A page vouches
  for the rows that agree with it. Rounds bring the history in, find what changes did not tell, and
  what is no longer there.
* *Describe*: what is new or changed, then what no list vouched for, the longest unasked first.
* *logs* and *hardware* of jobs that run or just ended, the longest unread first.
"""

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Case, F, When

from aws import sagemaker
from aws.types import TrainingJobSummary
from core.models import Workspace
from jobs import cursors, hardware, logs, sighting
from jobs.cursors import Pass
from jobs.models import TrainingJob

CALLS = 20
CHANGE_PAGES = 8  # a look; a longer list is read on in the next
DESCRIBES = 10
UNHEARD = 3  # of these for rows that no list vouches for
LOGS = 8  # calls that lists and descriptions leave for logs, when there are any to read
LOG_SECONDS = 1.0  # a look: chatty logs must not keep the next statuses waiting
VOUCHED = timedelta(seconds=60)  # so long a list's page is believed
MOVING = timedelta(seconds=10)  # between the ends and beginnings of rounds
EVERYTHING = timedelta(minutes=5)
DOUBTS = 4  # rows a page that should be on it and are not
HARDWARE = 300  # rows offered to one reading of CloudWatch
Status = TrainingJob.Status
_WAITING = Case(When(log_read_at=logs.WANTED, then=0), default=1)


@dataclass
class Wanted:
    """What to describe in this look; `changed` with AWS's time of the change."""

    new: list[TrainingJob] = field(default_factory=list)
    changed: dict[str, tuple[TrainingJob, TrainingJobSummary]] = field(default_factory=dict)
    doubted: list[TrainingJob] = field(default_factory=list)  # finished, and a list misses them
    sampled: list[TrainingJob] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def in_turn(self) -> list[TrainingJob]:
        """Other statuses, new jobs that run, other details, news of the past, doubts.

        What changed: the longest unasked first; what is new: the youngest first.
        """
        changed = [(row.status == job.status, row) for row, job in self.changed.values()]
        ranked = [(2 * is_same, row.next_check_at.timestamp(), row) for is_same, row in changed]
        ranked += [(1 + 2 * r.is_finished, -r.created_at.timestamp(), r) for r in self.new]
        ranked.sort(key=lambda one: one[:2])
        return [row for *_, row in ranked] + self.doubted + self.sampled


def look(workspace: Workspace, *, now: datetime) -> None:
    """Bring rows, logs and points up to date; one look at a time per workspace.

    Trouble with AWS is noted for the pages (`health_notes`) and never raised.
    """
    cursors.look(workspace, "jobs", CALLS, _work, now=now)


def _work(one: Pass, name: str) -> bool:
    is_true = _statuses(one, name)
    _hardware(one)
    _logs(one)
    return is_true


def _statuses(one: Pass, name: str) -> bool:
    """Whether the list of changes could be read to its end."""
    wanted = Wanted()
    listed, is_whole = _changes(one, name, wanted)
    _round(one, f"{name}:moving", MOVING, {"StatusEquals": "InProgress"}, wanted)
    _round(one, f"{name}:all", EVERYTHING, {}, wanted)
    _describe(one, f"unread:{name}", wanted)
    if listed:
        _keep_place(one, name, wanted, listed, is_whole=is_whole)
    return is_whole


def _changes(one: Pass, name: str, wanted: Wanted) -> tuple[list[TrainingJobSummary], bool]:
    """What List says changed since the cursor, from where the last look left off; is that all?"""
    filters: dict[str, object] = {"LastModifiedTimeAfter": cursors.since(name, one.now)}
    if place := cursors.get(f"place:{name}"):
        filters["CreationTimeAfter"] = place
    pages = sagemaker.training_job_pages(one.account, filters, oldest_first=True)
    listed: list[TrainingJobSummary] = []
    more = True
    for _ in range(CHANGE_PAGES):
        if not more or not one.may_ask("sagemaker.list"):
            break
        page, more = next(pages)
        listed += page
        _compare(one, page, wanted)
    return listed, not more


def _keep_place(
    one: Pass, name: str, wanted: Wanted, listed: list[TrainingJobSummary], *, is_whole: bool
) -> None:
    """Remember what is worked off: a change that was not described holds the cursor back.

    What changes behind a walk of several looks is found by the next one: so long as this one took,
    its latest change does not count as worked off.
    """
    begun, latest, held, place = (f"{word}:{name}" for word in ("begun", "latest", "held", "place"))
    took = one.now - (cursors.get(begun) or one.now)
    newest = max(cursors.get(latest) or listed[0].modified, *(job.modified for job in listed))
    left = wanted.changed.keys() - wanted.asked  # what only a round told comes with the next round
    waiting = [job.modified for job in listed if job.name in left]
    oldest = min([cursors.get(held) or newest, *waiting])
    if is_whole:
        cursors.done(name, min(newest - took, oldest))
        cursors.drop(begun, latest, held, place)
        return
    last, before = listed[-1].created, cursors.get(place)
    # Moments are sent in whole seconds: a second full of jobs must not hold the walk up for ever.
    stuck = before is not None and last - before < timedelta(seconds=1)
    cursors.put(place, last + timedelta(seconds=1) if stuck else last)
    cursors.put(begun, one.now - took)
    cursors.put(latest, newest)
    cursors.put(held, oldest)


def _compare(one: Pass, page: list[TrainingJobSummary], wanted: Wanted) -> None:
    """Sort a page into what is new and what changed; it vouches for the rest."""
    rows = sighting.known(one.workspace, [job.name for job in page])
    wanted.new += sighting.found(
        one.workspace, [job for job in page if job.name not in rows], one.now
    )
    agreed = []
    for job in page:
        row = rows.get(job.name)
        if row is None:
            continue
        if row.aws_modified_at is None and row.status != Status.REQUESTED:
            wanted.new.append(row)  # found earlier and not described yet
        elif sighting.differs(row, job):
            wanted.changed.setdefault(job.name, (row, job))
        elif not row.is_finished and row.next_check_at < one.now + VOUCHED / 2:
            agreed.append(row.pk)
    vouched = TrainingJob.objects.filter(pk__in=agreed, stop_requested_at=None).at_aws()
    vouched.update(next_check_at=one.now + VOUCHED)


def _round(
    one: Pass, name: str, rest: timedelta, filters: dict[str, object], wanted: Wanted
) -> None:
    """The next page of a walk over all jobs, newest first; at its end a pause of `rest`."""
    resting, place = cursors.get(f"rest:{name}"), cursors.get(f"place:{name}")
    if (place is None and resting and resting > one.now) or not one.may_ask("sagemaker.list"):
        return
    below = {} if place is None else {"CreationTimeBefore": place + timedelta(seconds=1)}
    page, more = next(sagemaker.training_job_pages(one.account, filters | below))
    _compare(one, page, wanted)
    if not filters:
        bottom = page[-1].created if more else None
        wanted.doubted += _not_there(one, page, bottom, place or one.now)
        wanted.sampled += _sample(one, page)
    if more:
        last = page[-1].created
        stuck = place is not None and place - last < timedelta(seconds=1)
        cursors.put(f"place:{name}", last - timedelta(seconds=1) if stuck else last)
    else:
        cursors.drop(f"place:{name}")
        cursors.put(f"rest:{name}", one.now + rest)


def _not_there(
    one: Pass, page: list[TrainingJobSummary], bottom: datetime | None, top: datetime
) -> list[TrainingJob]:
    """Finished rows of the page's stretch of time that are not on it: maybe gone at AWS."""
    stretch = TrainingJob.objects.of(one.workspace).at_aws().present().filter(drift="")
    stretch = stretch.filter(created_at__lt=min(top, one.now - sighting.GRACE))
    if bottom:
        stretch = stretch.filter(created_at__gt=bottom)
    missing = stretch.filter(status__in=TrainingJob.TERMINAL).exclude(
        aws_name__in=[job.name for job in page]
    )
    return list(missing[:DOUBTS])


def _sample(one: Pass, page: list[TrainingJobSummary]) -> list[TrainingJob]:
    """A finished row of the page, whatever the list says: a list does not tell artifacts."""
    ended = [job.name for job in page if job.status in TrainingJob.TERMINAL]
    name = random.SystemRandom().choice(ended) if ended else ""
    rows = TrainingJob.objects.of(one.workspace).filter(status__in=TrainingJob.TERMINAL)
    return list(rows.filter(aws_name=name)) if name else []


def _describe(one: Pass, unread: str, wanted: Wanted) -> None:
    """The new and the changed, some that no list vouches for, then what is left of either."""
    left = min(DESCRIBES, max(one.left - LOGS // 2, 0))
    if wanted.new:
        cursors.put(unread, one.now)  # until all of them were described, in this look or later
    turns = [row.pk for row in wanted.in_turn()]
    rows = TrainingJob.objects.of(one.workspace).at_aws()
    due = rows.due(one.now).order_by("next_check_at")
    unheard = list(due.values_list("pk", flat=True)[: DESCRIBES * 2])
    mixed = [*turns[: left - UNHEARD], *unheard[:UNHEARD], *turns, *unheard]
    pks = list(dict.fromkeys(mixed))[:left]
    if len(pks) < left and cursors.get(unread):
        bare = rows.filter(aws_modified_at=None).exclude(pk__in=pks).order_by("-created_at")
        pks += bare.values_list("pk", flat=True)[: left - len(pks)]
        if len(pks) < left:
            cursors.drop(unread)
    granted = one.may_ask("sagemaker.describe", len(pks))
    found = TrainingJob.objects.select_related("workspace").in_bulk(pks[:granted])
    doubted = {row.pk for row in wanted.doubted}
    for row in (found[pk] for pk in pks[:granted] if pk in found):
        if one.is_over:
            break
        sighting.refresh(row, one.account, now=one.now, is_doubted=row.pk in doubted)
        wanted.asked.add(row.aws_name)


def _hardware(one: Pass) -> None:
    rows = list(hardware.due(one.workspace, one.now)[:HARDWARE])
    if rows and one.may_ask("cloudwatch"):
        hardware.refresh(one.workspace, rows, one.now)


def _logs(one: Pass) -> None:
    """Read on in logs of jobs that run or just ended: the wanted, the unread, the longest ago."""
    unread = (
        TrainingJob.objects.of(one.workspace)
        .at_aws()
        .filter(log_complete=False)
        .select_related("workspace")
        .order_by(_WAITING, F("log_read_at").asc(nulls_first=True), "-created_at")
    )
    ends = time.monotonic() + LOG_SECONDS
    for job in unread[:CALLS]:
        if not logs.follow(job, one) or time.monotonic() > ends:
            break

"""One action on many jobs, each with a result of its own; what needs AWS is only written down.

Repeatable: what was done already is said to be, and nothing happens to it again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal

from core import access, audit, live
from core.access import Actor
from core.errors import NotAllowed, NotFound, UserError
from core.models import Role
from jobs import delete, tags, training
from jobs.errors import AlreadyOver
from jobs.models import JobQuerySet, TrainingJob

ONE_BY_ONE, AT_ONCE = 200, 2_000  # jobs of one request
Outcome = Literal["done", "already", "refused", "missing"]
DONE: Outcome = "done"
ALREADY: Outcome = "already"
REFUSED: Outcome = "refused"
MISSING: Outcome = "missing"


@dataclass(frozen=True)
class Item:
    """What became of one job; `said` reads after its name."""

    uid: str
    name: str
    result: Outcome
    said: str


@dataclass
class Report:
    """`waiting` are the keys of jobs whose stop a worker must hand on.

    `left` jobs were too many for one request: those of the uids `rest`, or those behind `last`.
    """

    items: list[Item] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    left: int = 0
    last: str = ""
    rest: list[str] = field(default_factory=list)

    def add(self, job: TrainingJob, result: Outcome, said: str) -> None:
        self.items.append(Item(job.uid, job.name, result, said))

    @property
    def summary(self) -> str:
        """Like "3 stopped, 1 was over already"."""
        counts = Counter(item.said for item in self.items)
        return ", ".join(f"{count:,} {said}" for said, count in counts.most_common())

    @property
    def undone(self) -> list[Item]:
        return [item for item in self.items if item.result != DONE]


Step = Callable[[Actor, Sequence[TrainingJob], Report, datetime, str], None]


@dataclass(frozen=True)
class Action:
    """`label` is a button's; `step` writes what becomes of each job into the report."""

    name: str
    label: str
    step: Step
    at_once: int = AT_ONCE
    is_grave: bool = False


def _stop(who: Actor, jobs: Sequence[TrainingJob], report: Report, now: datetime, _: str) -> None:
    for job in jobs:
        if not job.is_finished and not job.may_stop:
            report.add(job, ALREADY, "asked to stop already")
            continue
        try:
            training.stop(who, job, now=now)
        except AlreadyOver:
            report.add(job, ALREADY, f"{job.status} already")
            continue
        except UserError as error:
            report.add(job, REFUSED, f"left: {error.message} {error.hint}".strip())
            continue
        if not job.is_finished:
            report.waiting.append(job.pk)
        report.add(job, DONE, "stopped" if job.is_finished else "asked to stop")


def _delete(who: Actor, jobs: Sequence[TrainingJob], report: Report, now: datetime, _: str) -> None:
    for job in jobs:
        try:
            delete.remove(who, job, now=now)
        except UserError as error:
            report.add(job, REFUSED, f"left: {error.message} {error.hint}".strip())
        else:
            report.add(job, DONE, "removed")


def _shelve(
    who: Actor,
    jobs: Sequence[TrainingJob],
    report: Report,
    now: datetime,
    _: str,
    *,
    is_back: bool = False,
) -> None:
    rows = TrainingJob.objects.filter(pk__in=[job.pk for job in jobs])
    rows = rows.filter(archived_at__isnull=not is_back)
    changed = set(rows.values_list("pk", flat=True))
    rows.update(archived_at=None if is_back else now)
    words = ("brought back", "not archived") if is_back else ("archived", "archived already")
    _tell(jobs, report, changed, words)
    _note(who, "job.unarchive" if is_back else "job.archive", jobs, changed)


def _tag(who: Actor, jobs: Sequence[TrainingJob], report: Report, _: datetime, tag: str) -> None:
    got, full = tags.add_to_all(jobs, tag)
    _tell(
        [job for job in jobs if job.pk not in full],
        report,
        got,
        (f"tagged {tag}", f"tagged {tag} already"),
    )
    for job in jobs:
        if job.pk in full:
            report.add(job, REFUSED, f"left: a job has at most {tags.MOST} tags")
    _note(who, "job.tag", jobs, got, tag=tag)


def _untag(who: Actor, jobs: Sequence[TrainingJob], report: Report, _: datetime, tag: str) -> None:
    had = tags.remove_from_all(jobs, tag)
    _tell(jobs, report, had, (f"no longer tagged {tag}", f"not tagged {tag}"))
    _note(who, "job.untag", jobs, had, tag=tag)


def _tell(
    jobs: Iterable[TrainingJob], report: Report, changed: set[int], words: tuple[str, str]
) -> None:
    for job in jobs:
        is_new = job.pk in changed
        report.add(job, DONE if is_new else ALREADY, words[0] if is_new else words[1])


def _note(
    who: Actor, action: str, jobs: Sequence[TrainingJob], changed: set[int], **detail: str
) -> None:
    """One event of the audit log, and one message to open pages, for all of them."""
    uids = [job.uid for job in jobs if job.pk in changed]
    if uids:
        audit.event(who, action, f"{len(uids)} jobs", jobs=uids, **detail)
        live.announce(jobs[0].workspace_id, TrainingJob.LIVE, uids[0])


ACTIONS = {
    action.name: action
    for action in (
        Action("stop", "Stop", _stop, at_once=ONE_BY_ONE, is_grave=True),
        Action("tag", "Tag", _tag),
        Action("untag", "Remove tag", _untag),
        Action("archive", "Archive", _shelve),
        Action("unarchive", "Bring back", partial(_shelve, is_back=True)),
        Action("delete", "Remove", _delete, at_once=ONE_BY_ONE, is_grave=True),
    )
}
WORDED = ("tag", "untag")


def on_matching(
    who: Actor, name: str, rows: JobQuerySet, *, now: datetime, tag: str = "", after: str = ""
) -> Report:
    """The action on the next jobs of `rows`, the newest first, behind the one of uid `after`."""
    action, tag = _asked(who, name, tag)
    if after.isalnum():
        before = TrainingJob.objects.of(who.workspace).filter(uid=after).values("pk")
        rows = rows.filter(pk__lt=before[:1])
    rows = rows.order_by("-pk")
    jobs = list(rows.select_related("workspace")[: action.at_once])
    left = rows.filter(pk__lt=jobs[-1].pk).count() if len(jobs) == action.at_once else 0
    report = Report(left=left, last=jobs[-1].uid if left else "")
    action.step(who, jobs, report, now, tag)
    return report


def on_chosen(
    who: Actor, name: str, uids: Sequence[str], *, now: datetime, tag: str = ""
) -> Report:
    """The action on the jobs of `uids`, each in its workspace and with the role there."""
    action, tag = _asked(who, name, tag)
    uids = list(dict.fromkeys(uids))
    wanted, rest = uids[: action.at_once], uids[action.at_once :]
    asked = [uid for uid in wanted if uid.isalnum()]  # no sign that a database refuses
    rows = TrainingJob.objects.present().filter(uid__in=asked).select_related("workspace")
    found = {job.uid: job for job in rows}
    report = Report(left=len(rest), rest=rest)
    places: dict[int, tuple[Actor, list[TrainingJob]]] = {}
    for uid in wanted:
        try:
            _, jobs = _place(who, found.get(uid), places)
        except NotFound:
            report.items.append(Item(uid[:20], uid[:20], MISSING, "not here, or not yours"))
        except NotAllowed:
            report.add(found[uid], REFUSED, "not yours to change")
        else:
            jobs.append(found[uid])
    for actor, jobs in places.values():
        action.step(actor, jobs, report, now, tag)
    return report


def _place(
    who: Actor, job: TrainingJob | None, places: dict[int, tuple[Actor, list[TrainingJob]]]
) -> tuple[Actor, list[TrainingJob]]:
    """Who asks, as they are in the job's workspace, and its jobs so far; NotFound, NotAllowed."""
    if job is None:
        raise NotFound
    if job.workspace_id not in places:
        actor = access.in_workspace_of(who, job)
        actor.need(Role.MEMBER)
        places[job.workspace_id] = (actor, [])
    return places[job.workspace_id]


def _asked(who: Actor, name: str, tag: str) -> tuple[Action, str]:
    who.need(Role.MEMBER)
    if name not in ACTIONS:
        raise UserError(f"Choose one of {', '.join(ACTIONS)}.", field="action")
    return ACTIONS[name], tags.word(tag) if name in WORDED else ""

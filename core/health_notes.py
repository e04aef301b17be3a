"""What the rounds of worker and mirror left behind, for pages that must not ask AWS themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from core.models import Heartbeat, Workspace

STALE_AFTER = timedelta(seconds=30)
KINDS = ("jobs", "tuning", "endpoints", "models")

# What a problem's first word (the kind of `aws.errors`) means to a reader, and what to do.
WORDS = {
    "Denied": (
        "AWS refuses our credentials",
        "Check the credentials and the permissions listed in docs/aws.md; an admin can.",
    ),
    "Throttled": (
        "AWS asks us to slow down",
        "Nothing to do: the console asks less often until AWS answers again.",
    ),
    "Unavailable": (
        "AWS does not answer",
        "Nothing to do here: the console keeps trying. Look at the network or AWS's status page.",
    ),
}
QUIET = (
    "Nobody has looked at AWS lately",
    "The worker or beat is down or swamped: look at /healthz.",
)
UNKNOWN = ("AWS gave an answer that the console does not understand", "Look at the worker's log.")


@dataclass(frozen=True)
class Sync:
    """How fresh the copy of one kind of thing is; `at` is the last good look, None before one.

    `words` say what is wrong and `todo` what a reader can do; "" while all is well.
    """

    kind: str
    at: datetime | None
    is_late: bool = False
    words: str = ""
    todo: str = ""
    detail: str = ""


def beat(name: str, *, problem: str = "", now: datetime | None = None) -> None:
    """Write down that `name` did its round; with a `problem` the last good time is kept."""
    now = now or timezone.now()
    if problem:
        changed = Heartbeat.objects.filter(name=name).update(problem=problem[:500])
        if not changed:
            Heartbeat.objects.get_or_create(
                name=name, defaults={"at": now, "problem": problem[:500]}
            )
        return
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now, "problem": ""})


def mirror_name(workspace: Workspace, kind: str) -> str:
    return f"mirror:{kind}:{workspace.pk}"


def syncs(
    workspace: Workspace, kinds: Iterable[str] = KINDS, *, now: datetime | None = None
) -> list[Sync]:
    """How fresh each kind of thing is, in the order of `kinds`."""
    now = now or timezone.now()
    names = {mirror_name(workspace, kind): kind for kind in kinds}
    beats = {beat.name: beat for beat in Heartbeat.objects.filter(name__in=names)}
    return [_sync(kind, beats.get(name), now) for name, kind in names.items()]


def _sync(kind: str, heartbeat: Heartbeat | None, now: datetime) -> Sync:
    if heartbeat is None:
        return Sync(kind, None)
    is_late = now - heartbeat.at > STALE_AFTER
    trouble, _, detail = heartbeat.problem.partition(": ")
    if not is_late and trouble in {"", "Throttled"}:  # a short pause is no trouble
        return Sync(kind, heartbeat.at)
    words, todo = WORDS.get(trouble, UNKNOWN) if trouble else QUIET
    return Sync(kind, heartbeat.at, is_late=True, words=words, todo=todo, detail=detail)


def aws_trouble(workspace: Workspace, *, now: datetime | None = None) -> Sync | None:
    """The mirror of `workspace` that cannot reach AWS or has gone quiet, if any: the oldest."""
    return worst(syncs(workspace, now=now))


def worst(found: Iterable[Sync]) -> Sync | None:
    """The one that has been late for longest, if any is; what AWS said goes before mere silence.

    While AWS does not answer, workers wait for it and some mirror has nobody who looks.
    """
    late = [sync for sync in found if sync.is_late and sync.at]
    return min(
        late, key=lambda sync: (sync.words == QUIET[0], sync.at or timezone.now()), default=None
    )

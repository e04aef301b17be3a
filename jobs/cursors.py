"""Where a mirror stands: how far it has read, that only one reads at a time, what it may still ask.

All of it is rows (`Heartbeat`), so a worker that dies leaves nothing behind that others miss.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aws import errors as aws
from aws.clients import Account
from core import health_notes, pacing
from core.models import Heartbeat, Workspace

PASS_SECONDS = 10.0  # after that a pass asks nothing more: the next one goes on
ANSWER_SECONDS = 10.0  # connecting comes on top, five seconds at most
# Longer than a pass and its last call. So long a killed worker's lease keeps the others out.
LEASE = timedelta(seconds=30)
FIRST = timedelta(minutes=10)  # how far back the first look goes for changes; rounds find the rest
OVERLAP = timedelta(seconds=60)  # lists lag behind: look again at what is barely past
log = logging.getLogger(__name__)


@contextmanager
def alone(name: str, now: datetime) -> Iterator[bool]:
    """Whether the lease `name` was free; it is given back at the end, or runs out."""
    Heartbeat.objects.get_or_create(name=name, defaults={"at": now})
    mine = Heartbeat.objects.filter(name=name, at__lte=now).update(at=now + LEASE)
    try:
        yield bool(mine)
    finally:
        if mine:
            Heartbeat.objects.filter(name=name, at=now + LEASE).update(at=now)


def get(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def put(name: str, at: datetime) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at})


def drop(*names: str) -> None:
    Heartbeat.objects.filter(name__in=names).delete()


def since(name: str, now: datetime) -> datetime:
    """From when on to list: AWS's time of the latest change worked off, less an overlap."""
    return (get(f"cursor:{name}") or now - FIRST) - OVERLAP


def done(name: str, at: datetime) -> None:
    """Nothing that changed until `at` is missing."""
    put(f"cursor:{name}", at)


@dataclass
class Pass:
    """One look at a workspace: at most `left` calls, and not for ever.

    Its calls are asked once: the next pass is the second try, and whoever is throttled must not
    ask three times as much.
    """

    workspace: Workspace
    now: datetime
    left: int
    ends: float = field(default_factory=lambda: time.monotonic() + PASS_SECONDS)
    asked: list[str] = field(default_factory=list)

    @property
    def account(self) -> Account:
        return replace(self.workspace.account, answer_within=ANSWER_SECONDS)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends

    def may_ask(self, family: str, wanted: int = 1) -> int:
        """How many of `wanted` calls to make now: as many as the pass and the bucket have left."""
        wanted = 0 if self.is_over else min(wanted, self.left)
        count = pacing.take(self.workspace, family, wanted) if wanted > 0 else 0
        self.left -= count
        if count:
            self.asked.append(family)
        return count

    def refused(self, error: aws.Throttled) -> float:
        """AWS throttles what was asked last: seconds until anybody asks that again."""
        return pacing.slow_down(self.workspace, self.asked[-1], error)

    def ended_well(self) -> None:
        for family in set(self.asked):
            pacing.answered(self.workspace, family)


def look(
    workspace: Workspace,
    kind: str,
    calls: int,
    work: Callable[[Pass, str], bool],
    *,
    now: datetime,
) -> None:
    """Do the `work` of a mirror, unless another one does; trouble is noted for the pages.

    `work` is given the mirror's name and says whether the rows are true as of now.
    """
    name = health_notes.mirror_name(workspace, kind)
    with alone(f"lease:{name}", now) as mine:
        if not mine:
            return
        one = Pass(workspace, now, calls)
        try:
            is_true = work(one, name)
        except aws.Throttled as error:
            wait = one.refused(error)
            log.info("%s: AWS throttles the mirror of %s; waiting %.0f s", workspace, kind, wait)
            health_notes.beat(name, problem=f"Throttled: {error.message}")
        except aws.AwsError as error:
            health_notes.beat(name, problem=f"{type(error).__name__}: {error.message}")
        else:
            one.ended_well()
            if is_true:
                health_notes.beat(name)

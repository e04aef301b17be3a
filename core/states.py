"""The only way a status changes: compare-and-swap on the row, published after commit."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from core import live
from core.models import Tracked

BACKOFF_LIMIT = timedelta(minutes=2)


def advance(row: Tracked, *, frm: str | Collection[str], to: str, **changes: Any) -> bool:
    """Move `row` from one of `frm` to `to`, writing `changes` with it; False when someone else won.

    Exactly one of several racing callers gets True. Terminal statuses never reopen. `row` holds
    the new values afterwards when it won, and is untouched when it lost.
    """
    expected = {frm} if isinstance(frm, str) else set(frm)
    if expected & row.TERMINAL:
        raise ValueError(f"{expected & row.TERMINAL} is terminal for {type(row).__name__}.")
    return _move(row, expected, to, changes)


def reopen(row: Tracked, *, frm: Collection[str], to: str, **changes: Any) -> bool:
    """`advance` from finished statuses: only for a row of which nothing has been made yet."""
    return _move(row, set(frm), to, changes)


def _move(row: Tracked, expected: set[str], to: str, changes: dict[str, Any]) -> bool:
    changes = {"next_check_at": timezone.now(), "attempts": 0} | changes
    changes |= {"status": to, "status_at": timezone.now()}
    manager: models.Manager[Any] = type(row)._default_manager
    if not manager.filter(pk=row.pk, status__in=expected).update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    live.publish(row)
    return True


def record(row: Tracked, **changes: Any) -> bool:
    """Write `changes` on a row whose status stays; False when the status moved on meanwhile."""
    manager: models.Manager[Any] = type(row)._default_manager
    if not manager.filter(pk=row.pk, status=row.status).update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    live.publish(row)
    return True


def postpone(row: Tracked, *, now: datetime, base: timedelta = timedelta(seconds=1)) -> None:
    """Look at `row` again later: doubling from `base` with each attempt, at most two minutes."""
    delay = min(base * 2 ** min(row.attempts, 10), BACKOFF_LIMIT)
    manager: models.Manager[Any] = type(row)._default_manager
    manager.filter(pk=row.pk, status=row.status).update(
        next_check_at=now + delay, attempts=models.F("attempts") + 1
    )


def claim(row: Tracked, *, now: datetime, lease: timedelta, **changes: Any) -> bool:
    """Take a due row for `lease`, or keep it, writing `changes`; False when another worker has it.

    Pages are not told: `live.publish` does.
    """
    manager: models.Manager[Any] = type(row)._default_manager
    changes |= {"next_check_at": now + lease}
    mine = manager.filter(pk=row.pk, status=row.status, next_check_at=row.next_check_at)
    if not mine.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True

"""The phases of a job's life, as a timeline. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Phase:
    """`seconds` until its end, or until now while `is_open`."""

    status: str
    message: str
    start: datetime
    seconds: float
    is_open: bool


def timeline(transitions: Sequence[Mapping[str, str | None]], now: datetime) -> list[Phase]:
    """The transitions that AWS told, in order."""
    return [_phase(step, now) for step in transitions]


def _phase(step: Mapping[str, str | None], now: datetime) -> Phase:
    start = datetime.fromisoformat(step["start"] or "")
    end = datetime.fromisoformat(step["end"]) if step["end"] else None
    return Phase(
        status=step["status"] or "",
        message=step["message"] or "",
        start=start,
        seconds=max(0.0, ((end or now) - start).total_seconds()),
        is_open=end is None,
    )

"""How far a mirror has read what changed at AWS, and that only one reads at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from core.models import Heartbeat

LEASE = timedelta(seconds=20)  # a killed worker's; two looks at once are only wasteful
HISTORY = timedelta(days=30)  # how far back the first look goes
OVERLAP = timedelta(seconds=60)  # lists lag behind: look again at what is barely past


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


def since(name: str, now: datetime) -> datetime:
    """From when on to list: AWS's time of the latest change worked off, less an overlap."""
    at = Heartbeat.objects.filter(name=f"cursor:{name}").values_list("at", flat=True).first()
    return (at or now - HISTORY) - OVERLAP


def done(name: str, at: datetime) -> None:
    """Nothing that changed until `at` is missing."""
    Heartbeat.objects.update_or_create(name=f"cursor:{name}", defaults={"at": at})

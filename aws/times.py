"""botocore hands out times in the machine's zone; everything that leaves this package is UTC."""

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def utc_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)


def from_milliseconds(stamp: int) -> datetime:
    """CloudWatch Logs counts milliseconds since the epoch, the other services seconds."""
    return datetime.fromtimestamp(stamp / 1000, tz=UTC)

"""The one source of time."""

from datetime import UTC, datetime


class Clock:
    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)

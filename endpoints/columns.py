"""What the lists of models and endpoints may be searched and sorted by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from core.listing import Columns
from endpoints import idle

ENDPOINT_COLUMNS = Columns(
    search=("name", "uid", "aws_name", "instance_type", "model__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "cost": "hourly_cost",
    },
    kept=("verdict",),
)
MODEL_COLUMNS = Columns(
    search=("name", "uid", "aws_name", "job__name", "framework", "image"),
    sorts={"created": "created_at", "name": "name", "status": "status", "size": "size"},
    exact=("status", "origin"),
)

BATCH_COLUMNS = Columns(
    search=("name", "uid", "source_name", "endpoint__name", "model__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows_done"},
    exact=("status", "way"),
    kept=("endpoint", "model"),
)

POLICY_COLUMNS = Columns(
    search=("name",),
    sorts={"created": "created_at", "name": "name", "next": "next_run_at"},
    default="name",
    exact=(),
)


@dataclass(frozen=True)
class Judging:
    """How use is judged: over how many days, of endpoints older than how many; one word alone."""

    days: int = idle.WINDOW_DAYS
    grace: int = idle.GRACE.days
    word: str = ""

    MOST_DAYS = 30  # that are read from CloudWatch
    MOST_GRACE = 365

    @classmethod
    def of(cls, params: Mapping[str, str]) -> Self:
        """From days, grace and verdict of an address; what makes no sense is as if not given."""
        return cls(
            days=_number(params.get("days", ""), 1, cls.MOST_DAYS, cls.days),
            grace=_number(params.get("grace", ""), 0, cls.MOST_GRACE, cls.grace),
            word=params.get("verdict", "") if params.get("verdict") in idle.WORDS else "",
        )

    @property
    def grace_time(self) -> timedelta:
        return timedelta(days=self.grace)

    @property
    def state(self) -> dict[str, list[str]]:
        """What links to other pages of a list keep of it."""
        own = {"days": self.days, "grace": self.grace}
        usual = {"days": type(self).days, "grace": type(self).grace}
        return {name: [str(one)] for name, one in own.items() if one != usual[name]}


def _number(text: str, least: int, most: int, usual: int) -> int:
    return min(max(int(text), least), most) if text.isdecimal() and len(text) < 6 else usual

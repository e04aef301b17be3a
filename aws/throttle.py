"""How fast an account may be asked: token buckets, each kept as one moment (pure arithmetic).

The moment is when the bucket will be full again. It lies in the past for a bucket nobody uses, so a
lost one starts full. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST = 60.0  # seconds


@dataclass(frozen=True)
class Pace:
    per_second: float
    burst: int

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=1 / self.per_second)

    def faster(self, factor: float) -> "Pace":
        return Pace(self.per_second * factor, max(1, int(self.burst * factor)))


# AWS publishes few of these limits and shares them with everybody in the account and region, so
# the console asks for less: others have to get their answers too.
FAMILIES: Mapping[str, Pace] = {
    "sagemaker.list": Pace(2, 30),
    "sagemaker.describe": Pace(6, 40),
    "logs": Pace(6, 40),
    "cloudwatch": Pace(2, 10),
    "sqs": Pace(5, 20),
    "autoscaling": Pace(2, 40),
}


def granted(full_at: datetime, now: datetime, pace: Pace, wanted: int) -> tuple[int, datetime]:
    """How many of `wanted` calls may be made now, and when the bucket is full again after them."""
    begins = max(full_at, now)
    missing = (begins - now) / pace.interval
    count = max(0, min(wanted, int(pace.burst - missing + 1e-6)))
    return count, begins + count * pace.interval


def emptied(now: datetime, pace: Pace, wait: float) -> datetime:
    """When a bucket is full again that gives nothing for `wait` seconds, then one by one."""
    return now + timedelta(seconds=wait) + pace.burst * pace.interval


def backoff(failures: int, chance: float, *, retry_after: float = 0.0) -> float:
    """Seconds to wait after the n-th refusal in a row (from 1): doubling, and never in step.

    `chance` is between 0 and 1. What AWS asks for itself (`retry_after`) is the least.
    """
    most = min(SLOWEST, 2.0 ** min(failures, 10))
    return max(retry_after, most * (0.5 + chance / 2))

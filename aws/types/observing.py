"""Objects, logs, figures and who we are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class LogEvent:
    at: datetime
    message: str


@dataclass(frozen=True)
class LogPage:
    """Hand `next_token` back to read on; it is "" only while nothing was ever logged.

    `is_whole` is False when some instances' streams were left for the next page.
    """

    events: tuple[LogEvent, ...] = ()
    next_token: str = ""
    is_whole: bool = True


@dataclass(frozen=True)
class QueueMessage:
    """`handle` deletes it."""

    body: str
    handle: str


@dataclass(frozen=True)
class MetricQuery:
    """One series: `period` in seconds; `statistic` such as Average, Sum, Maximum, p99."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    period: int
    statistic: str


@dataclass(frozen=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True)
class Identity:
    account_id: str
    arn: str


@dataclass(frozen=True)
class ObjectHead:
    """`size` in bytes; `etag` without its quotes."""

    size: int
    etag: str
    modified: datetime
    content_type: str


@dataclass(frozen=True)
class ObjectSummary:
    key: str
    size: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Part:
    """An uploaded part of a multipart upload; numbers count from 1."""

    number: int
    etag: str
    size: int

"""What endpoints cost: list prices, so approximate, and None wherever a price is not known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from endpoints import idle
from endpoints.models import Endpoint
from jobs.prices import Book

HOURS_A_MONTH = 730
# AWS bills instances while they run, whatever the traffic.
BILLED = frozenset(
    {
        Endpoint.Status.IN_SERVICE,
        Endpoint.Status.UPDATING,
        Endpoint.Status.SYSTEM_UPDATING,
        Endpoint.Status.ROLLING_BACK,
        Endpoint.Status.UPDATE_ROLLBACK_FAILED,
    }
)


@dataclass(frozen=True)
class Burn:
    """US dollars an hour of what runs now; `unpriced` endpoints are not in it."""

    hourly: float
    running: int
    unpriced: int
    basis: Book  # whose prices they are, and of when

    @property
    def monthly(self) -> float:
        return monthly(self.hourly)


def hourly(instance_type: str, instance_count: int, book: Book) -> float | None:
    rate = book.rate(instance_type, "hosting")
    return None if rate is None else rate.usd_per_hour * instance_count


def of_variants(variants: Iterable[Mapping[str, Any]], book: Book) -> float | None:
    """US dollars an hour of all variants; None when one of them has no known price."""
    prices = [_at_rest(one, book) for one in variants]
    known = [price for price in prices if price is not None]
    return sum(known) if known and len(known) == len(prices) else None


def _at_rest(variant: Mapping[str, Any], book: Book) -> float | None:
    if variant.get("kind") == idle.SERVERLESS:
        return 0.0
    return hourly(variant.get("instance_type", ""), variant.get("instance_count") or 0, book)


def monthly(hourly_cost: float) -> float:
    return hourly_cost * HOURS_A_MONTH


def projected(endpoint: Endpoint) -> float | None:
    """US dollars a month at today's price and size; None where no price is known."""
    return None if endpoint.hourly_cost is None else monthly(endpoint.hourly_cost)


def so_far(endpoint: Endpoint, now: datetime) -> float | None:
    """US dollars since AWS created the endpoint, at today's price and size."""
    if endpoint.hourly_cost is None or endpoint.aws_created_at is None:
        return None
    end = endpoint.status_at if endpoint.is_finished else now
    hours = max(end - endpoint.aws_created_at, timedelta(0)) / timedelta(hours=1)
    return endpoint.hourly_cost * hours


def burn(endpoints: Iterable[Endpoint], book: Book) -> Burn:
    costs = [endpoint.hourly_cost for endpoint in endpoints if endpoint.status in BILLED]
    known = [cost for cost in costs if cost is not None]
    return Burn(sum(known), len(costs), len(costs) - len(known), book)

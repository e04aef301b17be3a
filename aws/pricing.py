"""What an instance costs an hour, roughly: list prices of us-east-1 shipped with the code."""

import csv
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SOURCE = "AWS list prices, us-east-1, shipped with mlconsole"
_TABLE = Path(__file__).with_name("instance_prices.csv")


@dataclass(frozen=True)
class Price:
    """US dollars per instance and hour; other regions differ, and discounts are not counted."""

    usd_per_hour: float
    approximate: bool = True
    source: str = SOURCE


def hourly(
    instance_type: str,
    *,
    purpose: Literal["training", "hosting"] = "training",
) -> Price | None:
    """The price of an instance type such as ml.m5.large; None when it is not in the table.

    SageMaker lists one on-demand price per instance type for training and hosting alike.
    """
    row = _table().get(instance_type)
    return Price(usd_per_hour=float(row["usd_per_hour_us_east_1"])) if row else None


@dataclass(frozen=True)
class Size:
    vcpus: int
    gpus: int


def size(instance_type: str) -> Size | None:
    """How large the machine is; None when it is not in the table."""
    row = _table().get(instance_type)
    return Size(int(row["vcpus"]), int(row["gpus"])) if row else None


def known() -> tuple[str, ...]:
    """The instance types that have a price."""
    return tuple(_table())


@functools.cache
def _table() -> dict[str, dict[str, str]]:
    with _TABLE.open(newline="") as file:
        return {row["instance_type"]: row for row in csv.DictReader(file)}

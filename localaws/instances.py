"""The instance types that localaws has a price and a quota for: a table of its own."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).with_name("instances.csv")
REGION = "us-east-1"  # of the prices


@dataclass(frozen=True)
class Instance:
    name: str
    vcpus: str
    memory_gib: str
    gpus: str
    usd_per_hour: str


@functools.cache
def known() -> Mapping[str, Instance]:
    with _TABLE.open(newline="") as file:
        rows = (Instance(*row) for row in list(csv.reader(file))[1:])
        return {row.name: row for row in rows}

"""CloudWatch metrics: raw values in, statistics per period out."""

import json
from datetime import datetime

from localaws.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS metric_values (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
  at REAL NOT NULL, value REAL NOT NULL, weight REAL NOT NULL, unit TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS metric_values_by_time
  ON metric_values (namespace, name, dimensions, at);
"""


def canonical(dimensions: dict[str, str]) -> str:
    """CloudWatch treats every set of dimensions as a metric of its own, whatever their order."""
    return json.dumps(sorted(dimensions.items()))


class Metrics:
    """In-process door for the engine; the operations below are the door for clients."""

    def __init__(self, store: Store) -> None:
        self.store = store
        store.install(SCHEMA)

    def put(  # noqa: PLR0913  a datum has this many parts
        self,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        at: datetime,
        unit: str = "None",
        weight: float = 1.0,
    ) -> None:
        """Store one value, counted `weight` times."""
        with self.store.transaction() as db:
            db.execute(
                "INSERT INTO metric_values (namespace, name, dimensions, at, value, weight, unit)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (namespace, name, canonical(dimensions), at.timestamp(), value, weight, unit),
            )

"""What a list of jobs may be searched, filtered and sorted by, and what it may show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.listing import Columns
from jobs.fields import UNSTORABLE

SORTS = {
    "created": "created_at",
    "name": "name",
    "status": "status",
    "algorithm": "algorithm",
    "metric": "headline_value",
    "duration": "training_seconds",
    "experiment": "experiment__name",
    "dataset": "preparation__dataset__name",
    "instance": "instance_type",
    "owner": "created_by__username",
}
# What a job may be without: such jobs come last, whichever way the list is sorted.
MAY_BE_MISSING = frozenset({"metric", "duration", "experiment", "dataset", "owner"})
VALUES = ("param", "metric")
MOST = 30  # columns at once


@dataclass(frozen=True)
class Column:
    """Something that a list may show of a job; `kind` is param or metric for a value's `name`."""

    key: str
    label: str
    is_number: bool = False
    kind: str = ""
    name: str = ""

    @property
    def sorts(self) -> bool:
        return bool(self.kind) or self.key in SORTS


STANDARD = {
    column.key: column
    for column in (
        Column("status", "Status"),
        Column("algorithm", "Algorithm"),
        Column("metric", "Best metric", is_number=True),
        Column("duration", "Trained for", is_number=True),
        Column("cost", "Cost", is_number=True),
        Column("created", "Created"),
        Column("experiment", "Experiment"),
        Column("dataset", "Dataset"),
        Column("instance", "Instance"),
        Column("owner", "Owner"),
        Column("tags", "Tags"),
    )
}
USUAL = ("status", "algorithm", "metric", "duration", "cost", "created")


def column(key: str) -> Column | None:
    """The column of that key: one of the standard ones, `param.NAME` or `metric.NAME`."""
    kind, dot, name = key.partition(".")
    if UNSTORABLE.search(key):
        return None
    if dot and name and kind in VALUES:
        return Column(key, name[:255], is_number=kind == "metric", kind=kind, name=name[:255])
    return STANDARD.get(key)


def chosen(keys: Iterable[str]) -> list[Column]:
    """The columns of `keys`, in order, each once; the usual ones when there is none among them."""
    found = [column(key) for key in dict.fromkeys(keys)]
    known = [one for one in found if one is not None][:MOST]
    return known or [STANDARD[key] for key in USUAL]


def offered(seen: Mapping[str, Iterable[str]], shown: Iterable[Column]) -> dict[str, list[Column]]:
    """What may be chosen, by heading: the standard ones, and the values that jobs here have."""
    keys = {one.key: one for one in shown}
    found = {"": list(STANDARD.values())}
    for kind in VALUES:
        names = {*seen.get(kind, ()), *(one.name for one in keys.values() if one.kind == kind)}
        columns = [column(f"{kind}.{name}") for name in sorted(names)]
        found[kind] = [one for one in columns if one is not None]
    return found


TUNING_COLUMNS = Columns(
    search=(
        *("name", "uid", "aws_name", "algorithm", "objective"),
        *("preparation__dataset__name", "experiment__name"),
    ),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "algorithm": "algorithm",
        "value": "best_value",
    },
    exact=("status", "algorithm", "strategy"),
)

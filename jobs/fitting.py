"""Which algorithms can learn from prepared data, and why the others cannot. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.catalogue.definition import Algorithm

KINDS = {
    "binary": "two classes",
    "multiclass": "several classes",
    "regression": "numbers",
    "clustering": "rows without a target",
}


@dataclass(frozen=True)
class Offer:
    """An algorithm for some data; `why_not` is "" when it fits."""

    entry: Algorithm
    why_not: str


def offers(entries: Iterable[Algorithm], task: str, content_type: str) -> list[Offer]:
    """Those that fit first, else in the order given."""
    found = [Offer(entry, why_not(entry, task, content_type)) for entry in entries]
    return sorted(found, key=lambda offer: bool(offer.why_not))


def why_not(entry: Algorithm, task: str, content_type: str) -> str:
    """Why `entry` cannot learn from rows of `content_type`; "" when it can, or nothing is known."""
    return task_problem(entry, task) or format_problem(entry, content_type)


def task_problem(entry: Algorithm, task: str) -> str:
    if not task or task in entry.tasks:
        return ""
    if task == "clustering":
        return f"{entry.title} needs a target to predict; this was prepared without one."
    if entry.tasks == ("clustering",):
        return f"{entry.title} learns without a target; prepare the data for it."
    learns = " or ".join(KINDS.get(one, one) for one in entry.tasks)
    return f"{entry.title} predicts {learns}, not {KINDS.get(task, task)}."


def format_problem(entry: Algorithm, content_type: str) -> str:
    if not content_type or content_type in entry.content_types:
        return ""
    return f"This preparation's format ({content_type}) is not one {entry.title} reads."

"""Warm start: which finished tuning jobs a new one may learn from.

Limits: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from core.models import Workspace
from jobs.catalogue.definition import Errors
from jobs.models import TuningJob

KINDS = {
    "IdenticalDataAndAlgorithm": "On the same data: go on where they ended",
    "TransferLearning": "On other data: try first what worked there",
}
MOST = 5


@dataclass(frozen=True, kw_only=True)
class Heir:
    """The new tuning job, as far as its parents must be like it."""

    workspace: Workspace
    algorithm: str
    preparation: int
    objective: str
    hyperparameters: int  # those that stay the same and those that vary


def offered(workspace: Workspace, algorithm: str) -> QuerySet[TuningJob]:
    """Finished tuning jobs of the algorithm, the newest first."""
    rows = TuningJob.objects.present().of(workspace).exclude(aws_name="")
    ended = rows.filter(algorithm=algorithm, status__in=("Completed", "Stopped"))
    return ended.select_related("preparation__dataset").order_by("-created_at")


def of(row: TuningJob) -> list[TuningJob]:
    """Those that it learned from, as far as they are known here."""
    names = row.warm_start.get("parents", ())
    return list(TuningJob.objects.of(row.workspace).filter(aws_name__in=names)) if names else []


def chosen(wish: Mapping[str, Any], heir: Heir) -> tuple[dict[str, Any], Errors]:
    """`wish` is {kind, parents: uids}, or empty. The same with AWS names, and what AWS refuses."""
    wanted = [str(uid) for uid in wish.get("parents", ())]
    if not wish:
        return {}, {}
    if wish.get("kind") not in KINDS:
        return {}, {"warm_start": [f"The kind is {' or '.join(KINDS)}."]}
    found = {row.uid: row for row in offered(heir.workspace, heir.algorithm).filter(uid__in=wanted)}
    if not wanted or len(wanted) > MOST or set(wanted) != set(found):
        message = "Choose one to five finished tuning jobs of the same algorithm."
        return {}, {"warm_start": [message]}
    rows = [found[uid] for uid in wanted]
    trouble = [text for row in rows for text in _misfits(row, str(wish["kind"]), heir)]
    stored = {"kind": wish["kind"], "parents": [row.aws_name for row in rows]}
    return stored, {"warm_start": trouble} if trouble else {}


def _misfits(row: TuningJob, kind: str, heir: Heir) -> list[str]:
    found: list[str] = []
    if row.objective != heir.objective:
        found.append(f"{row.name} searched by {row.objective}; AWS wants the same objective.")
    if kind == "IdenticalDataAndAlgorithm" and row.preparation_id not in {None, heir.preparation}:
        found.append(f"{row.name} was tuned on other data.")
    # AWS adds some of its own, such as _tuning_objective_metric.
    count = len(row.ranges) + sum(not name.startswith("_") for name in row.hyperparameters)
    if count != heir.hyperparameters:
        found.append(
            f"{row.name} has {count} hyperparameters in all, this one {heir.hyperparameters};"
            " AWS wants as many."
        )
    return found

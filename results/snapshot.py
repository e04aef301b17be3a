"""The copy that a share link shows: numbers and class names, no other object's identity."""

from datetime import datetime
from typing import Any

from results import blocks, known, reports
from results.blocks import Block
from results.models import Evaluation, Report

ALGORITHMS = {"xgboost": "XGBoost"}
VERSION = 2
# They name columns of the data: who wants slices seen puts them into a report.
PRIVATE = ("slices", known.COLUMN)
Snapshot = dict[str, Any]


def of_evaluation(evaluation: Evaluation, *, now: datetime) -> Snapshot:
    """Everything the shared page needs, so that it outlives endpoint, job and data."""
    algorithm = evaluation.preparation.algorithm
    result = {"task": evaluation.preparation.task, "rows": evaluation.rows} | evaluation.result
    outcome = {name: value for name, value in evaluation.outcome.items() if name not in PRIVATE}
    return _begun("evaluation", now) | {
        "algorithm": ALGORITHMS.get(algorithm, algorithm),
        "split": evaluation.split,
        **result,
        "outcome": outcome,
    }


def of_figure(evaluation: Evaluation, figure: str, *, now: datetime) -> Snapshot:
    """One figure of the result, as a block: its name is `matrix` or a curve's."""
    block: Block = {"id": "figure", "heading": "", "evaluation": evaluation.uid}
    more = {"kind": "matrix", "view": "counts"}
    if figure != "matrix":
        more = {"kind": "curve", "figure": figure}
    found = blocks.taken(block | more, {evaluation.uid: evaluation.result})
    return _begun("figure", now) | {"blocks": [found]}


def of_report(report: Report, *, now: datetime) -> Snapshot:
    """What its blocks show: as they were frozen, or as they are now."""
    return _begun("report", report.frozen_at or now) | {"blocks": reports.shown(report)}


def _begun(kind: str, now: datetime) -> Snapshot:
    return {"version": VERSION, "kind": kind, "taken_at": now.isoformat(timespec="seconds")}

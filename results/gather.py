"""What blocks show beyond the rows of the database: pictures of a cell, whether models differ.

Read from S3 once, after a report is saved, and kept in its blocks: the rows of a finished
evaluation never change, and neither readers nor links wait for S3.
"""

from collections.abc import Mapping
from typing import Any

from core.errors import UserError
from results import compare, reports, rows
from results.errors import NotKept
from results.models import Evaluation, Report

Fetched = dict[str, Any]


def gather(report: Report) -> None:
    """Fetch what is missing; what cannot be fetched is told in its block. Repeatable.

    Nothing is written when somebody saved the report meanwhile: their save gathers anew.
    """
    missing = [block for block in report.blocks if reports.lacks(block)]
    if report.frozen_at or not missing:
        return
    uids = sorted({uid for block in missing for uid in reports.names_of(block)})
    found = reports.evaluations_of(report.workspace_id, uids)
    for block in missing:
        block.update(_fetched(block, found))
    same = Report.objects.filter(pk=report.pk, revision=report.revision, frozen_at=None)
    same.update(blocks=report.blocks)


def _fetched(block: Mapping[str, Any], found: Mapping[str, Evaluation]) -> Fetched:
    try:
        if block["kind"] == "images":
            evaluation = found.get(block["evaluation"])
            return {"pictures": _pictures(evaluation, block)} if evaluation else {}
        return {"sentences": _differences(block, found)}
    except UserError as error:
        return {"untold": f"{error.message} Save again to try once more."}


def _pictures(evaluation: Evaluation, block: Mapping[str, Any]) -> list[Fetched]:
    """Of up to `rows.PER_PAGE` rows of the cell; a row without pixels has none."""
    cell = rows.Wanted(actual=block["actual"], predicted=block["predicted"])
    found = rows.page(evaluation, cell)
    if found.problem:
        raise NotKept(found.problem)
    return [
        {"src": row.picture, "alt": f"Really {row.actual}, taken for {row.predicted}"}
        for row in found.rows
        if row.picture
    ]


def _differences(block: Mapping[str, Any], found: Mapping[str, Evaluation]) -> list[str]:
    """Whether each of the others really differs from the first one, under the readers' names."""
    named = [
        (name, found[uid])
        for uid, name in zip(block["evaluations"], block["names"], strict=True)
        if uid in found
    ]
    told = list[str]()
    if len({row.result["task"] for _, row in named}) > 1:
        return told
    for name, other in named[1:]:
        first_name, first = named[0]
        told += compare.pair(first, other, (first_name, name)).sentences
    return told

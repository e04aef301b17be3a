"""A comparison outside its page: as CSV, and as JSON for the API."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from core.cells import inert
from results import compared
from results.compare import Comparison, Pair


def as_csv(found: Comparison) -> str:
    """A line for each metric; for each evaluation its value, then those that are compared with
    the first one: difference, interval and p. Numbers as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [inert(row.name) for row in found.evaluations]
    heads = [names[0]]
    for name in names[1:]:
        heads += [name, "difference", "low", "high", "p"]
    writer.writerow(["metric", *heads])
    for row in found.rows:
        cells: list[Any] = [row.name, _cell(row.cells[0].value)]
        for cell in row.cells[1:]:
            test = cell.verdict
            tested = (test.low, test.high, test.p) if test else (None, None, None)
            cells += [_cell(cell.value), _cell(cell.difference), *map(_cell, tested)]
        writer.writerow(cells)
    return out.getvalue()


def line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def _cell(value: float | None) -> object:
    return "" if value is None else value


def as_json(found: Comparison) -> dict[str, Any]:
    """The numbers of the page; `values` stand in the order of `evaluations`."""
    return {
        "task": found.results[0]["task"],
        "evaluations": [
            {"id": row.uid, "name": row.name, "letter": letter}
            for row, letter in zip(found.evaluations, found.letters, strict=True)
        ],
        "metrics": [
            {
                "name": row.name,
                "label": row.label,
                "values": [cell.value for cell in row.cells],
                "best": [place for place, cell in enumerate(row.cells) if cell.is_best],
            }
            for row in found.rows
        ],
        "pairs": [_pair(one) for one in found.pairs],
    }


def _pair(one: Pair) -> dict[str, Any]:
    changed = compared.difference(one.first.result, one.second.result)
    return {
        "first": one.first.uid,
        "second": one.second.uid,
        "same_rows": one.is_paired,
        "note": one.note,
        "tests": [
            {
                "metric": test.metric,
                "difference": test.difference,
                "low": test.low,
                "high": test.high,
                "p": test.p,
                "method": test.method,
                "is_clear": test.is_clear,
            }
            for test in one.verdicts.values()
        ],
        "sentences": one.sentences,
        "matrix_unit": changed.unit if changed else None,
        "matrix_labels": changed.labels if changed else [],
        "matrix": [[cell.value for cell in row] for _, row in changed.rows] if changed else [],
    }

"""A result as JSON and as CSV."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.cells import inert
from results import scores
from results.exports.grid import counts_of

Result = Mapping[str, Any]
VERSION = 1


def as_json(result: Result, *, title: str) -> bytes:
    """The mapping as it is kept, under `title`."""
    known = {"version": VERSION, **result, "title": title}
    return json.dumps(known, ensure_ascii=False, indent=1, allow_nan=False).encode()


def as_csv(result: Result, *, title: str) -> bytes:
    """Parts one below the other with an empty line between: numbers as they are kept."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for place, part in enumerate((_metrics(result, title), _confusion(result), _classes(result))):
        lines = list(part)
        if place and lines:
            writer.writerow([])
        writer.writerows([inert(str(cell)) for cell in line] for line in lines)
    return out.getvalue().encode()


def _metrics(result: Result, title: str) -> Iterator[list[object]]:
    outcome = result.get("outcome") or {}
    intervals, baseline = outcome.get("intervals") or {}, outcome.get("baseline") or {}
    yield ["result", title]
    yield ["rows", result.get("rows") or ""]
    yield []
    yield ["metric", "value", "low", "high", "constant guess"]
    for name, value in sorted(result["metrics"].items()):
        low, high = intervals.get(name) or ("", "")
        guess = baseline.get(name, result["metrics"].get(f"baseline_{name}", ""))
        yield [name, _cell(value), low, high, _cell(guess)]


def _confusion(result: Result) -> Iterator[list[object]]:
    if not result["confusion"]:
        return
    yield ["really is, says", *result["labels"]]
    for label, counts in zip(result["labels"], counts_of(result), strict=True):
        yield [label, *counts]


def _classes(result: Result) -> Iterator[list[object]]:
    if not result["confusion"]:
        return
    yield ["class", "precision", "recall", "f1", "there are", "it says"]
    found = scores.per_class(counts_of(result))
    for label, one in zip(result["labels"], found, strict=True):
        yield [label, one.precision, one.recall, one.f1, one.support, one.guessed]


def _cell(value: float | None) -> object:
    return "" if value is None else value

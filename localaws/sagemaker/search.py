"""Search over jobs, endpoints and models.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localaws.app import App
from localaws.engine import progress
from localaws.engine.tuning import trials
from localaws.errors import validation
from localaws.sagemaker import (
    endpoints,
    listing,
    matching,
    models,
    records,
    tags,
    training_jobs,
    tuning_jobs,
)
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]


@dataclass(frozen=True)
class Searchable:
    kind: str
    describe: Callable[[App, Record], Members]


def _training_job(app: App, record: Record) -> Members:
    del app
    return training_jobs.described(record)


def _endpoint(app: App, record: Record) -> Members:
    del app
    return endpoints.described(record)


def _model(app: App, record: Record) -> Members:
    del app
    return models.described(record)


_RESOURCES = {
    "TrainingJob": Searchable(progress.KIND, _training_job),
    "Endpoint": Searchable(endpoints.KIND, _endpoint),
    "Model": Searchable(models.KIND, _model),
    "HyperParameterTuningJob": Searchable(trials.KIND, tuning_jobs.described),
}


@operation("sagemaker", "Search")
def search(app: App, request: Members) -> Members:
    """Newest change first unless SortBy and SortOrder say otherwise."""
    resource = request["Resource"]
    if resource not in _RESOURCES:
        known = ", ".join(_RESOURCES)
        raise validation(f"localaws searches {known}, not {resource}.")
    expression = request.get("SearchExpression", {})
    matches = matching.expression(expression)
    found = [item for item in _documents(app, _RESOURCES[resource]) if matches(item)]
    path = request.get("SortBy", "LastModifiedTime")
    ordered = sorted(found, key=lambda item: _rank(item, path), reverse=_descending(request))
    shown, token = listing.slice_of(ordered, request)
    return {
        "Results": [{resource: _wrapped(resource, item)} for item in shown],
        "TotalHits": {"Value": len(found), "Relation": "EqualTo"},
        **token,
    }


def _documents(app: App, resource: Searchable) -> list[Members]:
    rows = app.store.connection().execute(
        "SELECT * FROM sagemaker_resources WHERE kind = ? ORDER BY name", (resource.kind,)
    )
    found = [records.from_row(row) for row in rows.fetchall()]
    return [
        {"CreationTime": record.created, "LastModifiedTime": record.modified}
        | resource.describe(app, record)
        | {"Tags": tags.of(app, record.arn)}
        for record in found
    ]


def _descending(request: Members) -> bool:
    return bool(request.get("SortOrder", "Descending") == "Descending")


def _rank(item: Members, path: str) -> tuple[int, float, str]:
    """Numbers before texts; what lacks the property counts as smallest."""
    value = next(iter(matching.values(item, path)), None)
    if isinstance(value, datetime):
        return 1, value.timestamp(), ""
    if isinstance(value, int | float):
        return 1, float(value), ""
    number = matching.number(value)
    if number is not None:
        return 1, number, ""
    return (0, 0.0, "") if value is None else (2, 0.0, str(value))


def _wrapped(resource: str, item: Members) -> Members:
    """A model comes inside its dashboard entry."""
    return {"Model": item} if resource == "Model" else item

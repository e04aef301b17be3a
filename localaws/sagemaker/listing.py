"""The List operations: filters, then order, then pages."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any, TypeVar

from localaws.app import App
from localaws.errors import validation
from localaws.sagemaker.records import Record, from_row

Listed = TypeVar("Listed")

_COLUMNS = {"Name": "name", "CreationTime": "created", "Status": "status"}
_FILTERS = {
    "StatusEquals": "status = ?",
    "NameContains": "instr(name, ?) > 0",
    "CreationTimeAfter": "created >= ?",
    "CreationTimeBefore": "created <= ?",
    "LastModifiedTimeAfter": "modified >= ?",
    "LastModifiedTimeBefore": "modified <= ?",
}


def page(
    app: App, kind: str, request: dict[str, Any], *, order: str, by: str = "CreationTime"
) -> tuple[list[Record], dict[str, str]]:
    """One page of records and `{"NextToken": …}` when more follow.

    `order` and `by` are the operation's default SortOrder and SortBy; MaxResults defaults to 10.
    The token holds the last record's place, so records that come and go move nothing else.
    Raises AwsError for a token that no page gave.
    """
    column = _COLUMNS[request.get("SortBy", by)]
    ascending = request.get("SortOrder", order) == "Ascending"
    where, values = _filters(kind, request)
    if "NextToken" in request:
        where.append(f"({column}, name) {'>' if ascending else '<'} (?, ?)")
        values += _place(request["NextToken"])
    size = request.get("MaxResults", 10)
    direction = "ASC" if ascending else "DESC"
    rows = (
        app.store.connection()
        .execute(
            f"SELECT * FROM sagemaker_resources WHERE {' AND '.join(where)}"  # noqa: S608  our own words
            f" ORDER BY {column} {direction}, name {direction} LIMIT ?",
            (*values, size + 1),
        )
        .fetchall()
    )
    records = [from_row(row) for row in rows[:size]]
    if len(rows) <= size:
        return records, {}
    return records, {"NextToken": _token(rows[size - 1][column], rows[size - 1]["name"])}


def _filters(kind: str, request: dict[str, Any]) -> tuple[list[str], list[object]]:
    given = {name: request[name] for name in _FILTERS if name in request}
    values = [
        value.timestamp() if isinstance(value, datetime) else value for value in given.values()
    ]
    return ["kind = ?", *(_FILTERS[name] for name in given)], [kind, *values]


def _token(value: object, name: str) -> str:
    return urlsafe_b64encode(json.dumps([value, name]).encode()).decode()


def _place(token: str) -> list[object]:
    try:
        place = json.loads(urlsafe_b64decode(token))
    except ValueError:
        place = None
    if not isinstance(place, list) or len(place) != 2:
        raise validation("Invalid pagination token.")
    return place


def slice_of(
    found: list[Listed], request: dict[str, Any], size: int = 10
) -> tuple[list[Listed], dict[str, str]]:
    """One page of what is in order already, and `{"NextToken": …}` when more follow.

    Raises AwsError for a token that no page gave.
    """
    start = 0
    if "NextToken" in request:
        place, _ = _place(request["NextToken"])
        if not isinstance(place, int) or place < 0:
            raise validation("Invalid pagination token.")
        start = place
    end = start + request.get("MaxResults", size)
    return found[start:end], {"NextToken": _token(end, "")} if len(found) > end else {}

"""Inference components: what shares an endpoint's instances, into its row.

One List of the account a look, while any endpoint runs components, and a Describe of what changed.
Where they cannot be read the row says that it knows none, and the verdict is unknown.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from aws import sagemaker, scaling
from aws.clients import Account
from aws.errors import AwsError, Denied, NotFound
from aws.types import InferenceComponentSummary
from core import live
from core.models import Workspace
from endpoints import idle
from endpoints.models import Endpoint
from jobs import cursors
from jobs.cursors import Pass

CALLS, PAGES, DESCRIBES = 16, 5, 8
REST = timedelta(seconds=20)


def look(workspace: Workspace, now: datetime) -> None:
    """Bring the rows up to date; one look at a time. Trouble is noted for the pages, not raised."""
    cursors.look(workspace, "components", CALLS, _work, now=now)


def names_at_aws(account: Account, endpoint: str) -> set[str]:
    """Those of an endpoint at this moment; AwsError."""
    pages = sagemaker.component_pages(account, endpoint)
    return {one.name for page, _ in pages for one in page}


def unscale(account: Account, name: str) -> None:
    """End what scales the component's copies, if anything does and we may."""
    with contextlib.suppress(NotFound, Denied):
        scaling.deregister(account, f"inference-component/{name}", dimension=scaling.COPIES)


def _work(one: Pass, name: str) -> bool:
    if (rest := cursors.get(f"rest:{name}")) and rest > one.now:
        return False
    rows = [row for row in _rows(one.workspace) if row.kind == idle.COMPONENTS]
    cursors.put(f"rest:{name}", one.now + REST)
    if not rows:
        return True
    try:
        found = _listed(one)
    except AwsError as error:
        if not error.retryable:
            for row in rows:
                _write(row, [])
        raise
    if found is None:
        return False
    for row in rows:
        _write(row, [_entry(one, row, each) for each in found if each.endpoint == row.aws_name])
    return True


def _rows(workspace: Workspace) -> list[Endpoint]:
    """Not those being deleted: what was there when that was decided stays written down."""
    rows = Endpoint.objects.active().of(workspace).filter(delete_requested_at=None)
    return list(rows.only("uid", "workspace", "status", "aws_name", "variants", "components"))


def _listed(one: Pass) -> list[InferenceComponentSummary] | None:
    """None when the list was not read to its end: what is missing must not look like idleness."""
    pages = sagemaker.component_pages(one.account)
    found: list[InferenceComponentSummary] = []
    for _ in range(PAGES):
        if not one.may_ask("sagemaker.list"):
            return None
        page, more = next(pages, ([], False))
        found += page
        if not more:
            return found
    return None


def _entry(one: Pass, row: Endpoint, seen: InferenceComponentSummary) -> dict[str, Any]:
    known: dict[str, Any] = next((old for old in row.components if old["name"] == seen.name), {})
    entry = {"model": "", "copies": None} | known
    entry |= {"name": seen.name, "variant": seen.variant, "status": seen.status}
    if known.get("modified") != seen.modified.isoformat() and one.may_ask("sagemaker.describe"):
        try:
            told = sagemaker.describe_component(one.account, seen.name)
        except NotFound:
            return entry
        entry |= {"model": told.model, "copies": told.copies}
        entry["modified"] = seen.modified.isoformat()
    return entry


def _write(row: Endpoint, found: list[dict[str, Any]]) -> None:
    if found != row.components:
        Endpoint.objects.filter(pk=row.pk, delete_requested_at=None).update(components=found)
        live.publish(row)

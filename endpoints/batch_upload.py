"""A file for a batch on its way to S3, and what becomes of the files of batches that are deleted.

An upload has a row from its first bytes, hidden until somebody asks about it: what is cut off or
never asked about is found again by the sweep.
"""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from aws import errors as aws
from aws import s3
from core import audit, states
from core.access import Actor
from core.errors import Conflict, InvalidFields
from core.models import Role
from endpoints import batch_run, receipt
from endpoints.models import BatchPrediction
from endpoints.receipt import PATIENCE, Place, Receipt

Status = BatchPrediction.Status


class BatchReceipt(Receipt[BatchPrediction]):
    """The rows of a batch."""

    MOST_BYTES = 5 * 2**30
    OTHERWISE = "Divide it, or make a dataset of it."
    CONTENT_TYPE = "application/octet-stream"

    def __init__(self, who: Actor, filename: str) -> None:
        last = filename.replace("\\", "/").rsplit("/", 1)[-1]
        plain = "".join(sign for sign in last if sign.isprintable()).strip()
        draft = BatchPrediction(
            workspace=who.workspace,
            created_by=who.user,
            name=plain[:120] or "file",
            source_name=plain[:255] or "file",
            status=Status.REQUESTED,
            way=BatchPrediction.Way.ENDPOINT,
            deleted_at=timezone.now(),
        )
        super().__init__(draft)

    def place(self) -> Place:
        return place_of(self.draft)

    def stored(self) -> dict[str, Any]:
        return {"source": key_of(self.draft)}


def drop(draft: BatchPrediction, now: datetime) -> None:
    """Leave nothing of a draft; what S3 cannot be told now the sweep tells later."""
    receipt.drop(draft, place_of(draft), now)


def place_of(batch: BatchPrediction) -> Place:
    return Place(batch.workspace.account, batch.workspace.bucket, key_of(batch))


def key_of(batch: BatchPrediction) -> str:
    return f"{batch_run.prefix(batch)}input"


def drafts() -> QuerySet[BatchPrediction]:
    return BatchPrediction.objects.filter(status=Status.REQUESTED, deleted_at__isnull=False)


def draft_of(who: Actor, uid: str) -> BatchPrediction:
    """The stored file of `who`, also when it has its batch; InvalidFields once it was given up."""
    rows = BatchPrediction.objects.filter(workspace=who.workspace, created_by=who.user, uid=uid)
    draft = rows.exclude(source="").select_related("workspace").first()
    if draft is None:
        raise InvalidFields({"file": ["The uploaded file is no longer kept. Choose it again."]})
    return draft


def delete(who: Actor, batch: BatchPrediction) -> None:
    """Take a finished batch away, and its files soon after.

    Conflict while it runs, and for one whose predictions an evaluation needs.
    """
    who.need(Role.MEMBER)
    if not batch.is_listed:
        raise Conflict(f"An evaluation needs the predictions of {batch.name}.")
    if not batch.is_finished:
        raise Conflict(f"{batch.name} is {batch.status}.", "Stop it first.")
    now = timezone.now()
    rows = BatchPrediction.objects.filter(pk=batch.pk, deleted_at=None)
    if rows.update(deleted_at=now, next_check_at=now):
        audit.note(who, "batch.delete", batch)


def sweep(now: datetime) -> None:
    """Drop uploads that were cut off or never asked about, and the files of deleted batches."""
    for draft in drafts().filter(next_check_at__lte=now).select_related("workspace")[:20]:
        if states.claim(draft, now=now, lease=PATIENCE):
            drop(draft, now)
    gone = BatchPrediction.objects.filter(deleted_at__isnull=False, status__in=_over())
    gone = gone.exclude(source="", output="", done_parts=[]).filter(next_check_at__lte=now)
    for batch in gone.select_related("workspace")[:20]:
        if states.claim(batch, now=now, lease=PATIENCE):
            _forget(batch, now)


def _over() -> list[str]:
    return sorted(BatchPrediction.TERMINAL)


def _forget(batch: BatchPrediction, now: datetime) -> None:
    try:
        s3.delete_prefix(batch.workspace.account, batch.workspace.bucket, batch_run.prefix(batch))
    except aws.AwsError:
        states.postpone(batch, now=now)
    else:
        BatchPrediction.objects.filter(pk=batch.pk).update(source="", output="", done_parts=[])

"""A file for a batch on its way to S3, and what becomes of the files of batches that are deleted.

An upload has a row from its first bytes, hidden until somebody asks about it: what is cut off or
never asked about is found again by the sweep.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from aws import errors as aws
from aws import s3
from core import audit, buckets, states
from core.access import Actor
from core.errors import Conflict, InvalidFields, TooLarge, Unavailable
from core.models import Role
from datasets import parts
from endpoints import batch_run
from endpoints.models import BatchPrediction

MOST_BYTES = 5 * 2**30
PATIENCE = timedelta(minutes=10)  # without a new part an upload counts as cut off
KEPT_FOR = timedelta(hours=1)  # so long a stored file waits for its batch
Status = BatchPrediction.Status


class Receipt:
    """One file on its way to S3: `write` chunks, then `store`, or `discard`.

    TooLarge, InvalidFields for an empty one, Unavailable when S3 fails; nothing is left then.
    """

    def __init__(self, who: Actor, filename: str) -> None:
        last = filename.replace("\\", "/").rsplit("/", 1)[-1]
        plain = "".join(sign for sign in last if sign.isprintable()).strip()
        self.draft = BatchPrediction(
            workspace=who.workspace,
            created_by=who.user,
            name=plain[:120] or "file",
            source_name=plain[:255] or "file",
            status=Status.REQUESTED,
            way=BatchPrediction.Way.ENDPOINT,
            deleted_at=timezone.now(),
        )
        self._writer: parts.PartWriter | None = None
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            self.discard()
            text = f"The file is larger than {MOST_BYTES // 2**30} GB."
            raise TooLarge(text, "Divide it, or make a dataset of it.", field="file")
        try:
            (self._writer or self._begin()).write(data)
        except aws.AwsError as error:
            raise self._failed(error) from error

    def store(self) -> BatchPrediction:
        """Finish the object; the hidden row, which waits for its batch."""
        if self._writer is None:
            raise InvalidFields({"file": ["The file is empty."]})
        try:
            self._writer.close()
        except aws.AwsError as error:
            raise self._failed(error) from error
        later = timezone.now() + KEPT_FOR
        states.record(self.draft, source=key_of(self.draft), next_check_at=later)
        return self.draft

    def discard(self) -> None:
        if self.draft.pk:
            drop(self.draft, timezone.now())

    def _begin(self) -> parts.PartWriter:
        workspace = self.draft.workspace
        buckets.ensure(workspace)
        self.draft.next_check_at = timezone.now() + PATIENCE
        self.draft.save()
        self._writer = parts.PartWriter(
            workspace.account,
            workspace.bucket,
            key_of(self.draft),
            content_type="application/octet-stream",
            on_part=self._alive,
        )
        return self._writer

    def _alive(self, _sent: int) -> None:
        later = timezone.now() + PATIENCE
        drafts().filter(pk=self.draft.pk).update(next_check_at=later)

    def _failed(self, error: aws.AwsError) -> Unavailable:
        self.discard()
        hint = f"S3 says: {error.message} Try again in a moment."
        return Unavailable("The file could not be stored; nothing was kept.", hint, field="file")


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


def drop(draft: BatchPrediction, now: datetime) -> None:
    """Leave nothing of a draft; what S3 cannot be told now the sweep tells later."""
    if not drafts().filter(pk=draft.pk).exists():
        return
    workspace, key = draft.workspace, key_of(draft)
    place = (workspace.account, workspace.bucket, key)
    try:
        for upload_id in s3.list_multipart_uploads(*place).values():
            parts.abort(*place, upload_id)
        s3.delete_object(*place)
    except aws.AwsError:
        states.postpone(draft, now=now)
    else:
        drafts().filter(pk=draft.pk).delete()

"""A file on its way to S3: hidden behind its row until somebody asks about it.

The row stands from the first bytes on, so what is cut off or never asked about is found again.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from aws import errors as aws
from aws import s3
from aws.clients import Account
from core import buckets, states
from core.errors import InvalidFields, TooLarge, Unavailable
from datasets import parts
from endpoints.models import BatchPrediction, RegisteredModel

PATIENCE = timedelta(minutes=10)  # without a new part an upload counts as cut off
KEPT_FOR = timedelta(hours=1)  # so long a stored file waits for a form without mistakes
DraftT = TypeVar("DraftT", BatchPrediction, RegisteredModel)


class Place(NamedTuple):
    account: Account
    bucket: str
    key: str


class Receipt(ABC, Generic[DraftT]):
    """One file: `write` chunks, then `store`, or `discard`.

    InvalidFields for an empty one and what `check` refuses, TooLarge, Unavailable when S3 fails;
    nothing is left then.
    """

    MOST_BYTES: ClassVar[int]
    OTHERWISE: ClassVar[str]  # what to do with a larger one
    CONTENT_TYPE: ClassVar[str]

    def __init__(self, draft: DraftT) -> None:
        self.draft: DraftT = draft
        self.size = 0
        self._writer: parts.PartWriter | None = None

    @abstractmethod
    def place(self) -> Place: ...

    @abstractmethod
    def stored(self) -> dict[str, Any]:
        """What the row says of the whole file."""

    def check(self, head: bytes) -> None:
        """Raise InvalidFields for a file that cannot begin with `head`."""

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self.MOST_BYTES:
            self.discard()
            text = f"The file is larger than {self.MOST_BYTES // 2**30} GB."
            raise TooLarge(text, self.OTHERWISE, field="file")
        try:
            (self._writer or self._begin(data)).write(data)
        except aws.AwsError as error:
            raise self._failed(error) from error

    def store(self) -> DraftT:
        """Finish the object; the hidden row, which waits for its form."""
        if self._writer is None:
            raise InvalidFields({"file": ["The file is empty."]})
        try:
            self._writer.close()
        except aws.AwsError as error:
            raise self._failed(error) from error
        later = timezone.now() + KEPT_FOR
        states.record(self.draft, next_check_at=later, **self.stored())
        return self.draft

    def discard(self) -> None:
        if self.draft.pk:
            drop(self.draft, self.place(), timezone.now())

    def _begin(self, head: bytes) -> parts.PartWriter:
        self.check(head)
        buckets.ensure(self.draft.workspace)
        self.draft.next_check_at = timezone.now() + PATIENCE
        self.draft.save()
        self._writer = parts.PartWriter(
            *self.place(), content_type=self.CONTENT_TYPE, on_part=self._alive
        )
        return self._writer

    def _alive(self, _sent: int) -> None:
        later = timezone.now() + PATIENCE
        _hidden(self.draft).update(next_check_at=later)

    def _failed(self, error: aws.AwsError) -> Unavailable:
        self.discard()
        hint = f"S3 says: {error.message} Try again in a moment."
        return Unavailable("The file could not be stored; nothing was kept.", hint, field="file")


def drop(draft: BatchPrediction | RegisteredModel, place: Place, now: datetime) -> None:
    """Leave nothing of a draft; what S3 cannot be told now a sweep tells later."""
    if not _hidden(draft).exists():
        return
    try:
        for upload_id in s3.list_multipart_uploads(*place).values():
            parts.abort(*place, upload_id)
        s3.delete_object(*place)
    except aws.AwsError:
        states.postpone(draft, now=now)
    else:
        _hidden(draft).delete()


def _hidden(draft: BatchPrediction | RegisteredModel) -> QuerySet[Any]:
    rows: QuerySet[Any] = type(draft)._default_manager.filter(pk=draft.pk)
    return rows.filter(status=type(draft).Status.REQUESTED, deleted_at__isnull=False)

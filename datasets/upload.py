"""Receiving a file: bytes go to S3 as they come, the row tells the truth at every moment."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.utils import timezone

import aws.errors
import aws.s3
from core import audit, buckets, idempotency, states
from core.access import Actor
from core.errors import TooLarge
from core.models import Role, Workspace
from datasets import parts, versions
from datasets.errors import BadFile, StorageUnavailable
from datasets.formats import detect, sniff
from datasets.models import Dataset

PATIENCE = timedelta(minutes=10)  # without a new part an upload counts as cut off


def prefix(dataset: Dataset) -> str:
    """Under this prefix lies all that belongs to the dataset: made of its uid alone."""
    return f"datasets/{dataset.uid}/"


def plain_name(filename: str) -> str:
    """The last component of whatever a browser calls a path, printable and short."""
    last = PurePosixPath(filename.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable()).strip()[:255] or "table.csv"


def describe(dataset: Dataset, dialect: sniff.Dialect) -> None:
    """Write on the row how its file is to be read; `reading.dialect_of` is the way back."""
    dataset.format, dataset.compression = dialect.format, dialect.compression
    dataset.encoding, dataset.has_header = dialect.encoding, dialect.header
    dataset.delimiter, dataset.quote = dialect.delimiter, dialect.quote


class Receipt:
    """One file on its way to S3: `write` chunks, then `store` and `keep`, or `discard`.

    The first bytes are inspected before anything is sent, so most unusable files are refused at
    once (BadFile). StorageUnavailable when S3 fails. After either, nothing is left.
    """

    def __init__(self, workspace: Workspace, who: Actor | None, filename: str) -> None:
        name = plain_name(filename)
        self.dataset = Dataset(
            workspace=workspace,
            created_by=who.user if who else None,
            name=name[:120],
            filename=name,
            status=Dataset.Status.UPLOADING,
        )
        self.dataset.key = f"{prefix(self.dataset)}original"
        self._who = who
        self._head = bytearray()
        self._writer: parts.PartWriter | None = None
        self._digest = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > parts.MOST_BYTES:
            self.discard()
            raise TooLarge(f"The file is larger than {parts.MOST_BYTES // 2**30} GB.", field="file")
        self._digest.update(data)
        if self._writer is None:
            self._head += data
            if len(self._head) >= sniff.HEAD_BYTES:
                self._begin(complete=False)
        else:
            self._send(self._writer, data)

    def store(self) -> None:
        """Finish the object in S3."""
        writer = self._writer or self._begin(complete=True)
        try:
            writer.close()
        except aws.errors.AwsError as error:
            raise self._failed(error) from error

    def keep(self, name: str = "", version_of: str = "") -> Dataset:
        """The row, now Profiling: nudge `profile_dataset` with its pk.

        It is the next version of the dataset with the uid `version_of`, and without `name` has its
        name. InvalidFields when there is none.
        """
        earlier = versions.assign(self.dataset, version_of)
        name = name.strip()[:120] or (earlier.name if earlier else "")
        changes = {"name": name} if name else {}
        kept = states.advance(
            self.dataset,
            frm=Dataset.Status.UPLOADING,
            to=Dataset.Status.PROFILING,
            bytes=self._bytes,
            sha256=self.sha256,
            upload_id="",
            **changes,
        )
        if not kept:
            raise StorageUnavailable("The upload took too long and was given up.", "Try again.")
        audit.note(self._who, "dataset.upload", self.dataset, bytes=self._bytes, sha256=self.sha256)
        return self.dataset

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Leave nothing behind: neither parts nor row. What S3 cannot be told now, a sweep does."""
        self._head.clear()
        if self._writer is not None:
            give_up(self.dataset, now=timezone.now())

    def _begin(self, *, complete: bool) -> parts.PartWriter:
        head = bytes(self._head)
        self._head.clear()
        try:
            dialect = detect.inspect(head, complete=complete, filename=self.dataset.filename)
        except sniff.BadTable as problem:
            raise BadFile(problem.message, problem.hint, field="file") from problem
        row = self.dataset
        describe(row, dialect)
        account, bucket = row.workspace.account, row.workspace.bucket
        try:
            buckets.ensure(row.workspace)
            self._writer = parts.PartWriter(account, bucket, row.key, on_part=self._alive)
        except aws.errors.AwsError as error:
            raise self._failed(error) from error
        row.upload_id = self._writer.upload_id
        row.next_check_at = timezone.now() + PATIENCE
        row.save()
        self._send(self._writer, head)
        return self._writer

    def _send(self, writer: parts.PartWriter, data: bytes) -> None:
        try:
            writer.write(data)
        except aws.errors.AwsError as error:
            raise self._failed(error) from error

    def _alive(self, _sent: int) -> None:
        states.record(self.dataset, next_check_at=timezone.now() + PATIENCE)

    def _failed(self, error: aws.errors.AwsError) -> StorageUnavailable:
        self.discard()
        return StorageUnavailable(
            "The file could not be stored; nothing was kept.",
            f"S3 says: {error.message} Try again in a moment.",
            field="file",
        )


def receive(
    workspace: Workspace,
    who: Actor | None,
    chunks: Iterable[bytes],
    *,
    filename: str,
    name: str = "",
    version_of: str = "",
) -> Dataset:
    """Store `chunks` as a dataset of `workspace`, now Profiling: nudge `profile_dataset`.

    BadFile, StorageUnavailable, TooLarge or InvalidFields (see `Receipt.keep`) leave nothing
    behind. `who` is None when the console itself brings the file.
    """
    if who:
        who.need(Role.MEMBER)
    versions.continued(workspace, version_of)
    receipt = Receipt(workspace, who, filename)
    try:
        for chunk in chunks:
            receipt.write(chunk)
        receipt.store()
        return receipt.keep(name, version_of)
    except BaseException:
        receipt.discard()
        raise


def accept(
    who: Actor, receipt: Receipt, *, name: str, key: str, version_of: str = ""
) -> tuple[Dataset, bool]:
    """Keep a stored file once per idempotency `key`: the dataset, and whether it is a new one."""
    content = "\n".join(filter(None, (name, receipt.sha256, version_of)))
    row, made = idempotency.once(
        who, key, Dataset, lambda: receipt.keep(name, version_of), content=content
    )
    if not made:
        receipt.discard()
    return row, made


def same_file(dataset: Dataset) -> Dataset | None:
    """The earliest other dataset of the workspace with the same bytes."""
    if not dataset.sha256:
        return None
    others = Dataset.objects.filter(workspace=dataset.workspace, sha256=dataset.sha256)
    others = others.filter(deleted_at__isnull=True, created_at__lte=dataset.created_at)
    return others.exclude(pk=dataset.pk).order_by("created_at").first()


def give_up(dataset: Dataset, *, now: datetime) -> None:
    """Remove a row whose upload came to nothing, hidden at once; a kept one is left alone."""
    rows = Dataset.objects.filter(pk=dataset.pk, status=Dataset.Status.UPLOADING)
    if rows.update(deleted_at=now, next_check_at=now):
        clear(dataset)


def clear(dataset: Dataset) -> None:
    """Drop an unfinished upload and its row; while S3 cannot be asked, keep the row hidden."""
    place = (dataset.workspace.account, dataset.workspace.bucket, dataset.key)
    if dataset.upload_id and not parts.abort(*place, dataset.upload_id):
        return
    try:
        aws.s3.delete_object(*place)  # a finished object whose row was never kept
    except aws.errors.AwsError:
        return
    Dataset.objects.filter(pk=dataset.pk, status=Dataset.Status.UPLOADING).delete()

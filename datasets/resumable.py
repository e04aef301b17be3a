"""Uploads in parts: of any size, by anybody who has the file again, from where they were cut.

The row says what is expected, S3 which parts are there. Every step may be repeated.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

import aws.errors
from aws import cors, s3
from aws.types import Part
from core import audit, idempotency, states
from core.access import Actor
from core.errors import Conflict, InvalidFields, NotFound, TooLarge
from core.models import Membership, Role, Workspace
from datasets import bodies, pieces, upload, versions
from datasets.errors import BadFile, StorageUnavailable
from datasets.formats import detect, sniff
from datasets.models import Dataset

PATIENCE = timedelta(hours=24)  # without a new part an upload counts as abandoned
MOST_BYTES = 5 * 2**40
LINK_LASTS = timedelta(hours=1)
BEGIN_AGAIN = "Begin it again: choose the same file."


@dataclass(frozen=True, kw_only=True)
class Announced:
    """The file that is to come. Of two with the same `fingerprint` one continues the other.

    `head` are its first bytes, all of them or `sniff.HEAD_BYTES`: a file that cannot be used is
    then refused before it is sent.
    """

    filename: str
    size: int
    fingerprint: str = ""
    name: str = ""
    head: bytes | None = None
    version_of: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.fingerprint.encode()).hexdigest() if self.fingerprint else ""


def unfinished(who: Actor) -> list[Dataset]:
    """What `who` began in this workspace and can go on with, the latest first."""
    rows = Dataset.objects.present().of(who.workspace).filter(created_by=who.user)
    rows = rows.filter(status=Dataset.Status.UPLOADING, part_bytes__gt=0)
    return list(rows.listed().order_by("-created_at"))


def check(dataset: Dataset) -> None:
    """NotFound for datasets that did not come in parts."""
    if not dataset.part_bytes:
        raise NotFound


def begin(
    who: Actor, file: Announced, *, now: datetime, key: str = ""
) -> tuple[pieces.Progress, bool]:
    """The upload of `file`, and whether it is a new one.

    An unfinished one of the same person, file and workspace goes on. BadFile, InvalidFields or
    TooLarge make nothing, StorageUnavailable leaves at most a row that the next call goes on with.
    """
    who.need(Role.MEMBER)
    _check_announced(file)
    made: list[Dataset] = []
    content = f"{file.filename}\n{file.size}\n{file.fingerprint}\n{file.version_of}"
    row, _ = idempotency.once(
        who, key, Dataset, lambda: _found_or_made(who, file, made, now), content=content
    )
    return pieces.Progress(row, _opened(row)), bool(made)


def _check_announced(file: Announced) -> None:
    if file.size > MOST_BYTES:
        raise TooLarge("The file is larger than 5 TB, the most that S3 keeps.", field="file")
    if file.size < 0:
        raise InvalidFields({"bytes": ["The size of the file is a number from 0 on."]})
    head = b"" if file.size == 0 else file.head
    if head is not None:
        _inspected(head, complete=len(head) >= file.size, filename=file.filename)


def _inspected(head: bytes, *, complete: bool, filename: str) -> sniff.Dialect:
    try:
        return detect.inspect(head, complete=complete, filename=upload.plain_name(filename))
    except sniff.BadTable as problem:
        raise BadFile(problem.message, problem.hint, field="file") from problem


def _found_or_made(who: Actor, file: Announced, made: list[Dataset], now: datetime) -> Dataset:
    with transaction.atomic():
        # One at a time per person: of two clicks the second finds what the first made.
        list(Membership.objects.select_for_update().filter(user=who.user, workspace=who.workspace))
        for row in unfinished(who):
            if file.fingerprint and (row.fingerprint, row.bytes) == (file.digest, file.size):
                return _continued(row, file, now=now)
        made.append(_made(who, file, now))
        return made[0]


def _continued(dataset: Dataset, file: Announced, *, now: datetime) -> Dataset:
    if name := file.name.strip()[:120]:
        states.record(dataset, name=name)
    if not dataset.family:
        versions.assign(dataset, file.version_of)
    _touch(dataset, 0, now=now)
    return dataset


def _made(who: Actor, file: Announced, now: datetime) -> Dataset:
    filename = upload.plain_name(file.filename)
    row = Dataset(
        workspace=who.workspace,
        created_by=who.user,
        name=file.name.strip()[:120] or filename[:120],
        filename=filename,
        bytes=file.size,
        part_bytes=pieces.size_of(file.size),
        fingerprint=file.digest,
        status=Dataset.Status.UPLOADING,
        next_check_at=now + PATIENCE,
    )
    row.key = f"{upload.prefix(row)}original"
    earlier = versions.assign(row, file.version_of)
    if earlier and not file.name.strip():
        row.name = earlier.name
    row.save()
    return row


def _opened(dataset: Dataset) -> list[Part]:
    """The parts that are there; S3 is told of the upload unless it knows of it."""
    if dataset.status != Dataset.Status.UPLOADING:
        return pieces.every(dataset)
    try:
        there = pieces.there(dataset)
        if there is None:
            pieces.start(dataset)
            there = pieces.there(dataset)
    except aws.errors.AwsError as error:
        raise _storage(error) from error
    return there or []


def progress(dataset: Dataset) -> pieces.Progress:
    """Which parts are there: S3 is asked. StorageUnavailable when it does not answer."""
    check(dataset)
    if dataset.status != Dataset.Status.UPLOADING:
        return pieces.Progress(dataset, pieces.every(dataset))
    try:
        return pieces.Progress(dataset, pieces.there(dataset) or [])
    except aws.errors.AwsError as error:
        raise _storage(error) from error


def receive(
    dataset: Dataset,
    number: int,
    read: Callable[[int], bytes],
    *,
    headers: Mapping[str, str],
    now: datetime,
) -> Part:
    """Store part `number`; it replaces what came under that number before.

    What `bodies.received` raises; BadFile for a first part that no table begins with, which ends
    the upload; StorageUnavailable and Conflict as S3 has it.
    """
    part = pieces.expected(_open(dataset), number)
    with bodies.received(read, size=part.size, headers=headers) as body:
        if number == 1:
            _look(dataset, body.read(sniff.HEAD_BYTES), now=now)
        try:
            stored = s3.upload_part(*pieces.place(dataset), dataset.upload_id, number, body)
        except aws.errors.AwsError as error:
            raise _storage(error) from error
    _touch(dataset, number, now=now)
    return stored


def _open(dataset: Dataset) -> Dataset:
    check(dataset)
    if dataset.status != Dataset.Status.UPLOADING or not dataset.upload_id:
        raise Conflict("This upload takes no more parts.", BEGIN_AGAIN)
    return dataset


def _look(dataset: Dataset, head: bytes, *, now: datetime) -> None:
    try:
        _inspected(head, complete=len(head) == dataset.bytes, filename=dataset.filename)
    except BadFile:
        upload.give_up(dataset, now=now)
        raise


def _touch(dataset: Dataset, number: int, *, now: datetime) -> None:
    """Something came. The percentage is a guess for lists: parts come nearly in order."""
    there = min(99, 100 * number * dataset.part_bytes // dataset.bytes)
    changes = {"next_check_at": now + PATIENCE, "progress": max(dataset.progress, there)}
    if not states.record(dataset, **changes):
        raise Conflict("This upload takes no more parts.", BEGIN_AGAIN)


def link(dataset: Dataset, number: int, *, now: datetime) -> str:
    """A link to which the part may be PUT straight to S3, for an hour."""
    part = pieces.expected(_open(dataset), number)
    try:
        made = s3.presign_part(*pieces.place(dataset), dataset.upload_id, part, expires=LINK_LASTS)
    except aws.errors.AwsError as error:
        raise _storage(error) from error
    _touch(dataset, number - 1, now=now)
    return made


def goes_straight(workspace: Workspace, origin: str) -> bool:
    """Whether a page of `origin` may send parts to the bucket itself, which is told so if needed.

    Not on this machine: localaws listens to itself alone, and the browser may be elsewhere.
    """
    if workspace.kind != Workspace.Kind.AWS:
        return False
    try:
        cors.allow_uploads(workspace.account, workspace.bucket, origin)
    except aws.errors.AwsError:
        return False
    return True


def complete(who: Actor, dataset: Dataset, *, now: datetime) -> Dataset:
    """The row, now Profiling: nudge `profile_dataset`. Again, it answers the same.

    Conflict names the parts that are missing. BadFile leaves neither object nor row.
    """
    who.need(Role.MEMBER)
    check(dataset)
    if dataset.status != Dataset.Status.UPLOADING:
        return dataset
    if not states.record(dataset, next_check_at=now + PATIENCE):
        return _settled(dataset)
    try:
        _join(dataset)
        head = _head(dataset)
    except aws.errors.AwsError as error:
        raise _storage(error) from error
    _look(dataset, head, now=now)
    return _kept(who, dataset, head)


def _join(dataset: Dataset) -> None:
    found = pieces.Progress(dataset, pieces.there(dataset) or [])
    if found.missing:
        some = "Part" if len(found.missing) == 1 else "Parts"
        raise Conflict(
            f"{some} {pieces.ranges(found.missing)} of {pieces.count(dataset)} did not arrive.",
            "Send what is missing, then complete the upload.",
        )
    try:
        s3.complete_multipart_upload(*pieces.place(dataset), dataset.upload_id, found.there)
    except aws.errors.NotFound:
        if not pieces.is_whole(dataset):
            raise


def _head(dataset: Dataset) -> bytes:
    last = min(sniff.HEAD_BYTES, dataset.bytes) - 1
    workspace = dataset.workspace
    return s3.get_object(workspace.account, workspace.bucket, dataset.key, range=(0, last))


def _kept(who: Actor, dataset: Dataset, head: bytes) -> Dataset:
    whole = len(head) == dataset.bytes
    upload.describe(dataset, _inspected(head, complete=whole, filename=dataset.filename))
    fields = ("format", "compression", "encoding", "has_header", "delimiter", "quote")
    won = states.advance(
        dataset,
        frm=Dataset.Status.UPLOADING,
        to=Dataset.Status.PROFILING,
        progress=0,
        upload_id="",
        **{field: getattr(dataset, field) for field in fields},
    )
    if won:
        audit.note(who, "dataset.upload", dataset, bytes=dataset.bytes)
        return dataset
    return _settled(dataset)


def _settled(dataset: Dataset) -> Dataset:
    """What a faster request made of it."""
    found = Dataset.objects.present().filter(pk=dataset.pk).first()
    if found is None:
        raise Conflict("The upload was given up meanwhile.", BEGIN_AGAIN)
    return found


def cancel(who: Actor, dataset: Dataset, *, now: datetime) -> None:
    """Drop the upload and its parts; Conflict when it is a dataset already."""
    who.need(Role.MEMBER)
    check(dataset)
    if dataset.status != Dataset.Status.UPLOADING:
        raise Conflict("The upload is complete.", "Delete the dataset instead.")
    audit.note(who, "dataset.upload_cancel", dataset)
    upload.give_up(dataset, now=now)


def _storage(error: aws.errors.AwsError) -> StorageUnavailable | Conflict:
    if isinstance(error, aws.errors.NotFound):
        return Conflict("S3 no longer knows this upload.", BEGIN_AGAIN)
    return StorageUnavailable(
        "S3 did not take it; what is there stays.", f"It says: {error.message} Try again."
    )

"""Importing from S3: a prefix is listed at once, a worker has S3 copy what it holds.

The row keeps the plan in `parts`, so each step may be repeated; what was copied stays.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.utils import timezone

import aws.errors
from aws import copies, s3
from aws.types import ObjectSummary
from core import audit, buckets, failpoints, idempotency, states
from core.access import Actor
from core.errors import InvalidFields
from core.models import Role, Workspace
from datasets import upload, versions
from datasets.errors import StorageUnavailable
from datasets.formats.alike import Alike, Head
from datasets.formats.sniff import HEAD_BYTES, BadTable, Dialect
from datasets.models import Dataset
from datasets.outcomes import settled

MOST_FILES = 1_000
MOST_LISTED = 10_000  # names that are looked at, those that are passed over included
LEASE = timedelta(minutes=2)  # renewed with each report
REPORT_EVERY = timedelta(seconds=1)
# What Hadoop and its relatives hide or leave beside the rows.
NOT_ROWS = re.compile(
    r"(^|/)[._]|(^|/)manifest$|\.manifest(\.json)?$|(^|/)manifest\.json$|/$|\.crc$"
)
KEPT = ("datasets/", "jobs/", "evaluations/")  # what the console itself keeps in a bucket

FilePart = dict[str, Any]  # {key, bytes, from, etag}: ours, and the source's key and ETag


@dataclass(frozen=True)
class Plan:
    """What lies at `source`: files in reading order, and the names that are passed over."""

    source: str
    bucket: str
    files: list[ObjectSummary]
    skipped: list[str]

    @property
    def name(self) -> str:
        return self.source.rstrip("/").rsplit("/", 1)[-1]


def plan(workspace: Workspace, source: str) -> Plan:
    """What an import of `source`, an s3:// address, would take.

    An address is one object, or else a folder, or else the beginning of names. InvalidFields for
    an address that may not be imported, that S3 refuses, or that holds nothing or too much;
    StorageUnavailable when S3 cannot be asked.
    """
    source = source.strip()
    bucket, key = _address(workspace, source)
    try:
        listed = list(islice(s3.list_objects(workspace.account, bucket, key), MOST_LISTED + 1))
    except aws.errors.AwsError as error:
        raise _unlisted(workspace, bucket, error) from error
    if len(listed) > MOST_LISTED:
        raise _refused(f"More than {MOST_LISTED:,} names begin so.", "Choose a narrower address.")
    base, chosen = _chosen(listed, key)
    rows = [found for found in chosen if found.size and not NOT_ROWS.search(found.key[len(base) :])]
    if len(chosen) == 1 and chosen[0].key == key:
        rows = chosen
    kept = {found.key for found in rows}
    skipped = [found.key[len(base) :] for found in chosen if found.key not in kept]
    if not rows or not any(found.size for found in rows):
        raise _refused(f"There is no file with rows at {source}.", "Check the address.")
    if len(rows) > MOST_FILES:
        text = f"There are {len(rows):,} files at {source}; at most {MOST_FILES:,} can be imported."
        raise _refused(text, "Choose a narrower address, or join them.")
    _check_owner(workspace, bucket, rows)
    return Plan(source, bucket, rows, skipped)


def _address(workspace: Workspace, source: str) -> tuple[str, str]:
    try:
        bucket, key = s3.parse_uri(source)
    except aws.errors.Invalid as error:
        raise _refused("This is not an address in S3.", "s3://bucket/folder/") from error
    allowed = [workspace.bucket, *workspace.import_buckets]
    if bucket not in allowed:
        raise _refused(
            f"The workspace {workspace.slug} may not import from the bucket {bucket[:63]}.",
            f"An admin adds it on the workspace's page, under buckets to import from. "
            f"Allowed now: {', '.join(allowed)}.",
        )
    if not key.strip("/"):
        raise _refused("This is a whole bucket.", "Name a folder or a file in it.")
    if len(source) > 1_100 or not source.isprintable():
        raise _refused("The address is too long or not printable.", "s3://bucket/folder/")
    return bucket, key


def _check_owner(workspace: Workspace, bucket: str, rows: list[ObjectSummary]) -> None:
    """Of what the console keeps in a bucket that another workspace uses too, only our datasets."""
    if not Workspace.objects.filter(bucket=bucket).exclude(pk=workspace.pk).exists():
        return
    kept = {found.key.split("/")[1] for found in rows if found.key.startswith(KEPT)}
    ours = Dataset.objects.of(workspace).filter(uid__in=kept).values_list("uid", flat=True)
    if kept - set(ours):
        text = f"Not all of it belongs to the workspace {workspace.slug}."
        raise _refused(text, "Choose a folder that does.")


def _refused(message: str, hint: str) -> InvalidFields:
    return InvalidFields({"source": [f"{message} {hint}"]})


def _unlisted(
    workspace: Workspace, bucket: str, error: aws.errors.AwsError
) -> InvalidFields | StorageUnavailable:
    if error.retryable:
        text = "S3 does not answer; nothing was imported."
        return StorageUnavailable(text, "Try again in a moment.", field="source")
    if isinstance(error, aws.errors.NotFound):
        return _refused(f"There is no bucket {bucket} in reach.", "Check the address.")
    if isinstance(error, aws.errors.Denied):
        whose = workspace.assumed_role_arn or "the console's own credentials"
        return _refused(
            f"S3 denies it: {error.message}",
            f"Let {whose} list the bucket {bucket} and get its objects.",
        )
    return _refused(f"S3 refuses: {error.message}", "Check the address.")


def _chosen(listed: list[ObjectSummary], key: str) -> tuple[str, list[ObjectSummary]]:
    """Their folder, and the object `key`, else the folder `key`, else all that begins so."""
    folder = key.rstrip("/") + "/"
    exact = [found for found in listed if found.key == key and not key.endswith("/")]
    inside = [found for found in listed if found.key.startswith(folder)]
    if inside and not exact:
        return folder, inside
    return key[: key.rfind("/") + 1], exact or listed


def accept(
    who: Actor, found: Plan, *, name: str = "", version_of: str = "", key: str = ""
) -> tuple[Dataset, bool]:
    """`request` once per idempotency `key`: the dataset, and whether it is a new one."""
    return idempotency.once(
        who,
        key,
        Dataset,
        lambda: request(who, found, name=name, version_of=version_of),
        content=f"{found.source}\n{name}\n{version_of}",
    )


def request(who: Actor, found: Plan, *, name: str = "", version_of: str = "") -> Dataset:
    """The row of an import, Uploading: nudge `import_dataset` with its pk.

    InvalidFields as `versions.assign`.
    """
    who.need(Role.MEMBER)
    earlier = versions.continued(who.workspace, version_of)
    row = Dataset(
        workspace=who.workspace,
        created_by=who.user,
        name=name.strip()[:120] or (earlier.name if earlier else found.name[:120]),
        filename=found.name[:255],
        source=found.source,
        status=Dataset.Status.UPLOADING,
        bytes=sum(one.size for one in found.files),
    )
    row.key = f"{upload.prefix(row)}original"
    row.parts = [
        {"key": _target(row, number, one.key), "bytes": one.size, "from": one.key, "etag": one.etag}
        for number, one in enumerate(found.files)
    ]
    if len(row.parts) == 1:
        row.parts[0]["key"] = row.key
    row.save()
    versions.assign(row, version_of)
    audit.note(
        who,
        "dataset.import",
        row,
        source=row.source,
        files=len(row.parts),
        bytes=row.bytes,
        skipped=found.skipped[:100],
    )
    return row


def _target(row: Dataset, number: int, key: str) -> str:
    return f"{upload.prefix(row)}parts/{number:05d}-{upload.plain_name(key)}"


def copy(dataset: Dataset, *, now: datetime) -> bool:
    """Uploading -> Profiling with all objects in our prefix, or Failed with the file and reason.

    True when it is Profiling: nudge `profile_dataset`. Other rows are left alone.
    """
    due = dataset.status == Dataset.Status.UPLOADING and dataset.next_check_at <= now
    if not (due and dataset.source) or not states.claim(dataset, now=now, lease=LEASE):
        return False
    with settled(dataset, now=now):
        report = _Report(dataset)
        dialect, parts = _examined(dataset, report)
        _copy_parts(dataset, parts, report)
        _imported(dataset, dialect, parts)
    return dataset.status == Dataset.Status.PROFILING


class _Report:
    """Tells now and then how much is copied, and finds out whether it still is to be."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._due = timezone.now()
        self.before = 0  # bytes of the parts that are done

    def __call__(self, copied: int = 0) -> None:
        """BadTable when the dataset was deleted: its status then tells the sweep to clean up."""
        now = timezone.now()
        if now < self._due:
            return
        self._due = now + REPORT_EVERY
        if not Dataset.objects.present().filter(pk=self._dataset.pk).exists():
            raise BadTable("It was deleted while it was imported.")
        done = 100 * (self.before + copied) // max(1, self._dataset.bytes)
        states.record(self._dataset, progress=min(99, done), next_check_at=now + LEASE)


def _imported(dataset: Dataset, dialect: Dialect, parts: list[FilePart]) -> None:
    upload.describe(dataset, dialect)
    kept = [{"key": part["key"], "bytes": part["bytes"]} for part in parts]
    described = ("format", "compression", "encoding", "has_header", "delimiter", "quote")
    states.advance(
        dataset,
        frm=Dataset.Status.UPLOADING,
        to=Dataset.Status.PROFILING,
        key=kept[0]["key"],
        parts=kept if len(kept) > 1 else [],
        bytes=sum(part["bytes"] for part in kept),
        progress=0,
        **{field: getattr(dataset, field) for field in described},
    )


def _examined(dataset: Dataset, report: Callable[[], None]) -> tuple[Dialect, list[FilePart]]:
    """How to read all files, and those that have rows; BadTable names one that differs."""
    alike = Alike()
    for part in dataset.parts:
        report()
        with _read(part):
            alike.add(_head(dataset, part))
    return alike.dialect, [part for part in dataset.parts if part["from"] in alike.names]


def _head(dataset: Dataset, part: FilePart) -> Head:
    account, (bucket, _) = dataset.workspace.account, s3.parse_uri(dataset.source)
    data = s3.get_object(account, bucket, part["from"], range=(0, HEAD_BYTES - 1))
    return Head(part["from"], data, complete=part["bytes"] <= len(data))


@contextmanager
def _read(part: FilePart) -> Iterator[None]:
    """What S3 says of a source, as what is wrong with it."""
    name = part["from"].rsplit("/", 1)[-1]
    try:
        yield
    except aws.errors.NotFound as error:
        raise BadTable(f"{name} is no longer there.", "Import what is there now.") from error
    except aws.errors.Denied as error:
        raise BadTable(f"S3 does not give {name}: {error.message}") from error
    except aws.errors.Invalid as error:
        raise BadTable(f"{name} was replaced meanwhile.", "Import it again.") from error


def _copy_parts(dataset: Dataset, parts: list[FilePart], report: _Report) -> None:
    """Have S3 copy what is not there yet."""
    workspace = dataset.workspace
    source, _ = s3.parse_uri(dataset.source)
    buckets.ensure(workspace)
    below = s3.list_objects(workspace.account, workspace.bucket, upload.prefix(dataset))
    there = {found.key: found.size for found in below}
    for part in parts:
        if there.get(part["key"]) != part["bytes"]:
            target = workspace.bucket, part["key"]
            with _read(part):
                copies.copy_object(
                    workspace.account,
                    (source, part["from"]),
                    target,
                    etag=part["etag"],
                    tick=report,
                )
            failpoints.reach("datasets.imports.after_copy")
        report.before += part["bytes"]
        report()

"""What a job read and what it made, in S3: how large it is, and handing it out."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader, RawIOBase
from itertools import islice
from typing import Any

from aws import errors as aws
from aws import s3
from core import audit
from core.access import Actor
from core.errors import NotFound
from core.models import Role, Workspace
from jobs.catalogue import ALGORITHMS
from jobs.models import TrainingJob
from jobs.training import channels_of, output_uri

MOST = 1_000  # objects that are counted under one address: one call
SHOWN = 20  # files of an output
LASTS = timedelta(minutes=5)  # a link to a file


@dataclass(frozen=True)
class Input:
    """A channel: where its objects are, and the split of the preparation that fills it."""

    name: str
    uri: str
    content_type: str
    rows: int | None = None


@dataclass(frozen=True)
class Size:
    """`is_whole` is False where there are more than `MOST` objects."""

    count: int
    size: int
    is_whole: bool


@dataclass(frozen=True)
class File:
    """`name` is what `link` and `reading` take."""

    name: str
    uri: str
    size: int


def inputs(job: TrainingJob) -> list[Input]:
    """The channels that the job reads, also without a preparation."""
    entry = ALGORITHMS.get(job.algorithm)
    if job.preparation and entry:
        found: Mapping[str, Mapping[str, Any]] = {
            channel.name: data for channel, data in channels_of(entry, job.preparation.channels)
        }
    else:
        found = job.inputs
    return [
        Input(name, one.get("uri", ""), one.get("content_type", ""), one.get("rows"))
        for name, one in found.items()
    ]


def size(workspace: Workspace, uri: str) -> Size | None:
    """What lies under an address; None when AWS does not tell."""
    try:
        bucket, key = s3.parse_uri(uri)
        found = [one.size for one in islice(s3.list_objects(workspace.account, bucket, key), MOST)]
    except aws.AwsError:
        return None
    return Size(len(found), sum(found), is_whole=len(found) < MOST)


def folder(job: TrainingJob) -> str:
    """The address under which AWS puts what the job makes; "" where that is not known."""
    if job.artifact.startswith("s3://"):
        return job.artifact.rpartition("/")[0] + "/"
    is_ours = bool(job.aws_name) and job.aws_name.endswith(job.uid)
    return f"{output_uri(job)}{job.aws_name}/output/" if is_ours else ""


def outputs(job: TrainingJob) -> list[File] | None:
    """The first files that the job made; None when AWS does not tell."""
    if not folder(job):
        return []
    try:
        bucket, prefix = s3.parse_uri(folder(job))
        found = list(islice(s3.list_objects(job.workspace.account, bucket, prefix), SHOWN))
    except aws.AwsError:
        return None
    return [
        File(one.key.removeprefix(prefix), s3.uri(bucket, one.key), one.size)
        for one in found
        if one.key != prefix
    ]


def may_hand_out(job: TrainingJob) -> bool:
    """Whether its files lie in a bucket that belongs to the workspace."""
    allowed = (job.workspace.bucket, *job.workspace.import_buckets)
    return bool(folder(job)) and s3.parse_uri(folder(job))[0] in allowed


def link(who: Actor, job: TrainingJob, name: str) -> str:
    """A link to the file `name` for a few minutes; on the audit log. NotFound when it is not there.

    "" where browsers cannot reach the store: what this machine keeps comes through `reading`.
    """
    who.need(Role.MEMBER)
    bucket, key = _place(job, name)
    if s3.head_object(job.workspace.account, bucket, key) is None:
        raise NotFound("There is no such file any more.")
    audit.note(who, "job.download", job, file=name)
    if job.workspace.kind != Workspace.Kind.AWS:
        return ""
    last = name.rpartition("/")[2]
    return s3.presign_get(
        job.workspace.account, bucket, key, expires=LASTS, filename=f"{job.aws_name}-{last}"
    )


@contextmanager
def reading(job: TrainingJob, name: str) -> "Iterator[BufferedReader[RawIOBase]]":
    """The file `name` as a stream."""
    with s3.open_object(job.workspace.account, *_place(job, name)) as stream:
        yield stream


def _place(job: TrainingJob, name: str) -> tuple[str, str]:
    if not name or not may_hand_out(job):
        raise NotFound("There is no such file, or it lies in a bucket that is not the workspace's.")
    bucket, prefix = s3.parse_uri(folder(job))
    return bucket, prefix + name

"""Prepared data in another workspace: rows there at once, objects by a worker.

The source is read with its workspace's credentials and what is read is stored with the other's:
no client has both. Each row is copied by itself, object by object, in parts; what is there stays,
so a worker that was killed is followed by one that goes on. Within one account S3 copies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

import aws.errors
from aws import copies, relay, s3
from aws.types import ObjectSummary
from core import audit, buckets, failpoints, states
from core.access import Actor, in_workspace_of
from core.errors import Conflict
from core.models import Role, Workspace
from datasets import placing, prepare, processing, upload
from datasets.formats.sniff import BadTable
from datasets.models import Dataset, Preparation
from datasets.outcomes import settled

LEASE = timedelta(minutes=2)  # renewed with each report
REPORT_EVERY = timedelta(seconds=1)
# What a copy has from its original as it stands.
DATASET_FIELDS = (
    *("name", "filename", "bytes", "sha256", "format", "encoding", "delimiter", "quote"),
    *("has_header", "compression", "rows", "columns", "preview", "insights"),
)
WISHED = (
    *("name", "target", "algorithm", "train", "validation", "test", "seed", "stratify", "recipe"),
    "task",
)
FOUND = ("features", "encoding", "labels", "preview", "implied")

Moves = list[tuple[ObjectSummary, str]]  # an object of the source, and its key in the copy


def request(who: Actor, preparation: Preparation, workspace: Workspace) -> Preparation:
    """The copy of `preparation` in `workspace`, new or from before: nudge `copy_to_workspace`.

    Its datasets come along. NotAllowed below member in either workspace, NotFound for a stranger;
    Conflict for one that is not Ready, and for its own workspace.
    """
    here = in_workspace_of(who, preparation)
    here.need(Role.MEMBER)
    row = Preparation(workspace=workspace, created_by=who.user, repeats=preparation.uid)
    there = in_workspace_of(who, row)
    there.need(Role.MEMBER)
    if workspace.pk == preparation.workspace_id:
        raise Conflict("It is in this workspace already.")
    if preparation.status != Preparation.Status.READY:
        raise Conflict(f"The preparation is {preparation.status}.", "Wait until it is Ready.")
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=workspace.pk)  # of two clicks one makes it
        if earlier := _earlier(preparation, workspace):
            return earlier
        audit.note(here, "preparation.copy", preparation, to=workspace.slug)
        return _made(there, preparation, row)


def _earlier(preparation: Preparation, workspace: Workspace) -> Preparation | None:
    rows = Preparation.objects.present().of(workspace).filter(repeats=preparation.uid)
    return rows.exclude(status=Preparation.Status.FAILED).first()


def _made(there: Actor, preparation: Preparation, row: Preparation) -> Preparation:
    tables = placing.tables_of(preparation)
    found = {name: _dataset(there, table) for name, table in tables.items()}
    for field in WISHED:
        setattr(row, field, getattr(preparation, field))
    row.status = Preparation.Status.REQUESTED
    row.dataset = found["main"]
    row.validation_dataset = found.get("validation")
    row.test_dataset = found.get("test")
    row.save()
    source = {"workspace": preparation.workspace.slug, "preparation": preparation.uid}
    audit.note(there, "preparation.create", row, **source)
    return row


def _dataset(there: Actor, original: Dataset) -> Dataset:
    """The copy of `original`, new or from before."""
    source = f"{Dataset.ELSEWHERE}{original.workspace.slug}/{original.uid}"
    rows = Dataset.objects.present().of(there.workspace).filter(source=source)
    if earlier := rows.exclude(status=Dataset.Status.FAILED).first():
        return earlier
    row = Dataset(
        workspace=there.workspace,
        created_by=there.user,
        status=Dataset.Status.UPLOADING,
        source=source,
        **{field: getattr(original, field) for field in DATASET_FIELDS},
    )
    row.key = _moved(original.key, original, row)
    row.parts = [part | {"key": _moved(part["key"], original, row)} for part in original.parts]
    row.save()
    audit.note(there, "dataset.import", row, source=source)
    return row


def _moved(key: str, original: Dataset, row: Dataset) -> str:
    return upload.prefix(row) + key.removeprefix(upload.prefix(original))


def original_of(preparation: Preparation) -> Preparation | None:
    """The preparation of another workspace that this one is a copy of, deleted or not."""
    if not preparation.repeats:
        return None
    rows = Preparation.objects.select_related("workspace", "dataset__workspace")
    others = rows.exclude(workspace_id=preparation.workspace_id)
    return others.filter(uid=preparation.repeats).first()


def copy(preparation: Preparation, *, now: datetime) -> None:
    """All of a copy that is due: its rows, which jobs wait for, then the datasets' files."""
    work(preparation, now=now)
    for table in placing.tables_of(preparation).values():
        copy_dataset(table, now=now)


def work(preparation: Preparation, *, now: datetime) -> None:
    """One step of any preparation: copied from elsewhere, or prepared here. Repeatable."""
    original = original_of(preparation)
    if original is None:
        processing.work(preparation, now=now)
    else:
        _copy_channels(preparation, original, now=now)


def _copy_channels(row: Preparation, original: Preparation, *, now: datetime) -> None:
    due = not row.is_finished and row.next_check_at <= now
    if not due or not states.claim(row, now=now, lease=LEASE):
        return
    requested, preparing = Preparation.Status.REQUESTED, Preparation.Status.PREPARING
    with settled(row, now=now):
        moves, places = _channel_moves(row, original)
        channels = original.channels.items()
        found = {field: getattr(original, field) for field in FOUND} | {
            # From now on deleting the row deletes what lies there.
            "channels": {name: data | {"uri": places[data["uri"]]} for name, data in channels},
            "artefacts": {name: places[uri] for name, uri in original.artefacts.items()},
        }
        until = row.next_check_at
        states.advance(row, frm={requested, preparing}, to=preparing, next_check_at=until, **found)
        _move(original.workspace, row, moves, prepare.channels_prefix(row))
        states.advance(row, frm=preparing, to=Preparation.Status.READY, progress=100)


def _channel_moves(row: Preparation, original: Preparation) -> tuple[Moves, dict[str, str]]:
    """What is to be copied, and where each channel and artefact then lies: address to address."""
    moves: Moves = []
    places: dict[str, str] = {}
    start, end = prepare.channels_prefix(original), prepare.channels_prefix(row)
    uris = {data["uri"]: f"rows of {name}" for name, data in original.channels.items()}
    for uri, what in (uris | {uri: name for name, uri in original.artefacts.items()}).items():
        bucket, key = s3.parse_uri(uri)
        with _reading(original.workspace, what):
            found = list(s3.list_objects(original.workspace.account, bucket, key))
        found = [one for one in found if key.endswith("/") or one.key == key]
        if not found or bucket != original.workspace.bucket:
            text = f"No {what} can be found in the bucket of {original.workspace.slug} any more."
            raise BadTable(text, "Prepare the data again there, and copy that.")
        moves += [(one, end + one.key.removeprefix(start)) for one in found]
        places[uri] = s3.uri(row.workspace.bucket, end + key.removeprefix(start))
    return moves, places


def copy_dataset(dataset: Dataset, *, now: datetime) -> None:
    """Uploading -> Ready with the file and what was kept of it, or Failed. Repeatable."""
    due = dataset.status == Dataset.Status.UPLOADING and dataset.next_check_at <= now
    if not (due and dataset.origin) or not states.claim(dataset, now=now, lease=LEASE):
        return
    with settled(dataset, now=now):
        slug, uid = dataset.origin
        rows = Dataset.objects.present().select_related("workspace")
        original = rows.filter(uid=uid).first()
        if original is None:
            raise BadTable(f"The dataset was deleted in the workspace {slug} meanwhile.")
        if original.status != Dataset.Status.READY:  # itself a copy that is under way
            raise aws.errors.Unavailable(f"The dataset is {original.status}.")
        with _reading(original.workspace, "The file"):
            moves = _dataset_moves(dataset, original)
        _move(original.workspace, dataset, moves, upload.prefix(dataset))
        ready = Dataset.Status.READY
        states.advance(dataset, frm=Dataset.Status.UPLOADING, to=ready, progress=0)


def _dataset_moves(dataset: Dataset, original: Dataset) -> Moves:
    """The file and what was kept of it, without what was prepared from it."""
    place = original.workspace.account, original.workspace.bucket
    listed = s3.list_objects(*place, upload.prefix(original))
    prepared = f"{upload.prefix(original)}preparations/"
    found = [one for one in listed if not one.key.startswith(prepared)]
    needed = {part["key"] for part in original.parts} or {original.key}
    if missing := needed - {one.key for one in found}:
        raise aws.errors.NotFound(f"There is no {min(missing)}.")
    return [(one, _moved(one.key, original, dataset)) for one in found]


class _Report:
    """Tells now and then how much is copied, and finds out whether it still is to be."""

    def __init__(self, row: Dataset | Preparation, moves: Moves) -> None:
        self._row, self._total = row, max(1, sum(found.size for found, _ in moves))
        self._due = timezone.now() + REPORT_EVERY
        self.before = 0  # bytes of the objects that are done

    def __call__(self, copied: int = 0) -> None:
        """BadTable when the row was deleted."""
        now = timezone.now()
        if now < self._due:
            return
        self._due = now + REPORT_EVERY
        if not type(self._row).objects.present().filter(pk=self._row.pk).exists():
            raise BadTable("It was deleted while it was copied.")
        done = 100 * (self.before + copied) // self._total
        states.record(self._row, progress=min(99, done), next_check_at=now + LEASE)


def _move(source: Workspace, row: Dataset | Preparation, moves: Moves, prefix: str) -> None:
    """Copy what is not below `prefix` yet: only copies lie there, so a size tells them apart."""
    target, report = row.workspace, _Report(row, moves)
    with _storing(target):
        buckets.ensure(target)
        listed = s3.list_objects(target.account, target.bucket, prefix)
        there = {one.key: one.size for one in listed}
    for found, key in moves:
        if there.get(key) != found.size:
            _move_one(source, target, found, key, report)
            failpoints.reach("datasets.elsewhere.after_object")
        report.before += found.size
        report()


def _move_one(
    source: Workspace, target: Workspace, found: ObjectSummary, key: str, report: _Report
) -> None:
    name = found.key.rsplit("/", 1)[-1]
    if source.account == target.account:
        with _reading(source, name):
            copies.copy_object(
                source.account,
                (source.bucket, found.key),
                (target.bucket, key),
                etag=found.etag,
                tick=report,
            )
        return

    def read(start: int, end: int) -> bytes:
        if start == end:
            return b""
        with _reading(source, name):
            span = (start, end - 1)
            return s3.get_object(
                source.account, source.bucket, found.key, range=span, etag=found.etag
            )

    def tick(stored: int) -> None:
        failpoints.reach("datasets.elsewhere.after_part")
        report(stored)

    with _storing(target):
        relay.store(target.account, target.bucket, key, found.size, read, tick=tick)


@contextmanager
def _reading(source: Workspace, name: str) -> Iterator[None]:
    """What S3 says of the source, as what is wrong with it; what may pass goes on as it is."""
    try:
        yield
    except aws.errors.NotFound as error:
        text = f"{name}: no longer in the bucket of the workspace {source.slug}."
        raise BadTable(text) from error
    except aws.errors.Denied as error:
        text = f"{name}: S3 refuses it to the workspace {source.slug}: {error.message}"
        raise BadTable(text) from error
    except aws.errors.Invalid as error:
        raise BadTable(f"{name}: replaced meanwhile in the workspace {source.slug}.") from error


@contextmanager
def _storing(target: Workspace) -> Iterator[None]:
    try:
        yield
    except aws.errors.NotFound as error:
        text = f"The workspace {target.slug} has no bucket {target.bucket}."
        raise BadTable(text, "Make it, then copy again.") from error
    except aws.errors.Denied as error:
        text = f"S3 does not let the workspace {target.slug} store here: {error.message}"
        raise BadTable(text) from error

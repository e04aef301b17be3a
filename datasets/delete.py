"""Deleting a dataset or a preparation: refused while something depends on it, objects by a task."""

from datetime import datetime

from django.db.models import Q

import aws.errors
from aws import s3
from core import audit, live
from core.access import Actor
from core.errors import StillInUse
from core.models import Owned, Role, Tracked
from datasets import prepare, processing, upload
from datasets.models import Dataset, Preparation


def dependents(row: Dataset | Preparation) -> list[Owned]:
    """What points at `row` and is still there. Failed preparations do not count: they go along."""
    found: dict[tuple[str, int], Owned] = {}  # a preparation may name the same dataset twice
    for relation in row._meta.related_objects:
        model = relation.related_model
        if issubclass(model, Owned):
            rows = model._default_manager.filter(
                **{relation.field.name: row}, deleted_at__isnull=True
            )
            found |= {(model.__name__, one.pk): one for one in rows}
    failed = Preparation.Status.FAILED
    return [
        one for one in found.values() if not (isinstance(one, Preparation) and one.status == failed)
    ]


def request(who: Actor | None, row: Dataset | Preparation, *, now: datetime) -> None:
    """Hide `row` at once; nudge `delete_objects` or `delete_channels`. StillInUse names why not."""
    if who:
        who.need(Role.MEMBER)
    if blocking := dependents(row):
        named = ", ".join(f"{_kind(other)} “{other.name}”" for other in blocking[:5])
        more = f" and {len(blocking) - 5} more" if len(blocking) > 5 else ""
        raise StillInUse(
            f"Still used by {named}{more}.", "Delete those first, then this.", field=""
        )
    type(row)._default_manager.filter(pk=row.pk).update(deleted_at=now)
    row.deleted_at = now
    if isinstance(row, Dataset):
        using = Q(dataset=row) | Q(validation_dataset=row) | Q(test_dataset=row)
        Preparation.objects.present().filter(using).update(deleted_at=now)
    audit.note(who, f"{_kind(row)}.delete", row)
    live.publish(row)


def _kind(row: Owned) -> str:
    return row.LIVE if isinstance(row, Tracked) else type(row).__name__.lower()


def objects(dataset: Dataset) -> None:
    """Delete what S3 holds of a deleted dataset, then forget its key. Repeatable.

    Of one that was still uploading nothing stays, not even the row.
    """
    if dataset.deleted_at is None or not dataset.key:
        return
    if dataset.status == Dataset.Status.UPLOADING:
        if not dataset.source:  # an import ends by itself
            upload.clear(dataset)
    elif _gone(dataset, upload.prefix(dataset)):
        Dataset.objects.filter(pk=dataset.pk).update(key="")
        dataset.preparations.filter(deleted_at__isnull=False).update(channels={})


def channels(preparation: Preparation) -> None:
    """Delete what S3 holds of a deleted preparation, then forget its channels. Repeatable.

    Its processing job is stopped first: what that leaves would come after.
    """
    if preparation.deleted_at is None or not (preparation.channels or preparation.processing_job):
        return
    if not _stopped(preparation):
        return
    if _gone(preparation, prepare.channels_prefix(preparation)):
        Preparation.objects.filter(pk=preparation.pk).update(channels={}, processing_job="")


def _stopped(preparation: Preparation) -> bool:
    """False while a job runs, or AWS cannot be asked: a sweep comes back."""
    if not preparation.processing_job:
        return True
    try:
        return processing.stop(preparation)
    except aws.errors.AwsError:
        return False


def _gone(row: Dataset | Preparation, prefix: str) -> bool:
    """False while S3 cannot be asked: a sweep comes back."""
    try:
        s3.delete_prefix(row.workspace.account, row.workspace.bucket, prefix)
    except aws.errors.AwsError as error:
        return isinstance(error, aws.errors.NotFound)  # the whole bucket is gone
    return True

"""Finding what no message announced: rows that are due, and deleted rows with objects left."""

from datetime import datetime

from datasets import delete, elsewhere, imports, profile, upload
from datasets.models import Dataset, Preparation


def sweep(now: datetime) -> None:
    for dataset in Dataset.objects.due(now).select_related("workspace"):
        _advance(dataset, now=now)
    for preparation in _due_preparations(now):
        elsewhere.work(preparation, now=now)
    for dataset in Dataset.objects.filter(deleted_at__isnull=False).exclude(key=""):
        delete.objects(dataset)
    deleted = Preparation.objects.filter(deleted_at__isnull=False)
    for preparation in deleted.exclude(channels={}, processing_job=""):
        delete.channels(preparation)


def _advance(dataset: Dataset, *, now: datetime) -> None:
    uploading = dataset.status == Dataset.Status.UPLOADING
    if uploading and dataset.origin:
        elsewhere.copy_dataset(dataset, now=now)
    elif uploading and dataset.source:
        imports.copy(dataset, now=now)
    elif uploading:
        upload.give_up(dataset, now=now)
    elif dataset.deleted_at is None:
        profile.profile(dataset, now=now)


def _due_preparations(now: datetime) -> list[Preparation]:
    due = Preparation.objects.present().due(now)
    return list(due.select_related("workspace", "dataset__workspace"))

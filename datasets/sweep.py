"""Finding what no message announced: rows that are due, and deleted rows with objects left."""

from datetime import datetime

from datasets import delete, imports, processing, profile, upload
from datasets.models import Dataset, Preparation


def sweep(now: datetime) -> None:
    for dataset in Dataset.objects.due(now).select_related("workspace"):
        if dataset.status == Dataset.Status.UPLOADING and dataset.source:
            imports.copy(dataset, now=now)
        elif dataset.status == Dataset.Status.UPLOADING:
            upload.give_up(dataset, now=now)
        elif dataset.deleted_at is None:
            profile.profile(dataset, now=now)
    for preparation in _due_preparations(now):
        processing.work(preparation, now=now)
    for dataset in Dataset.objects.filter(deleted_at__isnull=False).exclude(key=""):
        delete.objects(dataset)
    deleted = Preparation.objects.filter(deleted_at__isnull=False)
    for preparation in deleted.exclude(channels={}, processing_job=""):
        delete.channels(preparation)


def _due_preparations(now: datetime) -> list[Preparation]:
    due = Preparation.objects.present().due(now)
    return list(due.select_related("workspace", "dataset__workspace"))

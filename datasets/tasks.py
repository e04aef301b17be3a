from celery import shared_task
from django.utils import timezone

from core.nudge import nudge
from datasets import delete, elsewhere, imports, profile, sweep
from datasets.models import Dataset, Preparation


@shared_task
def profile_dataset(pk: int) -> None:
    row = Dataset.objects.select_related("workspace").get(pk=pk)
    profile.profile(row, now=timezone.now())


@shared_task
def import_dataset(pk: int) -> None:
    row = Dataset.objects.select_related("workspace").get(pk=pk)
    if imports.copy(row, now=timezone.now()):
        nudge(profile_dataset, pk)


@shared_task
def prepare_channels(pk: int) -> None:
    rows = Preparation.objects.select_related("workspace", "dataset__workspace")
    elsewhere.work(rows.get(pk=pk), now=timezone.now())


@shared_task
def copy_to_workspace(pk: int) -> None:
    rows = Preparation.objects.select_related("workspace", "dataset__workspace")
    elsewhere.copy(rows.get(pk=pk), now=timezone.now())


@shared_task
def delete_objects(pk: int) -> None:
    delete.objects(Dataset.objects.select_related("workspace").get(pk=pk))


@shared_task
def delete_channels(pk: int) -> None:
    delete.channels(Preparation.objects.select_related("workspace", "dataset").get(pk=pk))


@shared_task
def sweep_datasets() -> None:
    sweep.sweep(timezone.now())

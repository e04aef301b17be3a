"""Messages carry a pk and nothing else; running one again changes nothing."""

import pytest
from django.utils import timezone

from datasets import delete, prepare, tasks
from tests.datasets.conftest import stored

pytestmark = pytest.mark.django_db


def test_each_task_takes_its_row_one_step_and_may_run_again(uploaded, actor, lab):
    dataset = uploaded()
    for _ in range(2):
        tasks.profile_dataset(dataset.pk)
    dataset.refresh_from_db()
    assert dataset.status == "Ready"

    preparation = prepare.request(actor, dataset, target="kind")
    for _ in range(2):
        tasks.prepare_channels(preparation.pk)
    preparation.refresh_from_db()
    assert preparation.status == "Ready"

    delete.request(actor, preparation, now=timezone.now())
    for _ in range(2):
        tasks.delete_channels(preparation.pk)
    delete.request(actor, dataset, now=timezone.now())
    for _ in range(2):
        tasks.delete_objects(dataset.pk)
    tasks.sweep_datasets()
    assert not [key for key in stored(lab) if dataset.uid in key]

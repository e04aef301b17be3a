import pytest
from django.utils import timezone

from core.errors import NotAllowed, StillInUse
from core.models import AuditEvent
from datasets import delete, sweep
from datasets.models import Dataset, Preparation
from jobs.models import TrainingJob
from tests.datasets.conftest import soon, stored

pytestmark = pytest.mark.django_db


def objects_of(lab, row):
    return {key for key in stored(lab) if row.uid in key}


def test_it_hides_the_dataset_and_deletes_its_objects(ready, lab, actor):
    dataset = ready()
    delete.request(actor, dataset, now=timezone.now())
    assert not Dataset.objects.present().exists()
    assert AuditEvent.objects.filter(action="dataset.delete").exists()

    delete.objects(dataset)
    delete.objects(dataset)
    assert not objects_of(lab, dataset)


def test_it_refuses_while_a_preparation_depends_and_names_it(ready, prepared, actor):
    dataset = ready()
    preparation = prepared(dataset, target="kind")
    with pytest.raises(StillInUse, match=f"preparation “{preparation.name}”"):
        delete.request(actor, dataset, now=timezone.now())
    assert Dataset.objects.present().exists()


def test_it_refuses_while_a_job_depends_and_names_it(ready, prepared, actor):
    preparation = prepared(ready(), target="kind")
    TrainingJob.objects.create(
        workspace=preparation.workspace, name="first try", status="Failed", preparation=preparation
    )
    with pytest.raises(StillInUse, match="job “first try”"):
        delete.request(actor, preparation, now=timezone.now())


def test_it_deletes_a_preparation_then_its_dataset(ready, prepared, lab, actor):
    preparation = prepared(ready(), target="kind")
    delete.request(actor, preparation, now=timezone.now())
    delete.channels(preparation)
    dataset = preparation.dataset
    assert objects_of(lab, dataset) == {dataset.key, f"datasets/{dataset.uid}/rows.parquet"}
    delete.request(actor, preparation.dataset, now=timezone.now())
    sweep.sweep(soon())
    assert not objects_of(lab, preparation.dataset)


def test_it_takes_failed_preparations_along(ready, prepared, actor):
    dataset = ready()
    preparation = prepared(dataset, target="kind")
    Preparation.objects.filter(pk=preparation.pk).update(status="Failed")
    delete.request(actor, dataset, now=timezone.now())
    assert not Preparation.objects.present().exists()


def test_it_can_delete_a_dataset_that_failed(ready, lab, actor):
    dataset = ready("a,b\n1\n")
    delete.request(actor, dataset, now=timezone.now())
    sweep.sweep(soon())
    assert not objects_of(lab, dataset)


def test_it_refuses_a_viewer(ready, viewer):
    from core import access

    with pytest.raises(NotAllowed):
        delete.request(access.actor(viewer), ready(), now=timezone.now())

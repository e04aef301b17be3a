from datetime import timedelta

import pytest
from django.utils import timezone

from datasets import prepare, profile, sweep
from datasets.models import Dataset, Preparation
from datasets.upload import Receipt
from tests.datasets.conftest import IRIS, soon, stored

pytestmark = pytest.mark.django_db


def test_it_profiles_and_prepares_what_no_message_announced(uploaded, actor):
    dataset = uploaded()
    sweep.sweep(soon())
    dataset.refresh_from_db()
    assert dataset.status == "Ready"
    preparation = prepare.request(actor, dataset, target="kind")
    sweep.sweep(soon())
    preparation.refresh_from_db()
    assert preparation.status == "Ready"


def test_it_removes_an_upload_whose_web_process_died(lab, actor):
    before = stored(lab)
    receipt = Receipt(lab, actor, "cut.csv")
    receipt.write(b"a,b\n" + b"1,x\n" * 3_000_000)
    assert Dataset.objects.get().status == "Uploading"

    sweep.sweep(timezone.now())
    assert Dataset.objects.exists(), "an upload that goes on is left alone"
    sweep.sweep(timezone.now() + timedelta(hours=1))
    assert not Dataset.objects.exists()
    assert stored(lab) == before


def test_it_leaves_alone_what_another_worker_has(uploaded):
    dataset = uploaded()
    now = soon()
    Dataset.objects.filter(pk=dataset.pk).update(next_check_at=now + timedelta(minutes=1))
    sweep.sweep(now)
    dataset.refresh_from_db()
    assert dataset.status == "Profiling"


def test_it_waits_when_s3_is_away_and_goes_on_later(workspace, actor, own_localaws, wired, due):
    from datasets import upload

    wired(workspace, own_localaws)
    dataset = upload.receive(workspace, actor, [IRIS.encode()], filename="iris.csv")
    own_localaws.stop()
    now = soon()
    profile.profile(dataset, now=now)
    dataset.refresh_from_db()
    assert (dataset.status, dataset.attempts) == ("Profiling", 1)
    assert dataset.next_check_at > now

    own_localaws.start()
    due(own_localaws)
    dataset.refresh_from_db()
    assert dataset.status == "Ready"


def test_it_fails_a_dataset_whose_file_is_gone(uploaded, lab):
    from aws import s3

    dataset = uploaded()
    s3.delete_object(lab.account, lab.bucket, dataset.key)
    sweep.sweep(soon())
    dataset.refresh_from_db()
    assert dataset.status == "Failed"
    assert "no longer in the workspace's bucket" in dataset.failure_reason


def test_it_fails_a_preparation_whose_file_changed(ready, lab, actor):
    from aws import s3

    dataset = ready()
    preparation = prepare.request(actor, dataset, target="kind")
    s3.put_object(lab.account, lab.bucket, dataset.key, b"length,width,kind\n1,2\n")
    sweep.sweep(soon())
    preparation = Preparation.objects.get(pk=preparation.pk)
    assert preparation.status == "Failed"
    assert "Line 2 has 2 fields" in preparation.failure_reason

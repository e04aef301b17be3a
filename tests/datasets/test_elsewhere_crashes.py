"""A real worker killed between two objects on their way to another workspace."""

import time

import pytest
from django.utils import timezone

from aws import s3
from core.models import Membership, Role, Workspace
from datasets import elsewhere, prepare, tasks
from datasets.models import Dataset, Preparation
from tests.datasets.test_processing_crashes import eventually, send, start_heavy
from tests.jobs.conftest import committed, environment  # noqa: F401  # a fixture
from tests.jobs.processes import processes

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.fixture
def running(tmp_path, localaws):
    with processes(tmp_path / "console", environment(localaws)) as started:
        started.start_broker()
        yield started


def test_it_goes_on_with_the_object_at_which_a_worker_was_killed(
    running, lab, actor, member, ready, prepared
):
    original = prepared(ready(), target="kind")
    there = Workspace.objects.create(
        slug="amazon", name="Amazon", kind="local", execution_role_arn="x", bucket="crash-amazon"
    )
    Membership.objects.create(workspace=there, user=member, role=Role.MEMBER)
    s3.ensure_bucket(there.account, there.bucket)
    row = elsewhere.request(actor, original, there)
    channels = prepare.channels_prefix(row)

    def arrived():
        return {one.key: one for one in s3.list_objects(there.account, there.bucket, channels)}

    start_heavy(running, MLCONSOLE_FAILPOINT="datasets.elsewhere.after_object")
    send(running, tasks.copy_to_workspace, row.pk)
    deadline = time.monotonic() + 90
    while not (first := arrived()):
        assert time.monotonic() < deadline, running.told()
        time.sleep(0.1)
    running.kill("heavy")
    row.refresh_from_db()
    assert (row.status, len(first)) == ("Preparing", 1)

    Preparation.objects.filter(pk=row.pk).update(next_check_at=timezone.now())  # its lease is over
    start_heavy(running)
    send(running, tasks.sweep_datasets)
    eventually(running, row, lambda row: row.status == "Ready")
    eventually(running, Dataset.objects.get(pk=row.dataset_id), lambda row: row.status == "Ready")
    found = arrived()
    assert len(found) == len(original.channels)
    assert all(found[key].modified == copied.modified for key, copied in first.items())

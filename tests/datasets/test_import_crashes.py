"""A real worker killed between two files of an import: the next one goes on there."""

import time

import pytest
from django.utils import timezone

from aws import s3
from datasets import imports, tasks
from datasets.models import Dataset
from tests.datasets.test_processing_crashes import eventually, send, start_heavy
from tests.jobs.conftest import committed, environment  # noqa: F401  # a fixture
from tests.jobs.processes import processes

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.fixture
def running(tmp_path, localaws):
    with processes(tmp_path / "console", environment(localaws)) as started:
        started.start_broker()
        yield started


def below(lab, prefix):
    return {found.key: found for found in s3.list_objects(lab.account, lab.bucket, prefix)}


def test_it_goes_on_with_the_file_at_which_a_worker_was_killed(running, lab, actor):
    for number in range(3):
        content = b"a,b\n" + b"%d,x\n" % number * 10
        s3.put_object(lab.account, lab.bucket, f"crash/{number}.csv", content)
    row = imports.request(actor, imports.plan(lab, f"s3://{lab.bucket}/crash/"))
    parts = f"datasets/{row.uid}/parts/"

    start_heavy(running, MLCONSOLE_FAILPOINT="datasets.imports.after_copy")
    send(running, tasks.import_dataset, row.pk)
    deadline = time.monotonic() + 90
    while not (first := below(lab, parts)):
        assert time.monotonic() < deadline, running.told()
        time.sleep(0.1)
    running.kill("heavy")
    row.refresh_from_db()
    assert (row.status, len(first)) == ("Uploading", 1)

    Dataset.objects.filter(pk=row.pk).update(next_check_at=timezone.now())  # its lease is over
    start_heavy(running)
    send(running, tasks.sweep_datasets)
    eventually(running, row, lambda row: row.status == "Profiling")
    send(running, tasks.profile_dataset, row.pk)
    eventually(running, row, lambda row: row.status == "Ready")
    assert row.rows == 30
    found = below(lab, parts)
    assert len(found) == 3
    assert all(found[key].modified == copied.modified for key, copied in first.items())

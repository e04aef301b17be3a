"""A worker that is really killed: its successor asks nothing that was kept."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from endpoints import batch
from endpoints.models import BatchPrediction
from endpoints.tasks import sweep_batches
from tests.endpoints.batch_lab import (  # noqa: F401  # fixtures for this file
    INVOKE,
    inject,
    many,
    service,
    serving,
    table_of,
)
from tests.jobs.conftest import committed, environment  # noqa: F401  # a fixture
from tests.jobs.processes import database_url

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]
ROOT = Path(__file__).parents[2]
SWEEP = "import django; django.setup(); from endpoints.tasks import *; sweep_batches()"


@pytest.fixture
def made(who, serving, many):  # noqa: F811  # those fixtures
    return batch.request(who, endpoint=serving, split="many", name="many")


@pytest.mark.parametrize(("place", "calls"), [("before_part", True), ("after_part", False)])
def test_a_killed_workers_successor_goes_on(made, service, inject, place, calls):  # noqa: F811
    died = subprocess.run(
        [sys.executable, "-c", SWEEP],
        cwd=ROOT,
        env={
            **os.environ,
            **environment(service),
            "DJANGO_SETTINGS_MODULE": "mlconsole.settings",
            "DATABASE_URL": database_url(),
            "MLCONSOLE_FAILPOINT": f"endpoints.batch.{place}",
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert BatchPrediction.objects.get(pk=made.pk).status == "Running"
    inject(INVOKE | {"kind": "latency", "seconds": 0})
    BatchPrediction.objects.update(next_check_at=timezone.now())
    sweep_batches()
    found = BatchPrediction.objects.listed().get(pk=made.pk)
    assert (found.status, found.rows_done) == ("Completed", 4520)
    assert table_of(found).read()["row"].to_pylist() == list(range(1, 4521))
    assert (inject.fired() != [0]) is calls

"""A preparation above the workspace's limit: a SageMaker Processing job does it, in localaws."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from aws import s3, sagemaker
from core.errors import StillInUse
from datasets import delete, placing, prepare, processing, sweep
from datasets.errors import TooLargeHere
from datasets.models import Preparation
from tests.localaws.conftest import LocalAws

pytestmark = pytest.mark.slow

FLOWERS = "length,width,kind\n" + "".join(
    f"{n / 10},{n % 7},{('setosa', 'virginica', 'versicolor')[n % 3]}\n" for n in range(600)
)
RECIPES = [
    {"target": "kind"},
    {"target": "kind", "algorithm": "knn", "recipe": {"scale": "standard", "sample": "up"}},
    {"target": "width", "algorithm": "linear-learner", "recipe": {"format": "csv"}},
    {"target": "", "algorithm": "kmeans"},
]


@pytest.fixture(scope="module")
def scripting(tmp_path_factory):
    service = LocalAws(tmp_path_factory.mktemp("processing") / "data", "--allow-scripts")
    yield service
    service.stop()


@pytest.fixture
def lab(workspace, scripting, wired, settings):
    settings.ALLOW_SCRIPTS = True
    return wired(workspace, scripting)


def limit(dataset):
    """From now on everything is too large for our worker."""
    dataset.workspace.prepare_here_bytes = 10
    dataset.workspace.save()


def done(preparation):
    """Worked on as the sweep does, hours in seconds, until it is finished."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        preparation.refresh_from_db()
        if preparation.is_finished:
            return preparation
        processing.work(preparation, now=preparation.next_check_at + timedelta(seconds=1))
        time.sleep(0.1)
    raise AssertionError(f"still {preparation.status}")


def content(preparation, name):
    with prepare.split_stream(preparation, name) as stream:
        return stream.read()


def facts(preparation):
    channels = {
        name: {key: value for key, value in channel.items() if key != "uri"}
        for name, channel in preparation.channels.items()
    }
    return (
        *(channels, preparation.encoding, preparation.features, preparation.labels),
        *(preparation.preview, preparation.implied, preparation.task),
    )


@pytest.mark.parametrize("wish", RECIPES)
def test_a_job_makes_what_the_worker_makes(ready, prepared, actor, wish):
    dataset = ready(FLOWERS)
    here = prepared(dataset, **wish)
    assert (here.status, here.processing_job) == ("Ready", "")
    limit(dataset)
    there = prepare.request(actor, dataset, **wish)
    assert there.processing_job == f"prepare-iris-csv-{there.uid}"
    done(there)
    assert (there.status, there.failure_reason) == ("Ready", "")
    assert facts(there) == facts(here)
    for name in ("train", "validation", "test"):
        assert content(there, name) == content(here, name)
        assert there.channels[name]["uri"].startswith(
            s3.uri(there.workspace.bucket, prepare.channels_prefix(there))
        )

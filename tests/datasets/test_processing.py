"""A preparation above the workspace's limit: a SageMaker Processing job does it, in localaws."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

import aws.errors
from aws import s3, sagemaker
from core.errors import StillInUse
from datasets import delete, placing, prepare, processing, sweep
from datasets.errors import TooLargeHere
from datasets.models import Preparation
from tests.datasets.test_preparing_pages import WISH
from tests.localaws.conftest import LocalAws

pytestmark = pytest.mark.slow

FLOWERS = "length,width,kind\n" + "".join(
    f"{n / 10},{n % 7},{('setosa', 'virginica', 'versicolor')[n % 3]}\n" for n in range(600)
)
HEADER, *LINES = FLOWERS.splitlines(keepends=True)
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
def lab(request, workspace, wired, settings):
    settings.ALLOW_SCRIPTS = True
    name = getattr(request, "param", "scripting")
    return wired(workspace, request.getfixturevalue(name))


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


def in_parts(dataset, *, sizes=(100, 250, 250)):
    """The rows of FLOWERS in several objects, as an import leaves them."""
    workspace, parts, start = dataset.workspace, [], 0
    for number, size in enumerate(sizes):
        key = f"datasets/{dataset.uid}/parts/{number:05d}-flowers.csv"
        content = (HEADER + "".join(LINES[start : start + size])).encode()
        s3.put_object(workspace.account, workspace.bucket, key, content)
        parts.append({"key": key, "bytes": len(content)})
        start += size
    dataset.parts = parts
    dataset.save()
    return dataset


def jobs(preparation):
    """The jobs at AWS that were made for it: names and instances, the oldest first."""
    account = preparation.workspace.account
    names = [placing.name_of(preparation, stage) for stage in ("prepare", "divide", "write")]
    found = []
    for name in names:
        try:
            found.append(sagemaker.describe_processing_job(account, name))
        except aws.errors.NotFound:
            continue
    return [(job.name.partition("-")[0], job.instance_count) for job in found]


@pytest.mark.parametrize("wish", RECIPES)
def test_a_table_in_parts_is_planned_by_one_machine_and_written_by_several(
    ready, prepared, actor, wish
):
    dataset = in_parts(ready(FLOWERS))
    here = prepared(dataset, **wish)
    assert (here.status, here.failure_reason) == ("Ready", "")
    limit(dataset)
    there = prepare.request(actor, dataset, **wish)
    assert placing.stage_of(there) == "divide"
    done(there)
    assert (there.status, there.failure_reason) == ("Ready", "")
    assert jobs(there) == [("divide", 1), ("write", 3)]
    assert facts(there) == facts(here)
    for name in ("train", "validation", "test"):
        assert content(there, name) == content(here, name)
        assert there.channels[name]["uri"].endswith(f"/{name}/")


def test_files_of_their_own_and_a_vocabulary_come_out_the_same(ready, prepared, actor):
    words = "kind,said\n" + "".join(f"{n % 2},word{n % 9} and word{n % 5}\n" for n in range(300))
    dataset, extra = ready(words), ready(words.replace("word1", "new"))
    wish = {
        "target": "kind",
        "algorithm": "factorization-machines",
        "test": 0,
        "train": 0.8,
        "recipe": {
            "split": {"by": "files"},
            "text": {"column": "said", "do": "words", "top": 5},
        },
        "test_dataset": extra,
    }
    here = prepared(dataset, **wish)
    assert (here.status, here.failure_reason) == ("Ready", "")
    limit(dataset)
    there = done(prepare.request(actor, dataset, **wish))
    assert (there.status, there.failure_reason) == ("Ready", "")
    assert facts(there) == facts(here)
    assert content(there, "test") == content(here, "test")
    stored = [
        s3.get_object(row.workspace.account, *s3.parse_uri(row.artefacts["vocabulary"]))
        for row in (here, there)
    ]
    assert stored[0] == stored[1]


def test_what_is_wrong_with_the_data_is_told(ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    broken = FLOWERS.replace("40.1,2,", "40.1,", 1).encode()
    s3.put_object(dataset.workspace.account, dataset.workspace.bucket, dataset.key, broken)
    done(preparation)
    assert preparation.status == "Failed"
    assert preparation.processing_job in preparation.failure_reason
    assert "Line 403 has 2 fields; expected 3." in preparation.failure_reason


@pytest.mark.parametrize("lab", ["localaws"], indirect=True)
def test_what_aws_says_of_the_job_is_told(ready, actor):
    """The row says that scripts are allowed, localaws has not heard of it."""
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = done(prepare.request(actor, dataset, target="kind"))
    assert preparation.status == "Failed"
    assert "ClientError: The image sagemaker-scikit-learn" in preparation.failure_reason


def test_it_needs_scripts_on_this_machine(ready, actor, settings):
    settings.ALLOW_SCRIPTS = False
    dataset = ready(FLOWERS)
    limit(dataset)
    with pytest.raises(TooLargeHere, match="Above 10 bytes") as caught:
        prepare.request(actor, dataset, target="kind")
    assert "raise the limit, or allow local scripts" in caught.value.hint
    assert not Preparation.objects.exists()

    dataset.workspace.allow_scripts = True
    dataset.workspace.save()
    assert prepare.request(actor, dataset, target="kind").processing_job
    dataset.workspace.allow_scripts, dataset.workspace.kind = False, "aws"
    dataset.workspace.save()
    assert prepare.request(actor, dataset, target="kind").processing_job


def test_the_limit_counts_all_files(ready, actor):
    dataset, extra = ready(FLOWERS), ready(FLOWERS + "1,2,setosa\n")
    dataset.workspace.prepare_here_bytes = dataset.bytes + 1
    dataset.workspace.save()
    assert not prepare.request(actor, dataset, target="kind").processing_job
    wish = {"test_dataset": extra, "recipe": {"split": {"by": "files"}}}
    assert prepare.request(actor, dataset, target="kind", **wish).processing_job


def test_an_attempt_that_died_after_the_call_is_gone_on_with(ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    processing.work(preparation, now=timezone.now() + timedelta(seconds=1))
    Preparation.objects.filter(pk=preparation.pk).update(status="Requested")  # as it was before
    assert done(preparation).status == "Ready"
    assert jobs(preparation) == [("prepare", 1)]


def test_an_attempt_that_died_before_the_call_is_made_again(ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    Preparation.objects.filter(pk=preparation.pk).update(status="Preparing")
    assert done(preparation).status == "Ready"


def test_a_strangers_job_of_the_name_is_left_alone(ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    spec = replace(processing._spec(preparation), tags={"team": "other"}, inputs=(), outputs=())
    sagemaker.create_processing_job(dataset.workspace.account, spec)
    done(preparation)
    assert preparation.status == "Failed"
    assert "did not make already has this name" in preparation.failure_reason


def test_deleting_stops_the_job_and_leaves_nothing(ready, actor):
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    processing.work(preparation, now=timezone.now() + timedelta(seconds=1))
    with pytest.raises(StillInUse):
        delete.request(actor, dataset, now=timezone.now())
    delete.request(actor, preparation, now=timezone.now())
    deadline = time.monotonic() + 60
    while preparation.processing_job and time.monotonic() < deadline:
        sweep.sweep(timezone.now())
        preparation.refresh_from_db()
        time.sleep(0.1)
    account = dataset.workspace.account
    name = placing.name_of(preparation, "prepare")
    assert sagemaker.describe_processing_job(account, name).status == "Stopped"
    prefix = prepare.channels_prefix(preparation)
    assert not list(s3.list_objects(account, dataset.workspace.bucket, prefix))
    delete.request(actor, dataset, now=timezone.now())


def test_deleting_while_the_job_is_made_stops_it_too(ready, actor):
    """The row was taken up before it was deleted; the call comes after."""
    dataset = ready(FLOWERS)
    limit(dataset)
    preparation = prepare.request(actor, dataset, target="kind")
    taken_up = Preparation.objects.get(pk=preparation.pk)
    delete.request(actor, preparation, now=timezone.now())
    delete.channels(preparation)
    processing.work(taken_up, now=timezone.now() + timedelta(seconds=1))
    assert jobs(preparation) == []


def test_pages_and_api_say_what_to_do(ready, api, signed_in, member, settings):
    settings.ALLOW_SCRIPTS = False
    dataset = ready(FLOWERS)
    limit(dataset)
    path = f"/api/v1/datasets/{dataset.uid}/preparations"
    answer = api(member).post(path, {"target": "kind"}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_large_here")

    wish = WISH | {"target": "kind", "suggested_for": "kind", "idempotency_key": "0" * 32}
    answer = signed_in(member).post(f"/datasets/{dataset.uid}/prepare", wish)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "a SageMaker Processing job prepares it" in text
    assert "An admin can raise the limit" in text

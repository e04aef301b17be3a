"""Processing jobs: what is sent, how AWS's description reads, and a job that really runs."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aws import errors, s3, sagemaker
from aws.images import image_uri
from aws.types import ProcessingInput, ProcessingJobSpec, ProcessingOutput
from tests.aws.conftest import REGION, ROLE, Reply
from tests.localaws.conftest import LocalAws

HERE = "/opt/ml/processing"
OVER = {"Completed", "Failed", "Stopped"}
COPY = """
import pathlib, shutil, sys
source, target = map(pathlib.Path, sys.argv[1:])
(target / "names.txt").write_text(" ".join(sorted(path.name for path in source.iterdir())))
"""


@pytest.fixture
def spec(account, name):
    s3.ensure_bucket(account, name)
    s3.put_object(account, name, "code/copy.py", COPY.encode())
    for part in ("a", "b", "c"):
        s3.put_object(account, name, f"in/{part}", b"x")
    manifest = json.dumps([{"prefix": f"s3://{name}/in/"}, "a", "c"])
    s3.put_object(account, name, "manifest.json", manifest.encode())
    return ProcessingJobSpec(
        name=name,
        image=image_uri("sagemaker-scikit-learn", "1.4-2-cpu-py3", REGION),
        role_arn=ROLE,
        entrypoint=("python3", f"{HERE}/code/copy.py"),
        arguments=(f"{HERE}/data", f"{HERE}/out"),
        inputs=(
            ProcessingInput("code", f"s3://{name}/code/", f"{HERE}/code"),
            ProcessingInput(
                "data",
                f"s3://{name}/manifest.json",
                f"{HERE}/data",
                is_manifest=True,
                is_sharded=True,
            ),
        ),
        outputs=(ProcessingOutput("out", f"s3://{name}/out/", f"{HERE}/out"),),
        instance_type="ml.m5.xlarge",
        instance_count=2,
        max_runtime_seconds=300,
        tags={"mlconsole:id": "7"},
    )


def ended(account, name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = sagemaker.describe_processing_job(account, name)
        if job.status in OVER:
            return job
        time.sleep(0.1)
    raise AssertionError("the job never ended")


def test_it_starts_a_job_and_finds_it(account, spec):
    arn = sagemaker.create_processing_job(account, spec)
    job = sagemaker.describe_processing_job(account, spec.name)
    assert (job.name, job.arn, job.image) == (spec.name, arn, spec.image)
    assert job.created.tzinfo is UTC
    assert job.status in OVER | {"InProgress"}


@pytest.mark.parametrize("account", ["local"], indirect=True)  # moto makes a second one
def test_it_makes_no_second_job_of_the_name(account, spec):
    sagemaker.create_processing_job(account, spec)
    with pytest.raises(errors.AlreadyExists):
        sagemaker.create_processing_job(account, spec)


def test_it_tags_a_job(account, spec):
    arn = sagemaker.create_processing_job(account, spec)
    assert sagemaker.list_tags(account, arn) == {"mlconsole:id": "7"}


def test_it_misses_a_job(account):
    with pytest.raises(errors.NotFound):
        sagemaker.describe_processing_job(account, "nobodys")


def test_it_sends_what_is_asked(scripted):
    scripted.says(Reply(body=b'{"ProcessingJobArn": "arn"}'))
    spec = ProcessingJobSpec(
        name="j",
        image="i",
        role_arn=ROLE,
        entrypoint=("python3", "x"),
        inputs=(
            ProcessingInput("plain", "s3://b/p/", f"{HERE}/p"),
            ProcessingInput("some", "s3://b/m", f"{HERE}/s", is_manifest=True, is_sharded=True),
        ),
        outputs=(ProcessingOutput("out", "s3://b/o/", f"{HERE}/o"),),
        instance_type="ml.m5.large",
        volume_gb=70,
    )
    assert sagemaker.create_processing_job(scripted.account, spec) == "arn"
    sent = json.loads(scripted.requests[0].body)
    assert "ContainerArguments" not in sent["AppSpecification"]
    plain, some = (given["S3Input"] for given in sent["ProcessingInputs"])
    assert (plain["S3DataType"], plain["S3DataDistributionType"]) == ("S3Prefix", "FullyReplicated")
    assert (some["S3DataType"], some["S3DataDistributionType"]) == (
        *("ManifestFile", "ShardedByS3Key"),
    )
    assert sent["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == 70
    assert sent["ProcessingOutputConfig"]["Outputs"][0]["S3Output"] == {
        "S3Uri": "s3://b/o/",
        "LocalPath": f"{HERE}/o",
        "S3UploadMode": "EndOfJob",
    }


def test_it_reads_a_failed_job(scripted):
    answer = {
        "ProcessingJobName": "j",
        "ProcessingJobArn": "arn",
        "ProcessingJobStatus": "Failed",
        "FailureReason": "AlgorithmError: no",
        "ExitMessage": "said",
        "AppSpecification": {"ImageUri": "i"},
        "CreationTime": 86_400.0,
        "ProcessingEndTime": 172_800.0,
    }
    scripted.says(Reply(body=json.dumps(answer).encode()))
    job = sagemaker.describe_processing_job(scripted.account, "j")
    assert (job.status, job.failure_reason, job.exit_message) == (
        *("Failed", "AlgorithmError: no", "said"),
    )
    assert (job.started, job.ended) == (None, datetime(1970, 1, 3, tzinfo=UTC))
    assert job.instance_count == 1


@pytest.fixture(scope="module")
def scripting(tmp_path_factory):
    service = LocalAws(tmp_path_factory.mktemp("scripting") / "data", "--allow-scripts")
    yield service
    service.stop()


class TestOneThatRuns:
    @pytest.fixture
    def account(self, scripting, monkeypatch):
        from aws.clients import Account

        monkeypatch.setenv("AWS_ACCESS_KEY_ID", scripting.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", scripting.secret)
        return Account(region=REGION, endpoint_url=scripting.url)

    def test_it_reads_the_listed_objects_and_leaves_its_files(self, account, spec):
        sagemaker.create_processing_job(account, spec)
        job = ended(account, spec.name)
        assert (job.status, job.failure_reason) == ("Completed", "")
        assert s3.get_object(account, spec.name, "out/names.txt") == b"a c"
        assert (job.instance_type, job.instance_count) == ("ml.m5.xlarge", 2)
        assert job.started <= job.ended
        with pytest.raises(errors.WrongState):
            sagemaker.stop_processing_job(account, spec.name)

    def test_it_stops_a_job(self, account, spec):
        endless = b"import time\nwhile True: time.sleep(0.1)\n"
        s3.put_object(account, spec.name, "code/copy.py", endless)
        sagemaker.create_processing_job(account, spec)
        sagemaker.stop_processing_job(account, spec.name)
        assert ended(account, spec.name).status == "Stopped"
        with pytest.raises(errors.NotFound):
            sagemaker.stop_processing_job(account, "nobodys")

    def test_it_tells_why_a_job_failed(self, account, spec):
        s3.put_object(account, spec.name, "code/copy.py", b"raise SystemExit('too odd')\n")
        sagemaker.create_processing_job(account, replace(spec, instance_count=1))
        job = ended(account, spec.name)
        assert job.status == "Failed"
        assert "too odd" in job.failure_reason

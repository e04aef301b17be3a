"""A disk without room: refused calls, failed jobs with a reason, and a service that goes on.

The room is taken away with RLIMIT_FSIZE: no file can grow beyond the limit.
"""

import sys
from contextlib import contextmanager

import pytest

from tests.localaws.lab import LONG, Lab, refusal, until

if sys.platform != "linux":
    pytest.skip("needs prlimit", allow_module_level=True)

import resource

MB = 1 << 20


@contextmanager
def room_for(localaws, size):
    """No file of localaws grows beyond `size` bytes."""
    pid, kind = localaws.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, kind, before)


@pytest.fixture
def lab(own_localaws) -> Lab:
    return Lab(own_localaws)


def test_it_refuses_an_object_without_room_and_goes_on(lab):
    with room_for(lab.localaws, 4 * MB):
        request = {"Bucket": "lab-bucket", "Key": "big", "Body": bytes(5 * MB)}
        code, message = refusal(lab.s3.put_object, **request)
        assert code == "InsufficientStorage"
        assert "cannot write to its disk" in message
        lab.put("small", b"fits")
        keys = [item["Key"] for item in lab.s3.list_objects_v2(Bucket="lab-bucket")["Contents"]]
        assert "small" in keys
        assert "big" not in keys
    lab.put("big", bytes(5 * MB))


def test_it_fails_a_job_whose_data_has_no_room(lab):
    lab.put("cancer/train/more.csv", b"0," + b"1," * (3 * MB) + b"1\n")
    with room_for(lab.localaws, 4 * MB):
        lab.start("no-room")
        job = lab.finished("no-room")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: Data download failed:")
    assert "File too large" in job["FailureReason"]
    lab.s3.delete_object(Bucket="lab-bucket", Key="cancer/train/more.csv")
    lab.trained("afterwards")


def test_it_keeps_running_when_nothing_can_be_written(lab):
    lab.trained("before")
    lab.model("before", "s3://lab-bucket/out/before/output/model.tar.gz")
    lab.config("before", before=1)
    lab.endpoint("before", "before")
    lab.start("during", LONG)
    lab.running("during")
    row = b",".join([b"1.0"] * 30)
    with room_for(lab.localaws, 4096):
        create = lab.sagemaker.add_tags
        arn = lab.job("before")["TrainingJobArn"]
        tags = [{"Key": "a", "Value": "b"}]
        refused = until(lambda: attempt(create, ResourceArn=arn, Tags=tags), bool)
        assert refused == "InsufficientStorage"
        for _ in range(20):
            assert 0 <= float(lab.ask("before", row)) <= 1
        assert lab.job("before")["TrainingJobStatus"] == "Completed"
        until(lambda: "waits" in lab.localaws.log.read_text(), bool)
    assert lab.job("during")["TrainingJobStatus"] == "InProgress"
    lab.sagemaker.stop_training_job(TrainingJobName="during")
    assert lab.finished("during")["TrainingJobStatus"] == "Stopped"
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "during/")
    rounds = [line for line in lines if line.startswith("[")]
    assert len(rounds) > 10
    lab.trained("after")
    assert 0 <= float(lab.ask("before", row)) <= 1
    lab.leave()


def attempt(call, **request):
    """The error's code, or nothing when the call still went through."""
    try:
        return refusal(call, **request)[0]
    except AssertionError:
        return ""

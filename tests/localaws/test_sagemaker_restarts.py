"""Nothing is lost when localaws ends, however it ends, and nothing of it is left running."""

import signal
import time
from pathlib import Path

import pytest

from tests.localaws.lab import LONG, Lab, until
from tests.localaws.test_invocations import ROW, servers_below

pytestmark = pytest.mark.slow
needs_proc = pytest.mark.skipif(not Path("/proc").exists(), reason="looks at /proc")


@pytest.fixture
def lab(own_localaws) -> Lab:
    return Lab(own_localaws)


def again(lab: Lab) -> None:
    """Clients of the restarted process, the same data."""
    service = lab.localaws
    lab.s3, lab.sagemaker = service.client("s3"), service.client("sagemaker")
    lab.runtime = service.client("sagemaker-runtime")


def test_it_serves_again_after_a_kill_even_without_the_model_data(lab):
    lab.trained("lasting", Tags=[{"Key": "team", "Value": "lab"}])
    lab.model("lasting", "s3://lab-bucket/out/lasting/output/model.tar.gz")
    lab.config("lasting", lasting=1)
    before = lab.endpoint("lasting", "lasting")
    answer = lab.ask("lasting", ROW)
    lab.s3.delete_object(Bucket="lab-bucket", Key="out/lasting/output/model.tar.gz")
    job = lab.job("lasting")
    lab.localaws.kill()
    lab.localaws.restart()
    again(lab)
    del job["ResponseMetadata"]
    assert job.items() <= lab.job("lasting").items()
    after = lab.sagemaker.describe_endpoint(EndpointName="lasting")
    assert after["EndpointStatus"] == "InService"
    assert after["LastModifiedTime"] == before["LastModifiedTime"]
    assert lab.ask("lasting", ROW) == answer


def test_it_starts_an_interrupted_job_again(lab):
    lab.start("interrupted", LONG)
    lab.running("interrupted")
    lab.localaws.kill()
    lab.localaws.restart()
    again(lab)
    job = until(lambda: lab.job("interrupted"), lambda job: job["SecondaryStatus"] == "Training")
    steps = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert steps == [
        *("Starting", "Downloading", "Training", "Restarting", "Downloading", "Training")
    ]
    assert lab.logged("/aws/sagemaker/TrainingJobs", "interrupted/")
    lab.sagemaker.stop_training_job(TrainingJobName="interrupted")
    assert lab.finished("interrupted")["TrainingJobStatus"] == "Stopped"


@needs_proc
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_no_process_behind(lab, end):
    lab.trained("parent")
    lab.model("parent", "s3://lab-bucket/out/parent/output/model.tar.gz")
    lab.config("parent", parent=1)
    lab.endpoint("parent", "parent")
    lab.start("orphan", LONG)
    lab.running("orphan")
    assert len(servers_below(lab.localaws.data)) == 2
    started = time.monotonic()
    lab.localaws.process.send_signal(end)
    lab.localaws.process.wait(timeout=10)
    assert time.monotonic() - started < 3
    until(lambda: servers_below(lab.localaws.data), lambda left: not left, seconds=5)


def test_it_finishes_what_was_being_created_or_deleted(lab):
    lab.trained("halfway")
    lab.model("halfway", "s3://lab-bucket/out/halfway/output/model.tar.gz")
    lab.config("halfway", halfway=1)
    lab.endpoint("going", "halfway")
    lab.sagemaker.create_endpoint(EndpointName="coming", EndpointConfigName="halfway")
    lab.sagemaker.delete_endpoint(EndpointName="going")
    lab.localaws.kill()
    lab.localaws.restart()
    again(lab)
    lab.settled("coming", "InService")
    until(
        lambda: lab.sagemaker.list_endpoints()["Endpoints"],
        lambda found: [item["EndpointName"] for item in found] == ["coming"],
    )
    assert lab.ask("coming", ROW)


def test_it_deletes_an_endpoint_that_is_being_brought_back(lab):
    lab.trained("brief")
    lab.model("brief", "s3://lab-bucket/out/brief/output/model.tar.gz")
    lab.config("brief", brief=1)
    lab.endpoint("brief", "brief")
    lab.localaws.restart()
    again(lab)
    lab.sagemaker.delete_endpoint(EndpointName="brief")
    until(lambda: lab.sagemaker.list_endpoints()["Endpoints"], lambda found: not found)
    until(lambda: servers_below(lab.localaws.data), lambda left: not left, seconds=10)

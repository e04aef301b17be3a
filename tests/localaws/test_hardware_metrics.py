"""How busy jobs and endpoints are, in CloudWatch."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localaws.engine.gauge import usage
from tests.localaws.lab import LONG, Lab, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")


def points(lab, namespace, name, **dimensions):
    found = lab.localaws.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.now(UTC) - timedelta(minutes=5),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )
    return [point["Maximum"] for point in found["Datapoints"]]


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


def test_it_adds_up_a_process_group():
    busy = "import os\nos.fork()\nwhile True: pass"
    process = subprocess.Popen([sys.executable, "-c", busy], start_new_session=True)
    try:
        found = until(lambda: usage([process.pid]), lambda u: u and u[process.pid].seconds > 0.1)
        assert found[process.pid].resident > 1 << 20
    finally:
        os.killpg(process.pid, 9)
        process.wait()
    until(lambda: usage([process.pid]), lambda found: found == {}, 5)


def test_it_publishes_what_a_training_job_uses(lab):
    lab.start("busy", LONG)
    place = ("/aws/sagemaker/TrainingJobs", "CPUUtilization")
    try:
        [cpu, *_] = until(lambda: points(lab, *place, Host="busy/algo-1"), bool)
        assert 1 < cpu <= 100 * (os.cpu_count() or 1) + 20
        [memory, *_] = points(lab, place[0], "MemoryUtilization", Host="busy/algo-1")
        assert 0 < memory < 100
    finally:
        lab.sagemaker.stop_training_job(TrainingJobName="busy")


def test_it_publishes_what_an_endpoint_uses(lab):
    lab.trained("measured-host")
    lab.model("gauged", "s3://lab-bucket/out/measured-host/output/model.tar.gz")
    lab.config("gauged", gauged=1)
    lab.endpoint("gauged", "gauged")
    try:
        place = {"EndpointName": "gauged", "VariantName": "gauged"}
        namespace = "/aws/sagemaker/Endpoints"
        found = until(lambda: points(lab, namespace, "MemoryUtilization", **place), bool, 20)
        assert 0 < found[0] < 100
        assert points(lab, namespace, "CPUUtilization", **place)
    finally:
        lab.leave()

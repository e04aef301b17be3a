"""Asynchronous requests that were accepted are answered, whatever happens to localaws."""

import pytest

from tests.localaws.lab import Lab, until
from tests.localaws.test_async_invocations import arrived, maximum, prepared, submit, there

pytestmark = pytest.mark.slow


@pytest.fixture
def lab(own_localaws) -> Lab:
    own_localaws.arguments = ("--allow-scripts",)
    own_localaws.restart()
    lab = prepared(own_localaws)
    lab.endpoint("later", "later")
    return lab


def again(lab: Lab) -> None:
    service = lab.localaws
    lab.s3, lab.sagemaker = service.client("s3"), service.client("sagemaker")
    lab.runtime = service.client("sagemaker-runtime")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_every_accepted_request_is_answered_after_a_restart(lab, end):
    answers = [submit(lab, f"lasting-{number}", sleep=0.5) for number in range(6)]
    arrived(lab, answers[0]["OutputLocation"])
    getattr(lab.localaws, end)()
    lab.localaws.restart()
    again(lab)
    for answer in answers:
        arrived(lab, answer["OutputLocation"])
        assert there(lab, answer["FailureLocation"]) is None


def test_requests_wait_while_there_is_no_instance(lab):
    capacity(lab, 0)
    answer = submit(lab, "patient")
    until(lambda: maximum(lab, "HasBacklogWithoutCapacity"), lambda value: value == 1)
    assert there(lab, answer["OutputLocation"]) is None
    capacity(lab, 1)
    arrived(lab, answer["OutputLocation"])


def test_a_deleted_endpoint_takes_its_queue_with_it(lab):
    capacity(lab, 0)
    answer = submit(lab, "forgotten")
    lab.sagemaker.delete_endpoint(EndpointName="later")
    until(lambda: lab.sagemaker.list_endpoints()["Endpoints"], lambda found: not found)
    lab.endpoint("later", "later")
    arrived(lab, submit(lab, "fresh")["OutputLocation"])
    assert there(lab, answer["OutputLocation"]) is None


def capacity(lab: Lab, count: int) -> None:
    desired = {"VariantName": "AllTraffic", "DesiredInstanceCount": count}
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="later", DesiredWeightsAndCapacities=[desired]
    )
    lab.settled("later", "InService")

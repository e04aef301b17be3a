"""Asynchronous requests that were accepted are answered, whatever happens to localaws."""

import secrets
from collections.abc import Iterator

import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import Lab, until
from tests.localaws.test_async_invocations import arrived, maximum, prepared, submit, there

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("async") / "data", "--allow-scripts")
    yield prepared(service)
    service.stop()


@pytest.fixture
def endpoint(lab) -> Iterator[str]:
    """Each test's own, so that nothing waits for it yet and no metric tells of it."""
    name = f"later-{secrets.token_hex(3)}"
    lab.endpoint(name, "later")
    yield name
    lab.leave()
    lab.endpoints.clear()


def again(lab: Lab) -> None:
    service = lab.localaws
    service.restart()
    lab.s3, lab.sagemaker = service.client("s3"), service.client("sagemaker")
    lab.runtime = service.client("sagemaker-runtime")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_every_accepted_request_is_answered_after_a_restart(lab, endpoint, end):
    wish = {"endpoint": endpoint, "sleep": 0.5}
    answers = [submit(lab, f"{end}-{number}", **wish) for number in range(6)]
    arrived(lab, answers[0]["OutputLocation"])
    getattr(lab.localaws, end)()
    again(lab)
    for answer in answers:
        arrived(lab, answer["OutputLocation"])
        assert there(lab, answer["FailureLocation"]) is None


def test_requests_wait_while_there_is_no_instance(lab, endpoint):
    capacity(lab, endpoint, 0)
    answer = submit(lab, "patient", endpoint=endpoint)
    until(
        lambda: maximum(lab, "HasBacklogWithoutCapacity", EndpointName=endpoint),
        lambda value: value == 1,
    )
    assert there(lab, answer["OutputLocation"]) is None
    capacity(lab, endpoint, 1)
    arrived(lab, answer["OutputLocation"])


def test_a_deleted_endpoint_takes_its_queue_with_it(lab, endpoint):
    capacity(lab, endpoint, 0)
    answer = submit(lab, "forgotten", endpoint=endpoint)
    lab.sagemaker.delete_endpoint(EndpointName=endpoint)
    until(lambda: lab.sagemaker.list_endpoints()["Endpoints"], lambda found: not found)
    lab.endpoint(endpoint, "later")
    arrived(lab, submit(lab, "fresh", endpoint=endpoint)["OutputLocation"])
    assert there(lab, answer["OutputLocation"]) is None


def capacity(lab: Lab, endpoint: str, count: int) -> None:
    desired = {"VariantName": "AllTraffic", "DesiredInstanceCount": count}
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=[desired]
    )
    lab.settled(endpoint, "InService")

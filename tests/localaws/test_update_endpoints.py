"""UpdateEndpoint: the old configuration serves until the new one does, or goes on serving."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.hosting import config, obedient, variant
from tests.localaws.lab import Lab, refusal
from tests.localaws.test_invocations import servers_below

pytestmark = pytest.mark.slow
ENDPOINT = "updated"


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("updates") / "data", "--allow-scripts")
    lab = Lab(service)
    for name in ("blue", "green"):
        obedient(lab, name)
        config(lab, name, variant(name, InitialVariantWeight=2.0))
    obedient(lab, "broken", broken=True)
    config(lab, "broken", variant("broken"))
    lab.endpoint(ENDPOINT, "blue")
    yield lab
    lab.leave()
    service.stop()


def ask(lab: Lab, **asked: object) -> str:
    body = json.dumps(asked).encode()
    return str(json.loads(lab.ask(ENDPOINT, body, ContentType="application/json"))["model"])


def update(lab: Lab, to: str, **members: object) -> dict[str, object]:
    lab.sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName=to, **members)
    return lab.settled(ENDPOINT, "InService")


class Stream:
    """Three clients that ask without a pause until they are told to stop."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.stopped = lab, threading.Event()
        self.pool = ThreadPoolExecutor(3)

    def __enter__(self) -> "Stream":
        self.clients = [self.pool.submit(self._ask) for _ in range(3)]
        return self

    def __exit__(self, *_: object) -> None:
        """An invocation that failed fails the test here."""
        self.stopped.set()
        self.answers = [answer for client in self.clients for answer in client.result()]
        self.pool.shutdown()

    def _ask(self) -> list[str]:
        answers = []
        while not self.stopped.is_set():
            answers.append(ask(self.lab, sleep=0.05))
        return answers


def test_no_invocation_of_a_stream_fails_while_the_models_change(lab):
    with Stream(lab) as stream:
        for name in ("green", "blue", "green"):
            assert update(lab, name)["EndpointConfigName"] == name
            time.sleep(0.3)
    assert len(stream.answers) > 20
    assert set(stream.answers) == {"blue", "green"}
    assert ask(lab) == "green"


def test_it_answers_what_was_asked_before_the_change(lab):
    before = update(lab, "blue")["ProductionVariants"]
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, lab, sleep=3)
        time.sleep(0.3)
        after = update(lab, "green")["ProductionVariants"]
        assert ask(lab) == "green"
        assert not slow.done()
        assert slow.result() == "blue"
    assert before[0]["VariantName"] == after[0]["VariantName"]


def test_it_closes_the_old_server_after_the_change(lab):
    update(lab, "blue")
    deadline = time.monotonic() + 10
    place = lab.localaws.data / "sagemaker" / "endpoints" / ENDPOINT
    assert servers_below(place)
    while len(servers_below(place)) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_rolls_back_under_a_stream_of_invocations(lab):
    update(lab, "blue")
    with Stream(lab) as stream:
        now = update(lab, "broken")
    assert now["EndpointConfigName"] == "blue"
    assert "did not pass the ping health check" in str(now["FailureReason"])
    assert set(stream.answers) == {"blue"}
    assert "FailureReason" not in update(lab, "green")


def test_it_retains_the_properties_of_variants(lab):
    update(lab, "blue")
    desired = {"VariantName": "AllTraffic", "DesiredWeight": 5, "DesiredInstanceCount": 3}
    lab.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=ENDPOINT, DesiredWeightsAndCapacities=[desired]
    )
    lab.settled(ENDPOINT, "InService")
    assert shares(update(lab, "green", RetainAllVariantProperties=True)) == (5, 3)
    excluded = [{"VariantPropertyType": "DesiredWeight"}]
    kept = update(
        lab,
        "blue",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=excluded,
    )
    assert shares(kept) == (2, 3)
    assert shares(update(lab, "green")) == (2, 1)


def shares(endpoint: Any) -> tuple[float, int]:
    (shown,) = endpoint["ProductionVariants"]
    return shown["CurrentWeight"], shown["CurrentInstanceCount"]


def test_a_failed_endpoint_can_only_be_deleted(lab):
    lab.endpoint("hopeless", "broken", "Failed")
    code, message = refusal(
        lab.sagemaker.update_endpoint, EndpointName="hopeless", EndpointConfigName="blue"
    )
    assert code == "ValidationException"
    assert message.startswith("Cannot update failed endpoint")


def test_an_update_cut_short_leaves_the_old_configuration(own_scripting):
    lab = Lab(own_scripting)
    for name in ("blue", "green"):
        obedient(lab, name)
        config(lab, name, variant(name))
    lab.endpoint(ENDPOINT, "blue")
    lab.sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName="green")
    own_scripting.kill()
    own_scripting.restart()
    again = Lab(own_scripting)
    assert again.settled(ENDPOINT, "InService")["EndpointConfigName"] == "blue"
    assert ask(again) == "blue"


def test_an_aged_endpoint_is_as_old_as_its_tag_says_until_it_is_updated(lab):
    asked = {"EndpointName": "aged", "EndpointConfigName": "blue"}
    tag = {"Key": "localaws:age-days", "Value": "20"}
    wrong = refusal(lab.sagemaker.create_endpoint, **asked, Tags=[tag | {"Value": "old"}])
    assert wrong[0] == "ValidationException"
    lab.sagemaker.create_endpoint(**asked, Tags=[tag])
    lab.endpoints.append("aged")
    shown = lab.settled("aged", "InService")
    age = datetime.now(UTC) - shown["CreationTime"]
    assert timedelta(days=20) <= age < timedelta(days=20, minutes=5)
    assert shown["LastModifiedTime"] == shown["CreationTime"]
    lab.sagemaker.update_endpoint(EndpointName="aged", EndpointConfigName="green")
    shown = lab.settled("aged", "InService")
    assert datetime.now(UTC) - shown["LastModifiedTime"] < timedelta(minutes=5)

"""An update while it serves: no request fails, a bad one is rolled back, nothing is left behind."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import Conflict, InvalidFields, NotAllowed
from core.models import AuditEvent
from endpoints import delete, deploy, mirror, update
from endpoints.deploy import Part
from endpoints.models import Endpoint, RegisteredModel
from endpoints.sizing import Setup, Share
from endpoints.tasks import sweep_endpoints
from endpoints.update import Change
from tests.endpoints.conftest import fresh, in_service, now, until, use
from tests.localaws.hosting import obedient
from tests.localaws.lab import Lab

pytestmark = pytest.mark.slow
REAL_TIME = Setup()


@pytest.fixture(scope="session")
def scripting(tmp_path_factory) -> Iterator[Lab]:
    """A service whose models do as they are told."""
    from tests.localaws.conftest import LocalAws

    service = LocalAws(tmp_path_factory.mktemp("updating") / "data", "--allow-scripts")
    lab = Lab(service)
    for name in ("blue", "green"):
        obedient(lab, name)
    obedient(lab, "broken", broken=True)
    yield lab
    lab.leave()
    service.stop()


@pytest.fixture
def models(scripting, workspace, monkeypatch):
    use(scripting.localaws, monkeypatch)

    def row(name):
        # Imported ones stay when an endpoint goes: the next test needs them.
        return RegisteredModel.objects.create(
            workspace=workspace,
            name=name,
            aws_name=name,
            arn="a",
            status="Registered",
            origin="imported",
        )

    return {name: row(name) for name in ("blue", "green", "broken")}


@pytest.fixture
def endpoint(models, who, scripting):
    asked = deploy.request(who, model=models["blue"], instance_type="ml.m5.large", name="e")
    yield in_service(asked)
    scripting.leave()


def to(model=None, **share):
    wish = {"instance_type": "ml.m5.large", "instance_count": 1, "weight": 1.0} | share
    part = Part(model=model, share=Share(**wish), name="AllTraffic")
    return Change(part=part, kept="" if model else "blue")


def finish(endpoint):
    """What the sweeps and the mirror do until the update is over."""

    def work():
        Endpoint.objects.filter(pk=endpoint.pk).update(next_check_at=now())
        sweep_endpoints()
        mirror.look(endpoint.workspace, now())

    def over():
        row = fresh(endpoint)
        return row if not row.wanted and not row.past_configs else None

    return until(work, over)


def configs(scripting, endpoint):
    found = scripting.sagemaker.list_endpoint_configs(NameContains=endpoint.uid)
    return [config["EndpointConfigName"] for config in found["EndpointConfigs"]]


class Stream:
    """Three clients that ask without a pause; a request that fails fails the test."""

    def __init__(self, lab, endpoint):
        self.lab, self.name, self.stopped = lab, endpoint.aws_name, threading.Event()

    def __enter__(self):
        self.pool = ThreadPoolExecutor(3)
        self.clients = [self.pool.submit(self._ask) for _ in range(3)]
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.answers = {answer for client in self.clients for answer in client.result()}
        self.pool.shutdown()

    def _ask(self):
        answers, body = [], json.dumps({"sleep": 0.02}).encode()
        while not self.stopped.is_set():
            told = self.lab.ask(self.name, body, ContentType="application/json")
            answers.append(json.loads(told)["model"])
        return answers


def test_no_request_fails_while_the_model_changes(scripting, endpoint, models, who):
    before = endpoint.config_name
    with Stream(scripting, endpoint) as stream:
        assert update.request(who, endpoint, [to(models["green"])], REAL_TIME, now())
        after = finish(endpoint)
    assert stream.answers == {"blue", "green"}
    assert (after.status, after.failure_reason) == ("InService", "")
    assert after.model == models["green"]
    assert after.config_name != before
    assert configs(scripting, endpoint) == [after.config_name]
    events = AuditEvent.objects.filter(action="endpoint.update").order_by("id")
    assert [event.phase for event in events] == ["intent", "outcome"]


def test_an_update_that_does_not_come_up_is_rolled_back_in_words(scripting, endpoint, models, who):
    with Stream(scripting, endpoint) as stream:
        update.request(who, endpoint, [to(models["broken"])], REAL_TIME, now())
        after = finish(endpoint)
    assert stream.answers == {"blue"}
    assert after.status == "InService"
    assert after.failure_reason.startswith("The update failed and was rolled back")
    assert "ping health check" in after.failure_reason
    assert after.config_name == endpoint.config_name
    assert configs(scripting, endpoint) == [endpoint.config_name]
    mirror.look(endpoint.workspace, now())
    assert fresh(endpoint).failure_reason == after.failure_reason


def test_counts_and_weights_need_no_new_config(scripting, endpoint, who):
    update.request(who, endpoint, [to(instance_count=3, weight=5)], REAL_TIME, now())
    after = finish(endpoint)
    assert after.config_name == endpoint.config_name
    assert (after.instance_count, after.variants[0]["weight"]) == (3, 5.0)
    assert after.hourly_cost == pytest.approx(3 * 0.115)
    assert configs(scripting, endpoint) == [endpoint.config_name]


def test_a_second_click_asks_for_nothing_more(endpoint, models, who):
    wish = [to(models["green"])]
    assert update.request(who, endpoint, wish, REAL_TIME, now())
    assert not update.request(who, fresh(endpoint), wish, REAL_TIME, now())
    with pytest.raises(Conflict, match="under way"):
        update.request(who, fresh(endpoint), [to(instance_count=2)], REAL_TIME, now())
    after = finish(endpoint)
    assert not update.request(who, after, [to(models["green"])], REAL_TIME, now())
    assert after.revision == 1


def test_variants_are_added_and_removed(scripting, endpoint, models, who):
    share = Share(instance_type="ml.m5.large", weight=1.0)
    second = Change(part=Part(model=models["green"], share=share))
    update.request(who, endpoint, [to(weight=9), second], REAL_TIME, now())
    after = finish(endpoint)
    assert [(one["model"], one["weight"]) for one in after.variants] == [("blue", 9), ("green", 1)]
    update.request(who, after, [update.unchanged(after.variants[0])], REAL_TIME, now())
    assert len(finish(endpoint).variants) == 1


def test_somebody_elses_update_is_not_undone(scripting, endpoint, models, who):
    update.request(who, endpoint, [to(models["green"])], REAL_TIME, now())
    scripting.config("theirs", green=1.0)
    scripting.sagemaker.update_endpoint(EndpointName=endpoint.aws_name, EndpointConfigName="theirs")
    scripting.settled(endpoint.aws_name, "InService")
    after = finish(endpoint)
    assert "somebody moved it to theirs" in after.failure_reason
    assert after.config_name == "theirs"


def test_a_foreign_config_of_the_name_is_not_touched(scripting, endpoint, models, who):
    update.request(who, endpoint, [to(models["green"])], REAL_TIME, now())
    name = fresh(endpoint).wanted["config_name"]
    scripting.config(name, blue=1.0)
    after = finish(endpoint)
    assert "foreign endpoint configuration" in after.failure_reason
    assert name in configs(scripting, endpoint)


def test_an_update_that_did_not_begin_ends_with_a_deletion(scripting, endpoint, models, who):
    update.request(who, endpoint, [to(models["green"])], REAL_TIME, now())
    delete.request(who, fresh(endpoint), now())
    update.advance(fresh(endpoint), now())
    assert fresh(endpoint).wanted == {}
    assert configs(scripting, endpoint) == [endpoint.config_name]
    until(
        lambda: (delete.advance(fresh(endpoint), now()), mirror.look(endpoint.workspace, now())),
        lambda: fresh(endpoint).status == "Deleted",
    )
    assert configs(scripting, endpoint) == []


def test_a_serverless_endpoint_gets_more_memory(scripting, models, who):
    small = Setup(kind="serverless", serverless={"memory_mb": 1024, "max_concurrency": 2})
    before = in_service(deploy.request(who, model=models["blue"], setup=small, name="s"))
    larger = Setup(kind="serverless", serverless={"memory_mb": 4096, "max_concurrency": 2})
    assert not update.request(who, before, [update.unchanged(before.variants[0])], small, now())
    assert update.request(who, before, [update.unchanged(before.variants[0])], larger, now())
    after = finish(before)
    assert after.variants[0]["serverless"]["memory_mb"] == 4096
    assert (after.kind, after.hourly_cost, after.failure_reason) == ("serverless", 0.0, "")
    assert configs(scripting, before) == [after.config_name]
    scripting.leave()


def test_its_kind_stays_and_misfits_are_refused(endpoint, who, viewer):
    with pytest.raises(InvalidFields) as refused:
        update.request(who, endpoint, [to()], Setup(kind="serverless"), now())
    assert list(refused.value.errors) == ["kind"]
    with pytest.raises(InvalidFields) as refused:
        update.request(who, endpoint, [to(instance_count=0)], REAL_TIME, now())
    assert list(refused.value.errors) == ["instance_count"]


def test_a_viewer_cannot_update(make_endpoint, viewer, workspace):
    from core import access

    who = access.actor(viewer, slug=workspace.slug)
    with pytest.raises(NotAllowed):
        update.request(who, make_endpoint(), [to()], REAL_TIME, now())


def test_only_what_serves_is_updated(make_endpoint, who):
    with pytest.raises(Conflict, match="Failed"):
        update.request(
            who, make_endpoint(status="Failed"), [to(instance_count=2)], REAL_TIME, now()
        )

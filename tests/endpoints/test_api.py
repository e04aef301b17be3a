"""Models and endpoints over REST."""

import pytest

from core.models import AuditEvent
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import advance_deletion, sweep_endpoints
from tests.endpoints.conftest import fresh, in_service, until

JSON = "application/json"
M5 = {"instance_type": "ml.m5.large", "instance_count": 1}


@pytest.fixture
def bob(api, member):
    return api(member)


def created(client, job, **more):
    return client.post("/api/v1/endpoints", {"job": job.uid, **M5} | more, JSON)


def test_the_whole_life_of_an_endpoint(aws, bob, job, lab):
    answer = created(bob, job, name="first")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["name"], body["status"], body["job"]) == ("first", "Requested", job.uid)
    assert body["hourly_cost"] == pytest.approx(0.115)
    assert body["idle"]["verdict"] == "unknown"
    path = f"/api/v1/endpoints/{body['id']}"
    in_service(Endpoint.objects.get(uid=body["id"]))
    assert bob.get(path).json()["idle"]["verdict"] == "too young"

    row = lab.features[500].tolist()
    answer = bob.post(f"{path}/predict", {"instances": [row]}, JSON)
    assert answer.status_code == 200
    (prediction,) = answer.json()["predictions"]
    assert prediction["label"] in ("malignant", "benign")
    assert prediction["top"][0] == {
        "label": prediction["label"],
        "probability": prediction["probability"],
    }
    assert answer.json()["latency_ms"] > 0

    for _ in range(2):
        answer = bob.delete(path)
        assert answer.status_code == 202
        assert answer.json()["delete_requested"]
    endpoint = Endpoint.objects.get(uid=body["id"])

    def work():
        Endpoint.objects.filter(pk=endpoint.pk).update(next_check_at=endpoint.created_at)
        advance_deletion(endpoint.pk)

    until(work, lambda: fresh(endpoint).status == "Deleted")
    assert bob.get(path).json()["status"] == "Deleted"
    mine = f"/api/v1/endpoints?q={body['id']}"
    assert bob.get(mine).json()["total"] == 0
    assert bob.get(f"{mine}&status=Deleted").json()["total"] == 1
    assert bob.delete(path).status_code == 202


def test_the_sweep_finds_what_no_message_announced(aws, bob, job):
    uid = created(bob, job).json()["id"]
    sweep_endpoints()
    assert Endpoint.objects.get(uid=uid).status == "Creating"


def test_one_key_makes_one_endpoint(bob, make_job):
    job = make_job()
    wish = {"job": job.uid, **M5}
    headers = {"Idempotency-Key": "k1"}
    first = bob.post("/api/v1/endpoints", wish, JSON, headers=headers)
    again = bob.post("/api/v1/endpoints", wish, JSON, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    other = bob.post("/api/v1/endpoints", wish | {"name": "x"}, JSON, headers=headers)
    assert other.status_code == 409
    assert Endpoint.objects.count() == 1


def test_a_model_can_be_registered_and_then_deployed(aws, bob, job):
    answer = bob.post("/api/v1/models", {"job": job.uid}, JSON)
    assert answer.status_code == 201
    uid = answer.json()["id"]
    sweep_endpoints()
    assert bob.get(f"/api/v1/models/{uid}").json()["status"] == "Registered"
    assert [one["id"] for one in bob.get("/api/v1/models").json()["items"]] == [uid]
    answer = bob.post("/api/v1/endpoints", {"model": uid, **M5}, JSON)
    assert (answer.status_code, answer.json()["model"]) == (201, uid)
    assert RegisteredModel.objects.count() == 1


@pytest.mark.parametrize(
    ("wish", "status", "field"),
    [
        ({"instance_type": "huge"}, 422, "instance_type"),
        ({"instance_type": "ml.m5.large", "instance_count": 99}, 422, "instance_count"),
        ({}, 422, "instance_type"),
    ],
)
def test_bad_wishes_name_their_field(bob, make_job, wish, status, field):
    answer = bob.post("/api/v1/endpoints", {"job": make_job().uid} | wish, JSON)
    assert answer.status_code == status
    assert field in answer.json()["error"]["fields"]


def test_neither_job_nor_model_is_refused(bob, member):
    assert bob.post("/api/v1/endpoints", M5, JSON).status_code == 422


def test_an_unfinished_job_is_a_conflict(bob, make_job):
    answer = created(bob, make_job(status="InProgress"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_deployable")


def test_predicting_too_early_is_a_conflict(bob, make_endpoint):
    endpoint = make_endpoint(status="Creating")
    answer = bob.post(f"/api/v1/endpoints/{endpoint.uid}/predict", {"csv": "1"}, JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_serving")


def test_a_viewer_sees_and_cannot_change(api, viewer, make_job, make_endpoint):
    vera, job, endpoint = api(viewer), make_job(), make_endpoint()
    path = f"/api/v1/endpoints/{endpoint.uid}"
    assert vera.get(path).status_code == 200
    assert vera.get("/api/v1/endpoints").json()["total"] == 1
    assert created(vera, job).status_code == 403
    assert vera.delete(path).status_code == 403
    assert vera.post("/api/v1/models", {"job": job.uid}, JSON).status_code == 403
    assert fresh(endpoint).delete_requested_at is None
    assert not AuditEvent.objects.exists()


def test_a_stranger_finds_nothing(api, stranger, make_job, make_endpoint):
    mallory, job, endpoint = api(stranger), make_job(), make_endpoint()
    path = f"/api/v1/endpoints/{endpoint.uid}"
    answers = [
        mallory.get(path),
        mallory.delete(path),
        mallory.post(f"{path}/predict", {"csv": "1"}, JSON),
        created(mallory, job),
        mallory.post("/api/v1/models", {"job": job.uid}, JSON),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert mallory.get("/api/v1/endpoints").json()["total"] == 0

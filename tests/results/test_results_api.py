"""What the API takes and answers, to whom."""

import pytest
from django.test import Client

from results import evaluate
from results.models import Evaluation, Share
from tests.results.conftest import TEST_ROWS


@pytest.fixture
def client(api, member):
    return api(member)


def post(client, path, body, **headers):
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def wish(endpoint):
    preparation = endpoint.model.job.preparation
    return {"endpoint": endpoint.uid, "preparation": preparation.uid, "split": "test"}


def test_it_accepts_an_evaluation_and_tells_its_state(client, endpoint):
    answer = post(client, "evaluations", wish(endpoint))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["status"] == "Requested"
    assert made["rows"] == TEST_ROWS
    assert made["progress"] == 0
    found = client.get(f"/api/v1/evaluations/{made['id']}").json()
    assert found == made


@pytest.mark.usefixtures("aws_workspace")
def test_a_finished_evaluation_carries_its_matrix(client, endpoint, soon):
    uid = post(client, "evaluations", wish(endpoint)).json()["id"]
    evaluate.run(Evaluation.objects.get(uid=uid), soon)
    found = client.get(f"/api/v1/evaluations/{uid}").json()
    assert found["status"] == "Completed", found["failure_reason"]
    assert found["labels"] == ["malignant", "benign"]
    assert sum(map(sum, found["confusion"])) == found["rows"] == TEST_ROWS
    assert found["metrics"]["accuracy"] >= 0.93
    assert found["metrics"]["baseline_accuracy"] < found["metrics"]["accuracy"]


def test_without_a_preparation_it_takes_the_one_learned_from(client, endpoint):
    answer = post(client, "evaluations", {"endpoint": endpoint.uid})
    assert answer.json()["preparation"] == endpoint.model.job.preparation.uid


def test_one_key_makes_one_evaluation(client, endpoint):
    headers = {"Idempotency-Key": "k1"}
    first = post(client, "evaluations", wish(endpoint), **headers).json()
    second = post(client, "evaluations", wish(endpoint), **headers).json()
    assert first["id"] == second["id"]
    assert Evaluation.objects.count() == 1
    changed = post(client, "evaluations", wish(endpoint) | {"split": "train"}, **headers)
    assert changed.status_code == 409


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"split": "tset"}, 422, "split"),
        ({"endpoint": "nothing"}, 404, ""),
        ({"preparation": "nothing"}, 404, ""),
        ({"endpoint": 5}, 422, "endpoint"),
    ],
)
def test_it_names_what_is_wrong(client, endpoint, change, status, field):
    answer = post(client, "evaluations", wish(endpoint) | change)
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["message"]
    if field:
        assert any(name.endswith(field) for name in error["fields"])


def test_a_busy_endpoint_is_a_conflict(client, endpoint):
    type(endpoint).objects.update(status="Updating")
    assert post(client, "evaluations", wish(endpoint)).status_code == 409


def test_lists_are_filtered_and_paged(client, finished):
    found = client.get("/api/v1/evaluations?status=Completed&q=cancer").json()
    assert [item["id"] for item in found["items"]] == [finished.uid]
    assert client.get("/api/v1/evaluations?status=Failed").json()["total"] == 0


def test_it_shares_and_revokes(client, finished):
    answer = post(client, "shares", {"evaluation": finished.uid, "expires_in_days": 3})
    assert answer.status_code == 201
    url = answer.json()["url"]
    assert url.startswith("http://testserver/s/")
    assert Client().get(url).status_code == 200
    uid = answer.json()["id"]
    (listed,) = client.get("/api/v1/shares").json()["items"]
    assert (listed["id"], listed["views"], listed["has_password"]) == (uid, 1, False)
    assert url.split("/s/")[1] not in str(listed)
    assert client.delete(f"/api/v1/shares/{uid}").status_code == 202
    assert Client().get(url).status_code == 404
    assert client.delete(f"/api/v1/shares/{uid}").status_code == 202


def test_one_key_makes_one_link(client, finished):
    body = {"evaluation": finished.uid, "expires_in_days": 3, "password": "open sesame"}
    headers = {"Idempotency-Key": "once"}
    first, second = (post(client, "shares", body, **headers).json() for _ in range(2))
    assert first == second
    assert Share.objects.count() == 1


@pytest.mark.parametrize(
    "terms", [{"expires_in_days": 0}, {"expires_in_days": 999}, {"password": "short"}]
)
def test_bad_terms_are_told_at_the_field(client, finished, terms):
    answer = post(client, "shares", {"evaluation": finished.uid} | terms)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == list(terms)


def test_an_unfinished_evaluation_cannot_be_shared(client, finished):
    Evaluation.objects.update(status="Running")
    assert post(client, "shares", {"evaluation": finished.uid}).status_code == 409


def routes(evaluation, endpoint, share):
    return [
        ("get", f"evaluations/{evaluation.uid}", None),
        ("post", "evaluations", {"endpoint": endpoint.uid}),
        ("post", "shares", {"evaluation": evaluation.uid}),
        ("delete", f"shares/{share.uid}", None),
    ]


@pytest.fixture
def shared(client, finished):
    uid = post(client, "shares", {"evaluation": finished.uid}).json()["id"]
    return Share.objects.get(uid=uid)


def statuses(client, rows):
    return [
        getattr(client, method)(
            f"/api/v1/{path}", body, content_type="application/json"
        ).status_code
        for method, path, body in rows
    ]


def test_a_viewer_sees_and_changes_nothing(api, viewer, finished, endpoint, shared):
    assert statuses(api(viewer), routes(finished, endpoint, shared)) == [200, 403, 403, 403]
    assert api(viewer).get("/api/v1/shares").status_code == 200


def test_a_stranger_finds_nothing(api, outsider, finished, endpoint, shared):
    assert statuses(api(outsider), routes(finished, endpoint, shared)) == [404] * 4
    assert api(outsider).get("/api/v1/evaluations").json()["total"] == 0
    assert api(outsider).get("/api/v1/shares").json()["total"] == 0


def test_nobody_without_a_token(finished, endpoint, shared):
    assert statuses(Client(), routes(finished, endpoint, shared)) == [401] * 4

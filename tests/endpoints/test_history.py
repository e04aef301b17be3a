"""What endpoints were asked is kept for a while, failed questions too, and goes when it should."""

import json

import pytest

from core.models import AuditEvent
from endpoints import history
from endpoints.errors import ModelRefused, NoAnswer, NotServing
from endpoints.models import Prediction
from endpoints.predict import predict, predict_raw
from endpoints.tasks import sweep_predictions
from tests.aws.conftest import credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.called import endpoint, served  # noqa: F401  # its fixtures
from tests.endpoints.conftest import fresh

ROW = ",".join(["1.0"] * 30)


def kept(row):
    return list(row.predictions.all())


def test_a_question_is_kept_as_it_went_over_the_wire(endpoint, member):  # noqa: F811
    said = predict(endpoint, csv=ROW, by=member)
    (asked,) = kept(endpoint)
    assert (asked.request, asked.response) == (ROW, said.response)
    assert (asked.content_type, asked.accept) == ("text/csv", "text/csv")
    assert (asked.asked_by, asked.status, asked.variant) == (member, 200, said.variant)
    assert asked.latency_ms == said.latency_ms
    assert [a.label for a in history.answers(asked, said.recipe)] == [said.answers[0].label]


def test_what_the_model_refuses_is_kept_with_its_status(endpoint, member):  # noqa: F811
    with pytest.raises(ModelRefused):
        predict_raw(endpoint, b"1,2", "text/csv", by=member)
    (asked,) = kept(endpoint)
    assert (asked.request, asked.status, asked.has_failed) == ("1,2", 424, True)
    assert "Feature size of csv inference data 2" in asked.response
    assert history.answers(asked, None) == []


def test_nobody_there_is_kept_too(scripted, monkeypatch, make_endpoint):  # noqa: F811
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    row = make_endpoint()
    scripted.fails("ServiceUnavailable", "later", status=503)
    with pytest.raises(NoAnswer):
        predict(row, csv="1,2")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setattr("aws.clients._clients", {})
    with pytest.raises(NoAnswer):
        predict(row, csv="1,2")
    assert [(asked.status, asked.latency_ms is None) for asked in kept(row)] == [
        (0, True),
        (503, False),
    ]


def test_what_was_never_sent_is_not_kept(make_endpoint):
    row = make_endpoint(status="Failed")
    with pytest.raises(NotServing):
        predict(row, csv="1,2")
    assert kept(row) == []


def test_long_bodies_are_cut_and_say_so():
    long = "é" * (Prediction.KEPT + 1)
    text = history.cut(long.encode())
    assert text.startswith("é" * Prediction.KEPT)
    assert text.endswith("cut: 40,002 bytes in all")
    assert history.cut(b"a\0b\xff") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
    whole, cut, binary = (Prediction(request=one) for one in ("1,2", text, "a\ufffd"))
    assert (whole.is_repeatable, cut.is_repeatable, binary.is_repeatable) == (True, False, False)


@pytest.fixture
def filled(make_endpoint):
    def fill(name, count, **fields):
        row = make_endpoint(name, **fields)
        Prediction.objects.bulk_create(
            Prediction(endpoint=row, request=str(n), response="0.5", content_type="text/csv")
            for n in range(count)
        )
        return row

    return fill


def test_the_newest_stay_and_what_is_gone_takes_its_history_along(filled):
    busy, quiet = filled("busy", history.NEWEST + 3), filled("quiet", 2)
    gone = filled("gone", 2, status="Deleted")
    sweep_predictions()
    assert sorted(int(asked.request) for asked in kept(busy)) == list(range(3, history.NEWEST + 3))
    assert (len(kept(quiet)), len(kept(gone))) == (2, 0)
    sweep_predictions()
    assert len(kept(busy)) == history.NEWEST


def test_the_page_searches_pages_and_forgets(signed_in, member, viewer, filled):
    row = filled("asked", 60)
    url = f"/endpoints/{row.uid}/history"
    bob, vera = signed_in(member), signed_in(viewer)
    first = bob.get(url).content.decode()
    assert first.count('name="again"') == 50
    assert "Rows about people are personal data" in first
    assert bob.get(f"{url}?page=2").content.decode().count('name="again"') == 10
    assert bob.get(f"{url}?q=59").content.decode().count('name="again"') == 1
    assert "Forget all" not in vera.get(url).content.decode()
    assert vera.post(f"{url}/clear").status_code == 403
    assert len(kept(row)) == 60
    assert bob.post(f"{url}/clear").url == url
    assert kept(row) == []
    (event,) = AuditEvent.objects.filter(action="predictions.clear")
    assert (event.actor, event.detail) == (member, {"count": 60})
    assert "Nothing is kept" in bob.get(url).content.decode()


def test_asking_again_sends_the_same(signed_in, member, endpoint):  # noqa: F811
    predict(endpoint, csv=ROW, by=member)
    (asked,) = kept(endpoint)
    bob, url = signed_in(member), f"/endpoints/{endpoint.uid}/ask"
    page = bob.post(url, {"again": asked.pk}, headers={"HX-Request": "true"})
    again, before = kept(endpoint)
    assert before == asked
    assert (again.request, again.response) == (asked.request, asked.response)
    assert again.response.strip() in page.content.decode()
    assert "asked" in page.headers["HX-Trigger-After-Settle"]
    for wrong in ("0", "x", asked.pk + 100):
        assert bob.post(url, {"again": wrong}).status_code == 422
    foreign = Prediction.objects.create(
        endpoint=fresh(endpoint), request="1", content_type="text/csv"
    )
    Prediction.objects.filter(pk=foreign.pk).update(request="1" * (Prediction.KEPT + 9))
    assert bob.post(url, {"again": foreign.pk}).status_code == 422
    assert len(kept(endpoint)) == 3


def test_the_api_lists_and_clears(api, member, viewer, filled):
    row = filled("asked", 60)
    url = f"/api/v1/endpoints/{row.uid}/predictions"
    found = api(viewer).get(url).json()
    assert (found["total"], found["pages"], len(found["items"])) == (60, 2, 50)
    assert found["items"][0]["request"] == "59"
    assert set(found["items"][0]) >= {"asked_at", "asked_by", "response", "status", "latency_ms"}
    assert len(api(viewer).get(f"{url}?page=2").json()["items"]) == 10
    assert api(viewer).delete(url).status_code == 403
    assert api(member).delete(url).status_code == 204
    assert api(member).get(url).json()["items"] == []


def test_the_api_keeps_what_it_is_asked(api, member, endpoint):  # noqa: F811
    body = json.dumps({"csv": ROW})
    url = f"/api/v1/endpoints/{endpoint.uid}"
    said = api(member).post(f"{url}/predict", body, content_type="application/json").json()
    (item,) = api(member).get(f"{url}/predictions").json()["items"]
    assert (item["asked_by"], item["request"]) == ("bob", ROW)
    assert said["predictions"][0]["neighbours"] == []

"""Importing by the pages and the API: forms that keep what was typed, one model a click."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aws import s3
from core.models import AuditEvent
from endpoints import contents, register
from endpoints.models import RegisteredModel
from tests.endpoints.conftest import fresh, now
from tests.endpoints.test_archives import packed
from tests.localaws.lab import BUCKET

PAGE = "/endpoints/models/import"
XGB = packed(("xgboost-model", b"x" * 100)).getvalue()
Origin = RegisteredModel.Origin


@pytest.fixture
def here(aws, lab, workspace):
    workspace.bucket = BUCKET
    workspace.save()
    lab.put("imported/model.tar.gz", XGB)
    return f"s3://{BUCKET}/imported/model.tar.gz"


@pytest.fixture
def bob(signed_in, member):
    return signed_in(member)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def value(answer, name):
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def archive(content=XGB):
    return SimpleUploadedFile("mine.tar.gz", content)


def test_an_address_becomes_a_model_with_a_page(bob, here, member):
    key = value(bob.get(PAGE), "idempotency_key")
    wish = {"source": here, "name": "theirs", "environment": "A=1\nMY_TOKEN=t"}
    answers = [bob.post(PAGE, wish | {"idempotency_key": key}) for _ in range(2)]
    model = RegisteredModel.objects.get()
    assert {answer.url for answer in answers} == {f"/endpoints/models/{model.uid}"}
    assert AuditEvent.objects.filter(action="model.import", actor=member).count() == 1
    assert "Its archive is being read" in text(bob.get(answers[0].url))
    contents.examine(fresh(model), now())
    register.submit(fresh(model), now())
    page = text(bob.get(answers[0].url))
    for words in ("Registered", "xgboost-model", "looks like an XGBoost model", "1.7-1"):
        assert words in page
    assert "A 1" in page
    assert "MY_TOKEN …" in page
    assert "?model=" + model.uid in bob.get(answers[0].url).content.decode()
    assert "theirs" in text(bob.get("/endpoints/models?origin=imported&q=thei"))
    assert "No model matches" in text(bob.get("/endpoints/models?origin=outside"))


def test_a_mistake_keeps_everything_even_the_file(bob, here):
    wish = {"name": "mine", "framework": "image", "image": "what", "environment": "A"}
    answer = bob.post(PAGE, wish | {"file": archive(), "idempotency_key": "k"})
    assert answer.status_code == 422
    page = text(answer)
    assert "is uploaded and kept" in page
    assert "write NAME=value" in page
    assert value(answer, "name") == "mine"
    draft = RegisteredModel.objects.get()
    assert "mine" not in text(bob.get("/endpoints/models"))
    assert bob.get(f"/endpoints/deploy?model={draft.uid}").status_code == 404
    again = wish | {"environment": "A=1", "upload": value(answer, "upload"), "idempotency_key": "k"}
    answer = bob.post(PAGE, again)
    assert "An image looks like" in text(answer)
    answer = bob.post(PAGE, again | {"framework": "", "image": "", "upload": draft.uid})
    assert answer.url == f"/endpoints/models/{draft.uid}"
    assert fresh(draft).deleted_at is None
    assert fresh(draft).environment == {"A": "1"}


def test_neither_both_or_no_archive_are_refused(bob, here):
    key = {"idempotency_key": "k"}
    assert "Choose a file" in text(bob.post(PAGE, key))
    both = bob.post(PAGE, key | {"file": archive(), "source": here})
    assert "one of the two" in text(both)
    assert "not a .tar.gz" in text(bob.post(PAGE, key | {"file": archive(b"hello")}))
    assert not RegisteredModel.objects.present().exists()


def test_without_the_csrf_token_nothing_is_kept(member, here):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    answer = client.post(PAGE, {"file": archive(), "idempotency_key": "k"})
    assert answer.status_code == 403
    assert not RegisteredModel.objects.exists()


def test_someone_elses_upload_is_not_taken(bob, here, signed_in, admin):
    wrong = {"file": archive(), "idempotency_key": "k", "environment": "A"}
    uid = value(bob.post(PAGE, wrong), "upload")
    answer = signed_in(admin).post(PAGE, {"upload": uid, "idempotency_key": "k"})
    assert "no longer kept" in text(answer)


def test_a_viewer_sees_models_and_imports_none(signed_in, viewer, here, bob):
    bob.post(PAGE, {"source": here, "idempotency_key": "k"})
    model = RegisteredModel.objects.get()
    vera = signed_in(viewer)
    assert vera.post(PAGE, {"source": here}).status_code == 403
    page = vera.get(f"/endpoints/models/{model.uid}")
    assert page.status_code == 200
    assert "Delete…" not in text(page)


def test_deleting_asks_first_and_says_what_is_in_the_way(bob, here, make_endpoint):
    bob.post(PAGE, {"source": here, "idempotency_key": "k"})
    model = RegisteredModel.objects.get()
    address = f"/endpoints/models/{model.uid}/delete"
    endpoint = make_endpoint("busy-one", model=model)
    assert "In use by busy-one" in text(bob.get(address))
    assert bob.post(address).status_code == 409
    type(endpoint).objects.update(status="Deleted")
    assert "stays in S3" in text(bob.get(address))
    assert fresh(model).status == "Requested"
    assert bob.post(address).url == "/endpoints/models"
    assert fresh(model).status == "Deleted"


def test_the_api_imports_uploads_and_deletes(api, member, viewer, here, workspace):
    client = api(member)
    wish = {"source": here, "framework": "xgboost", "environment": {"A": "1"}}
    send = {"content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
    first = client.post("/api/v1/models/imports", wish, **send)
    again = client.post("/api/v1/models/imports", wish, **send)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["framework"] == "xgboost 1.7-1"
    sent = client.post("/api/v1/models/uploads", {"file": archive(), "environment": "B=2"})
    assert sent.status_code == 201, sent.content
    stored = sent.json()["artifact"]
    assert s3.get_object(workspace.account, *s3.parse_uri(stored)) == XGB
    bad = client.post("/api/v1/models/uploads", {"file": archive(b"x"), "name": "n"})
    assert bad.status_code == 422
    assert "file" in bad.json()["error"]["fields"]
    listed = client.get("/api/v1/models?origin=imported").json()
    assert listed["total"] == 2
    uid = sent.json()["id"]
    assert api(viewer).delete(f"/api/v1/models/{uid}").status_code == 403
    assert client.delete(f"/api/v1/models/{uid}").json()["status"] == "Deleted"

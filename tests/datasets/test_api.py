import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from datasets import sweep
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import IRIS, soon

pytestmark = pytest.mark.django_db
URL = "/api/v1/datasets"


@pytest.fixture
def client(api, member, lab):
    return api(member)


def post(client, content=IRIS, *, name="iris", filename="iris.csv", **headers):
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(filename, data)
    return client.post(URL, {"name": name, "file": file}, headers=headers)


def test_it_takes_a_file_and_tells_what_is_in_it(client):
    answer = post(client)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["name"], made["status"], made["bytes"]) == ("iris", "Profiling", len(IRIS))

    sweep.sweep(soon())
    found = client.get(f"{URL}/{made['id']}").json()
    assert (found["status"], found["rows"], found["failure_reason"]) == ("Ready", 60, "")
    assert found["format"] == "csv"
    assert [(c["name"], c["dtype"], c["missing"]) for c in found["columns"]] == [
        ("length", "number", 0),
        ("width", "integer", 0),
        ("kind", "text", 0),
    ]


def test_it_takes_a_file_whose_name_field_comes_after_it(client):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="t.csv.gz"\r\n\r\n'
        + gzip.compress(b"a,b\n1,x\n2,y\n")
        + b'\r\n--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nlate\r\n--x--\r\n'
    )
    answer = client.generic("POST", URL, body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json()["name"]) == (201, "late")


def test_it_prepares(client):
    uid = post(client).json()["id"]
    sweep.sweep(soon())
    wish = {"target": "kind", "algorithm": "xgboost", "train": 0.7, "validation": 0.2, "test": 0.1}
    wish |= {"seed": 3, "stratify": True}
    answer = client.post(f"{URL}/{uid}/preparations", wish, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (201, "Requested")

    sweep.sweep(soon())
    found = client.get(f"/api/v1/preparations/{answer.json()['id']}").json()
    assert found["status"] == "Ready"
    assert found["channels"]["train"]["rows"] == 42
    assert found["channels"]["train"]["content_type"] == "text/csv"
    assert found["channels"]["test"]["uri"].startswith("s3://lab-bucket/")
    assert found["labels"] == ["setosa", "versicolor", "virginica"]
    for place in (f"{URL}/{uid}/preparations", "/api/v1/preparations"):
        assert [item["id"] for item in client.get(place).json()["items"]] == [found["id"]]


def test_it_says_what_is_wrong_at_the_field(client):
    uid = post(client).json()["id"]
    sweep.sweep(soon())
    answer = client.post(
        f"{URL}/{uid}/preparations", {"target": "knd"}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "Did you mean “kind”?" in answer.json()["error"]["fields"]["target"][0]


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [(b"", "bad_file", "empty"), (b"a,a\n1,x\n", "bad_file", "both named")],
)
def test_it_refuses_a_bad_file_and_keeps_nothing(client, content, code, text):
    answer = post(client, content)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["code"], list(error["fields"])) == (code, ["file"])
    assert text in error["message"]
    assert not Dataset.objects.exists()


def test_it_asks_for_a_file(client):
    answer = client.post(URL, {"name": "nothing"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_file")


def test_it_makes_one_dataset_per_idempotency_key(client):
    headers = {"Idempotency-Key": "one"}
    first = post(client, **headers)
    again = post(client, **headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Dataset.objects.count() == 1
    assert post(client, "a,b\n1,x\n", **headers).status_code == 409
    assert Dataset.objects.count() == 1


def test_it_makes_one_preparation_per_idempotency_key(client):
    uid = post(client).json()["id"]
    sweep.sweep(soon())
    ids = {
        client.post(
            f"{URL}/{uid}/preparations",
            {"target": "kind"},
            content_type="application/json",
            headers={"Idempotency-Key": "k"},
        ).json()["id"]
        for _ in range(3)
    }
    assert len(ids) == Preparation.objects.count() == 1


def test_it_names_the_same_file(client):
    first = post(client).json()
    assert post(client).json()["same_as"] == first["id"]


def test_it_offers_samples(client):
    answer = client.post(f"{URL}/samples", {"sample": "wine"}, content_type="application/json")
    assert answer.status_code == 201
    sweep.sweep(soon())
    assert client.get(f"{URL}/{answer.json()['id']}").json()["rows"] == 178
    answer = client.post(f"{URL}/samples", {"sample": "beer"}, content_type="application/json")
    assert answer.status_code == 400


def test_it_lists_and_searches(client):
    post(client, name="one")
    post(client, "a,b\n1,x\n", name="two")
    assert client.get(f"{URL}?q=tw").json()["items"][0]["name"] == "two"
    assert client.get(f"{URL}?sort=name").json()["total"] == 2


def test_it_deletes(client):
    uid = post(client).json()["id"]
    answer = client.delete(f"{URL}/{uid}")
    assert (answer.status_code, answer.json()) == (202, {"id": uid, "status": "Deleting"})
    assert client.get(f"{URL}/{uid}").status_code == 404


def test_it_refuses_to_delete_what_is_used(client):
    uid = post(client).json()["id"]
    sweep.sweep(soon())
    wish = {"target": "kind"}
    made = client.post(f"{URL}/{uid}/preparations", wish, content_type="application/json").json()
    answer = client.delete(f"{URL}/{uid}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "still_in_use")
    assert client.delete(f"/api/v1/preparations/{made['id']}").status_code == 202
    assert client.delete(f"{URL}/{uid}").status_code == 202


def test_a_viewer_reads_and_changes_nothing(client, api, viewer):
    uid = post(client).json()["id"]
    looking = api(viewer)
    assert looking.get(f"{URL}/{uid}").status_code == 200
    assert post(looking).status_code == 403
    assert looking.delete(f"{URL}/{uid}").status_code == 403
    answer = looking.post(f"{URL}/{uid}/preparations", {"target": "kind"}, "application/json")
    assert answer.status_code == 403
    assert Dataset.objects.count() == 1


def test_a_stranger_finds_nothing(client, api, stranger):
    uid = post(client).json()["id"]
    elsewhere = api(stranger)
    assert elsewhere.get(f"{URL}/{uid}").status_code == 404
    assert elsewhere.delete(f"{URL}/{uid}").status_code == 404
    assert elsewhere.get(URL).json()["total"] == 0


def test_nobody_uploads_without_a_token(lab):
    from django.test import Client

    assert post(Client()).status_code == 401


def test_the_schema_says_how_to_upload(client):
    schema = client.get("/api/v1/openapi.json").json()
    body = schema["paths"]["/api/v1/datasets"]["post"]["requestBody"]["content"]
    assert body["multipart/form-data"]["schema"]["required"] == ["file"]

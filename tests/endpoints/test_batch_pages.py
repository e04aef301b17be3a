"""A file by page and by API: looked at, predicted once a click, read, stopped and deleted."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from endpoints import batch, batch_upload
from endpoints.models import BatchPrediction
from endpoints.tasks import sweep_batches
from tests.endpoints.batch_lab import (  # noqa: F401  # fixtures for this file
    csv_file,
    done,
    inject,
    service,
    serving,
    stored,
)
from tests.localaws.lab import BUCKET

JSON = "application/json"


def upload(body: bytes, name="patients.csv"):
    return SimpleUploadedFile(name, body)


def hidden(answer, name):
    return re.search(f'name="{name}" value="([^"]*)"', answer.content.decode())[1]


def new(endpoint) -> str:
    return f"{reverse('endpoints:batch_new')}?endpoint={endpoint.uid}"


def keys(lab):
    found = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix="batches/").get("Contents", [])
    return {one["Key"].split("/")[1] for one in found}


@pytest.fixture
def page(member, signed_in):
    return signed_in(member)


@pytest.fixture
def completed(who, serving, lab):  # noqa: F811  # that fixture
    source = stored(lab, csv_file(lab, truth=True))
    wish = {"source": source, "source_name": "patients.csv", "has_truth": True}
    return done(batch.request(who, endpoint=serving, name="Patients of May", **wish))


def test_a_file_is_looked_at_then_predicted_once(page, serving, lab):  # noqa: F811
    lines = csv_file(lab, truth=True).decode().splitlines()
    body = "\n".join([f"{lines[0]},note", *(f"{line},hello" for line in lines[1:])]).encode()
    looked = page.post(new(serving), {"file": upload(body), "step": "look", "idempotency_key": "k"})
    told = looked.content.decode()
    assert looked.status_code == 200
    assert "The columns were found by their names." in told
    assert "so the rows can say what is true" in told
    assert "Not read: note." in told
    assert not BatchPrediction.objects.present().exists()
    form = {"upload": hidden(looked, "upload"), "idempotency_key": "k", "has_truth": "on"}
    first, second = (page.post(new(serving), form) for _ in range(2))
    made = BatchPrediction.objects.present().get()
    assert first.url == second.url == reverse("endpoints:batch", args=[made.uid])
    found = done(made)
    assert (found.status, found.rows_done, found.name) == ("Completed", 20, "patients.csv")


def test_a_double_click_with_the_file_itself_makes_one_batch(page, serving, lab):  # noqa: F811
    for _ in range(2):
        form = {"file": upload(csv_file(lab)), "step": "start", "idempotency_key": "k"}
        assert page.post(new(serving), form).status_code == 302
    made = BatchPrediction.objects.get()
    assert made.uid in keys(lab)


def test_a_file_that_does_not_fit_is_told_at_its_field(page, serving):  # noqa: F811
    form = {"file": upload(b"a,b\n1,2\n"), "step": "start", "idempotency_key": "k"}
    answer = page.post(new(serving), form)
    assert answer.status_code == 422
    assert "The file lacks the column mean radius" in answer.content.decode()
    assert not BatchPrediction.objects.present().exists()


def test_an_upload_that_nobody_asks_about_goes(page, serving, lab):  # noqa: F811
    page.post(new(serving), {"file": upload(csv_file(lab)), "step": "look"})
    draft = batch_upload.drafts().get()
    sweep_batches()
    assert draft.uid in keys(lab)
    batch_upload.sweep(timezone.now() + timedelta(hours=2))
    assert not batch_upload.drafts().exists()
    assert draft.uid not in keys(lab)


def test_a_list_shows_what_people_asked_for(page, completed, who, serving):  # noqa: F811
    hiding = {"split": "test", "name": "of an evaluation", "is_listed": False}
    batch.request(who, endpoint=serving, **hiding)
    answer = page.get(reverse("endpoints:batches")).content.decode()
    assert "Patients of May" in answer
    assert "of an evaluation" not in answer
    for query, shown in (("?status=Failed", False), ("?q=may", True), ("?endpoint=x", False)):
        answer = page.get(reverse("endpoints:batches") + query).content.decode()
        assert ("Patients of May" in answer) is shown, query


def test_its_page_shows_first_predictions_and_where_they_come_from(page, completed):
    address = reverse("endpoints:batch", args=[completed.uid])
    answer = page.get(f"{address}?first=1").content.decode()
    for text in ("score of malignant", "20", "a second", "cancer-live", "Lineage"):
        assert text in answer
    assert answer.count("<tr>") == 11


def test_its_page_stands_without_s3(page, completed, inject):  # noqa: F811  # that fixture
    address = reverse("endpoints:batch", args=[completed.uid])
    inject({"service": "s3", "kind": "error", "code": "ServiceUnavailable", "status": 503})
    assert page.get(address).status_code == 200
    part = page.get(f"{address}?part=first", headers={"HX-Request": "true"})
    assert "They cannot be read from S3 now." in part.content.decode()
    assert page.get(reverse("endpoints:batch_csv", args=[completed.uid])).status_code == 503


def test_predictions_leave_as_a_spreadsheet_with_names(page, completed, lab):
    answer = page.get(reverse("endpoints:batch_csv", args=[completed.uid]))
    assert answer["Content-Disposition"] == (
        f'attachment; filename="patients-of-may-{completed.uid}.csv"'
    )
    text = b"".join(answer.streaming_content).decode()
    header, *rows = list(csv.reader(io.StringIO(text)))
    assert header[:3] == ["row", "actual", "predicted"]
    labels = ["malignant", "benign"]
    assert [row[1] for row in rows] == [labels[int(one)] for one in lab.labels[456:476]]
    answer = page.get(reverse("endpoints:batch_parquet", args=[completed.uid]))
    assert b"".join(answer.streaming_content).startswith(b"PAR1")


def test_a_viewer_looks_and_changes_nothing(viewer, signed_in, completed):
    client = signed_in(viewer)
    answer = client.get(reverse("endpoints:batch", args=[completed.uid])).content.decode()
    assert "First predictions" in answer
    assert "Delete" not in answer
    assert "Predict a file" not in client.get(reverse("endpoints:batches")).content.decode()


def test_a_deleted_batch_takes_its_files_along(page, completed, lab):
    assert completed.uid in keys(lab)
    address = reverse("endpoints:batch_delete", args=[completed.uid])
    assert "Its predictions of 20 rows" in page.get(address).content.decode()
    assert page.post(address).url == reverse("endpoints:batches")
    sweep_batches()
    assert completed.uid not in keys(lab)
    assert page.get(reverse("endpoints:batch", args=[completed.uid])).status_code == 404


def test_what_runs_is_stopped_before_it_is_deleted(page, who, serving, preparation):  # noqa: F811
    made = batch.request(who, endpoint=serving, split="test", name="x")
    address = reverse("endpoints:batch_delete", args=[made.uid])
    assert page.post(address).status_code == 409
    page.post(reverse("endpoints:batch_stop", args=[made.uid]))
    assert page.post(address).status_code == 302


def test_the_api_predicts_a_split_once_a_key(member, api, serving, preparation):  # noqa: F811
    client, wish = api(member), {"endpoint": serving.uid, "split": "test", "has_truth": True}
    headers = {"Idempotency-Key": "one"}
    first, again = (client.post("/api/v1/batches", wish, JSON, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    made = first.json()
    assert made["id"] == again.json()["id"]
    done(BatchPrediction.objects.get(uid=made["id"]))
    found = client.get(f"/api/v1/batches/{made['id']}").json()
    assert (found["status"], found["rows_done"], found["rows_total"]) == ("Completed", 113, 113)
    answer = client.get(f"/api/v1/batches/{made['id']}/predictions.csv")
    assert b"".join(answer.streaming_content).count(b"\r\n") == 114
    assert client.get("/api/v1/batches?status=Completed").json()["total"] == 1
    assert client.delete(f"/api/v1/batches/{made['id']}").status_code == 202
    assert client.get("/api/v1/batches").json()["total"] == 0


def test_the_api_takes_a_file_and_an_object(member, api, serving, lab):  # noqa: F811
    client = api(member)
    fields = {"endpoint": serving.uid, "name": "by API", "file": upload(csv_file(lab))}
    made = client.post("/api/v1/batches/uploads", fields)
    assert made.status_code == 201, made.content
    source = f"s3://{BUCKET}/{stored(lab, csv_file(lab), 'given/rows.csv')}"
    wish = {"endpoint": serving.uid, "source": source}
    other = client.post("/api/v1/batches", wish, JSON)
    assert other.status_code == 201, other.content
    for found in BatchPrediction.objects.all():
        assert done(found).status == "Completed"
    assert other.json()["name"] == "rows.csv"
    assert client.post(f"/api/v1/batches/{other.json()['id']}/stop").json()["status"] == "Completed"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "endpoint"),
        ({"source": "s3://elsewhere/rows.csv"}, "source"),
        ({"source": "nothing/here.csv"}, "source"),
        ({"split": "nothing"}, "split"),
        ({"split": "test", "concurrency": 1000}, "concurrency"),
        ({"split": "test", "source": "given/rows.csv"}, "source"),
    ],
)
def test_the_api_says_which_field_is_wrong(member, api, serving, lab, wish, field):  # noqa: F811
    stored(lab, csv_file(lab), "given/rows.csv")
    asked = ({"endpoint": serving.uid} | wish) if wish else wish
    answer = api(member).post("/api/v1/batches", asked, JSON)
    assert answer.status_code == 422, answer.content
    assert field in answer.json()["error"]["fields"]
    assert not BatchPrediction.objects.exists()

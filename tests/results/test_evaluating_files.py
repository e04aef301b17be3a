"""A file with answers is looked at, evaluated, and its rows can be looked at."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from endpoints.models import BatchPrediction
from results import evaluate, rows
from results.models import Evaluation
from tests.results.conftest import FEATURES, LABELS


@pytest.fixture
def recipe(endpoint):
    """The preparation knows the columns of its dataset."""
    found = endpoint.model.job.preparation
    names = [*FEATURES, "diagnosis", "town"]
    found.dataset.columns = [{"name": name, "dtype": "number"} for name in names]
    found.dataset.save()
    return found


def table(lab, *, rows=range(456, 476), change=lambda lines: lines) -> SimpleUploadedFile:
    lines = [",".join(["town", *FEATURES, "diagnosis"])]
    for n in rows:
        cells = [f"town {n % 3}", *map(str, lab.features[n]), LABELS[int(lab.labels[n])]]
        lines.append(",".join(cells))
    body = "\n".join(change(lines)).encode()
    return SimpleUploadedFile("march.csv", body, content_type="text/csv")


@pytest.fixture
def send(aws_workspace, recipe, endpoint, member, signed_in):
    def post(file, **fields):
        client = signed_in(member)
        wish = {"preparation": recipe.uid, "split": "test", "idempotency_key": "k"} | fields
        body = wish | ({"file": file} if file else {})
        return client.post(f"/results/evaluate?endpoint={endpoint.uid}", body)

    return post


def test_it_is_compared_row_by_row_with_its_own_answers(send, lab):
    answer = send(table(lab))
    assert answer.status_code == 302, answer.content.decode()
    evaluation = Evaluation.objects.get()
    assert (evaluation.split, evaluation.source_name) == ("", "march.csv")
    evaluate.run(evaluation, timezone.now())
    evaluation.refresh_from_db()
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert evaluation.rows == sum(map(sum, evaluation.confusion)) == 20
    found = rows.page(evaluation, rows.wanted_of({"column": "town", "value": "town 1"}))
    assert [row.number for row in found.rows] == [2, 5, 8, 11, 14, 17, 20]
    assert found.rows[0].cells[0] == "town 1"
    assert found.rows[0].actual == found.rows[0].cells[-1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [line.rpartition(",")[0] for line in lines], "no column “diagnosis”"),
        (lambda lines: [lines[0].replace("feature_3,", "x,"), *lines[1:]], "lacks the column"),
        (lambda lines: [*lines[:4], lines[4].rpartition(",")[0] + ",odd"], "Line 5: “odd”"),
        (lambda lines: [*lines[:7], lines[7].replace("town 0,", "town 0,much ")], "Line 8: “much"),
        (lambda lines: lines[:1], "no rows"),
        (lambda lines: [], "empty"),
    ],
    ids=["no-truth", "no-feature", "unknown-class", "no-number", "no-rows", "empty"],
)
def test_what_is_wrong_with_the_first_rows_is_told_with_its_line(send, lab, change, message):
    answer = send(table(lab, change=change))
    assert answer.status_code == 422
    assert message in answer.content.decode().replace("&quot;", '"')
    assert not Evaluation.objects.exists()
    assert not BatchPrediction.objects.exists(), "the file is chosen anew"


def test_a_mistake_elsewhere_keeps_the_file(send, lab):
    answer = send(table(lab), preparation="nothing")
    assert answer.status_code == 422
    draft = BatchPrediction.objects.get()
    assert f'name="upload" value="{draft.uid}"' in answer.content.decode()
    assert send(None, upload=draft.uid).status_code == 302
    assert Evaluation.objects.get().batch_id == draft.pk


def test_one_file_serves_several_endpoints(send, lab, endpoint, workspace):
    other = type(endpoint).objects.create(
        workspace=workspace,
        name="cancer-second",
        status="InService",
        model=endpoint.model,
        aws_name="results-second",
    )
    answer = send(table(lab), others=[other.uid])
    assert answer.status_code == 302, answer.content.decode()
    first, second = Evaluation.objects.order_by("pk")
    assert first.group == second.group != ""
    assert first.source == second.source
    assert first.batch_id != second.batch_id


def test_the_same_click_twice_makes_one(send, lab):
    assert send(table(lab)).url == send(table(lab)).url
    assert Evaluation.objects.count() == BatchPrediction.objects.count() == 1


@pytest.mark.usefixtures("aws_workspace", "recipe")
def test_the_api_takes_a_file(lab, endpoint, member, viewer, api):
    wish = {"endpoint": endpoint.uid, "file": table(lab)}
    answer = api(member).post("/api/v1/evaluations/uploads", wish)
    assert answer.status_code == 201, answer.content
    assert answer.json()["source_name"] == "march.csv"
    assert answer.json()["split"] == ""
    refused = api(member).post("/api/v1/evaluations/uploads", {"endpoint": endpoint.uid})
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["file"])
    again = {"endpoint": endpoint.uid, "file": table(lab)}
    assert api(viewer).post("/api/v1/evaluations/uploads", again).status_code == 403


def test_an_outsider_uploads_nothing(recipe, lab, endpoint, outsider, signed_in):
    found = signed_in(outsider).post(
        f"/results/evaluate?endpoint={endpoint.uid}", {"file": table(lab)}
    )
    assert found.status_code == 404
    assert not BatchPrediction.objects.exists()

"""An evaluation asks the real endpoint about every row and keeps what it said."""

import gzip
from datetime import timedelta

import pytest
from django.utils import timezone
from sklearn.metrics import accuracy_score, confusion_matrix

from aws import s3
from core.errors import NotAllowed
from core.models import AuditEvent
from results import evaluate
from results.errors import EndpointNotReady, NotComparable, UnknownSplit
from tests.results.conftest import TEST_ROWS, prepared


def stored(evaluation) -> list[list[str]]:
    workspace = evaluation.workspace
    packed = s3.get_object(workspace.account, workspace.bucket, evaluation.predictions_key)
    return [line.split(",") for line in gzip.decompress(packed).decode().splitlines()]


def run(evaluation):
    evaluate.run(evaluation, timezone.now())
    evaluation.refresh_from_db()
    return evaluation


def test_it_compares_every_row_with_its_label(aws_workspace, actor, endpoint, lab):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert evaluation.rows == evaluation.rows_done == TEST_ROWS
    assert sum(map(sum, evaluation.confusion)) == TEST_ROWS
    actual = lab.labels[456:]
    body = "\n".join(",".join(map(str, row)) for row in lab.features[456:]).encode()
    predicted = [float(p) >= 0.5 for p in lab.ask(endpoint.aws_name, body).decode().split()]
    assert evaluation.confusion == confusion_matrix(actual, predicted).tolist()
    assert evaluation.metrics["accuracy"] == pytest.approx(accuracy_score(actual, predicted))
    assert evaluation.metrics["accuracy"] >= 0.93
    assert evaluation.labels == ["malignant", "benign"]


def test_it_keeps_each_prediction_in_the_order_of_the_rows(aws_workspace, actor, endpoint, lab):
    evaluation = run(evaluate.request(actor, endpoint=endpoint, split="many"))
    header, *rows = stored(evaluation)
    assert header == ["row", "actual", "predicted", "score_0", "score_1"]
    assert [int(row[0]) for row in rows] == list(range(1, 40 * TEST_ROWS + 1))
    assert [int(row[1]) for row in rows] == [*lab.labels[456:]] * 40
    assert all(float(row[3]) + float(row[4]) == pytest.approx(1) for row in rows)
    assert all((float(row[4]) >= 0.5) == (row[2] == "1") for row in rows)


def test_running_it_again_changes_nothing(aws_workspace, actor, endpoint):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    before = evaluation.status_at, evaluation.confusion
    assert (run(evaluation).status_at, evaluation.confusion) == before


def test_a_run_that_died_is_taken_over_when_its_lease_is_over(aws_workspace, actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    now = timezone.now()
    type(evaluation).objects.filter(pk=evaluation.pk).update(
        status="Running", rows_done=40, next_check_at=now + evaluate.LEASE
    )
    evaluation.refresh_from_db()
    evaluate.run(evaluation, now)
    assert evaluation.status == "Running"
    assert evaluation.rows_done == 40
    evaluate.run(evaluation, now + evaluate.LEASE + timedelta(seconds=1))
    evaluation.refresh_from_db()
    assert evaluation.status == "Completed"
    assert evaluation.rows_done == TEST_ROWS


def test_a_run_that_lost_its_lease_writes_nothing(aws_workspace, actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    progress = evaluate.Progress(evaluation, told=timezone.now() - timedelta(seconds=9))
    type(evaluation).objects.filter(pk=evaluation.pk).update(
        next_check_at=timezone.now() + timedelta(hours=1)
    )
    with pytest.raises(evaluate.Overtaken):
        progress.add(10)
    evaluation.refresh_from_db()
    assert evaluation.rows_done == 0


@pytest.mark.parametrize("change", [{"aws_name": "nobody"}, {"status": "Deleted"}])
def test_an_endpoint_that_is_gone_is_a_plain_reason(aws_workspace, actor, endpoint, change):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    type(endpoint).objects.filter(pk=endpoint.pk).update(**change)
    evaluation = run(type(evaluation).objects.get(pk=evaluation.pk))
    assert evaluation.status == "Failed"
    assert "cancer-live" in evaluation.failure_reason


def test_data_that_is_not_what_the_labels_say_is_a_plain_reason(
    aws_workspace, actor, endpoint, lab
):
    lab.put(
        "cancer/test-odd/odd.csv",
        lab.s3.get_object(Bucket="lab-bucket", Key="cancer/test/test.csv")["Body"].read()
        + b"\n7,"
        + b",".join([b"1"] * 30),
    )
    preparation = endpoint.model.job.preparation
    preparation.channels["odd"] = preparation.channels["test"] | {
        "uri": "s3://lab-bucket/cancer/test-odd/odd.csv"
    }
    preparation.save()
    evaluation = run(evaluate.request(actor, endpoint=endpoint, split="odd"))
    assert evaluation.status == "Failed"
    assert "whole numbers from 0 to 1" in evaluation.failure_reason
    assert "rows " in evaluation.failure_reason


def test_it_refuses_an_endpoint_that_is_not_in_service(actor, endpoint):
    endpoint.status = "Creating"
    with pytest.raises(EndpointNotReady, match="Creating"):
        evaluate.request(actor, endpoint=endpoint)


@pytest.mark.parametrize("split", ["validation", "tset", "../test"])
def test_it_refuses_a_split_without_rows(actor, endpoint, split):
    with pytest.raises(UnknownSplit) as refusal:
        evaluate.request(actor, endpoint=endpoint, split=split)
    assert refusal.value.field == "split"


@pytest.mark.parametrize(
    "other",
    [
        {"labels": ["benign", "malignant"]},
        {"features": ["one"]},
        {"task": "multiclass"},
        {"status": "Preparing"},
    ],
)
def test_it_refuses_data_that_the_model_did_not_learn_from(actor, endpoint, workspace, other):
    with pytest.raises(NotComparable):
        evaluate.request(actor, endpoint=endpoint, preparation=prepared(workspace, **other))


def test_it_refuses_a_model_that_had_no_target(actor, endpoint):
    job = endpoint.model.job
    type(job.preparation).objects.filter(pk=job.preparation.pk).update(task="clustering")
    endpoint.refresh_from_db()
    with pytest.raises(NotComparable, match="without a target"):
        evaluate.request(actor, endpoint=endpoint)


def test_a_viewer_cannot_ask(viewer, workspace, endpoint):
    from core import access

    with pytest.raises(NotAllowed):
        evaluate.request(access.actor(viewer, slug=workspace.slug), endpoint=endpoint)


def test_asking_is_audited(actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    event = AuditEvent.objects.get(action="evaluation.create")
    assert evaluation.uid in event.target
    assert event.actor == actor.user

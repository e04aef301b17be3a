"""An evaluation asks the real endpoint about every row and keeps what it said."""

import io
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.utils import timezone
from sklearn.metrics import accuracy_score, confusion_matrix, roc_auc_score

from aws import s3
from core.errors import NotAllowed
from core.models import AuditEvent
from endpoints import asking, batch_run, batches
from results import evaluate, rows
from results.errors import AlreadyOver, EndpointNotReady, NotComparable, UnknownSplit
from results.models import Evaluation
from results.tasks import sweep_evaluations
from tests.results.conftest import FEATURES, LABELS, TEST_ROWS, prepared

COUNT = {
    "service": "sagemaker-runtime",
    "operation": "InvokeEndpoint",
    "kind": "latency",
    "seconds": 0,
}


class Died(BaseException):
    """As a kill: nobody catches it."""


def stored(evaluation):
    workspace = evaluation.workspace
    packed = s3.get_object(workspace.account, workspace.bucket, evaluation.predictions_key)
    return pq.ParquetFile(io.BytesIO(packed)).read().to_pydict()


def run(evaluation):
    evaluate.run(Evaluation.objects.get(pk=evaluation.pk), timezone.now())
    evaluation.refresh_from_db()
    return evaluation


def test_it_compares_every_row_with_its_label(aws_workspace, actor, endpoint, lab):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert evaluation.rows == evaluation.rows_done == TEST_ROWS
    assert evaluation.progress == 1
    actual = lab.labels[456:]
    body = "\n".join(",".join(map(str, row)) for row in lab.features[456:]).encode()
    scores = [float(p) for p in lab.ask(endpoint.aws_name, body).decode().split()]
    predicted = [score >= 0.5 for score in scores]
    assert evaluation.confusion == confusion_matrix(actual, predicted).tolist()
    assert evaluation.metrics["accuracy"] == pytest.approx(accuracy_score(actual, predicted))
    assert evaluation.metrics["auc"] == pytest.approx(roc_auc_score(actual, scores), abs=1e-9)
    assert evaluation.metrics["accuracy"] >= 0.93
    assert evaluation.labels == ["malignant", "benign"]
    assert evaluation.outcome["task"] == "binary"
    assert evaluation.result["outcome"] == evaluation.outcome


def test_it_keeps_each_prediction_in_the_order_of_the_rows(aws_workspace, actor, endpoint, lab):
    evaluation = run(evaluate.request(actor, endpoint=endpoint, split="many"))
    kept = stored(evaluation)
    assert list(kept) == ["row", "actual", "predicted", "score_0", "score_1"]
    assert kept["row"] == list(range(1, 40 * TEST_ROWS + 1))
    assert kept["actual"] == [*lab.labels[456:]] * 40
    assert [score >= 0.5 for score in kept["score_1"]] == [code == 1 for code in kept["predicted"]]


def test_its_rows_have_the_channels_columns_where_the_table_is_gone(
    aws_workspace, actor, endpoint, lab
):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    found = rows.page(evaluation, rows.wanted_of({"rows": "3"}))
    assert found.columns == [*FEATURES, "diagnosis"]
    (row,) = found.rows
    assert [float(cell) for cell in row.cells[:-1]] == pytest.approx(lab.features[458])
    assert row.cells[-1] == row.actual == LABELS[int(lab.labels[458])]
    assert {one["column"] for one in evaluation.outcome["slices"]} <= set(FEATURES)


def test_running_it_again_changes_nothing(aws_workspace, actor, endpoint):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    before = evaluation.status_at, evaluation.confusion
    assert (run(evaluation).status_at, evaluation.confusion) == before


def test_two_workers_that_compare_at_once_write_one_result(aws_workspace, actor, endpoint):
    evaluation = run(evaluate.request(actor, endpoint=endpoint))
    before = evaluation.outcome, evaluation.status_at
    late = Evaluation.objects.get(pk=evaluation.pk)
    late.status = "Running"  # as the other worker had read it
    evaluate._compare(late, late.batch)
    evaluation.refresh_from_db()
    assert (evaluation.outcome, evaluation.status_at) == before
    Evaluation.objects.update(status="Running", outcome={}, metrics={})
    assert run(evaluation).outcome == before[0]


@pytest.fixture
def hundreds(monkeypatch):
    """Each request has a hundred rows, and each answer is a part that is kept."""
    monkeypatch.setattr(batches, "MOST_ROWS", 100)
    monkeypatch.setattr(batch_run, "PART_ROWS", 100)
    monkeypatch.setattr(asking, "DELAYS", (0.01,) * 6)


@pytest.mark.usefixtures("aws_workspace", "hundreds")
def test_who_takes_over_goes_on_where_a_killed_worker_was(actor, endpoint, inject, monkeypatch):
    evaluation = evaluate.request(actor, endpoint=endpoint, split="many")
    seen = []

    def reach(name):
        seen.append(name)
        if seen.count("endpoints.batch.after_part") == 20:
            raise Died

    with monkeypatch.context() as patched:
        patched.setattr(batch_run.failpoints, "reach", reach)
        with pytest.raises(Died):
            run(evaluation)
    evaluation = Evaluation.objects.get(pk=evaluation.pk)
    assert evaluation.status == "Running"
    assert evaluation.done == 2_000
    assert 0.4 < evaluation.progress < 0.5
    assert run(evaluation).done == 2_000, "the leases are not over"
    inject(COUNT)
    expire(evaluation)
    sweep_evaluations()
    evaluation.refresh_from_db()
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert inject.fired() == [46 - 20]
    assert sum(map(sum, evaluation.confusion)) == 40 * TEST_ROWS


def expire(evaluation):
    for row in (evaluation, evaluation.batch):
        type(row).objects.filter(pk=row.pk).update(next_check_at=timezone.now())


def test_a_run_of_somebody_else_is_left_alone(aws_workspace, actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    later = timezone.now() + timedelta(seconds=30)
    batch = evaluation.batch
    type(batch).objects.update(status="Running", rows_done=40, next_check_at=later)
    assert run(evaluation).status == "Running"
    assert evaluation.done == 0 or Evaluation.objects.get().done == 40
    assert timezone.now() < evaluation.next_check_at < later
    type(batch).objects.update(next_check_at=timezone.now())
    Evaluation.objects.update(next_check_at=timezone.now())
    assert run(evaluation).status == "Completed"


def test_it_is_stopped_once(aws_workspace, actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    evaluate.stop(actor, evaluation)
    assert run(evaluation).status == evaluation.batch.status == "Stopped"
    with pytest.raises(AlreadyOver):
        evaluate.stop(actor, evaluation)
    assert AuditEvent.objects.filter(action="evaluation.stop").count() == 1


def test_one_that_runs_is_stopped_with_its_batch(aws_workspace, actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    type(evaluation.batch).objects.update(status="Running")
    Evaluation.objects.update(status="Running")
    evaluation = Evaluation.objects.get()
    evaluate.stop(actor, evaluation)
    assert run(evaluation).status == "Stopped"
    assert Evaluation.objects.get().batch.status == "Stopping"


@pytest.mark.parametrize("change", [{"aws_name": "nobody"}, {"status": "Deleted"}])
def test_an_endpoint_that_is_gone_is_a_plain_reason(aws_workspace, actor, endpoint, change):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    type(endpoint).objects.filter(pk=endpoint.pk).update(**change)
    evaluation = run(evaluation)
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
    assert "Row 114: its label is 7, and there are classes from 0 to 1" in evaluation.failure_reason


def test_several_endpoints_share_a_group(aws_workspace, actor, endpoint):
    other = type(endpoint).objects.create(
        workspace=endpoint.workspace,
        name="cancer-second",
        status="InService",
        model=endpoint.model,
        aws_name="results-second",
    )
    found = evaluate.request_all(actor, [endpoint, other], split="test")
    assert len({one.group for one in found}) == 1
    assert all(one.group for one in found)
    assert [one.endpoint for one in found] == [endpoint, other]
    assert run(found[0]).status == "Completed"


def test_several_endpoints_are_asked_all_or_none(actor, endpoint, workspace):
    other = type(endpoint).objects.create(workspace=workspace, name="new", status="Creating")
    with pytest.raises(EndpointNotReady):
        evaluate.request_all(actor, [endpoint, other], split="test")
    assert not Evaluation.objects.exists()


def test_a_model_that_nobody_here_trained_needs_a_preparation(
    aws_workspace, actor, endpoint, preparation
):
    type(endpoint.model).objects.update(job=None)
    endpoint = type(endpoint).objects.get()
    with pytest.raises(NotComparable, match="choose the preparation"):
        evaluate.request(actor, endpoint=endpoint)
    evaluation = run(evaluate.request(actor, endpoint=endpoint, preparation=preparation))
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert evaluation.metrics["accuracy"] >= 0.93


def test_one_from_before_batches_is_told_to_be_made_again(actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    Evaluation.objects.update(batch=None)
    assert run(evaluation).status == "Failed"
    assert "Evaluate again" in evaluation.failure_reason


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


def test_it_refuses_a_model_that_answers_with_coordinates(actor, endpoint):
    job = endpoint.model.job
    type(job.preparation).objects.filter(pk=job.preparation.pk).update(task="clustering")
    type(job).objects.update(algorithm="pca")
    with pytest.raises(NotComparable, match="coordinates"):
        evaluate.request(actor, endpoint=type(endpoint).objects.get())


def test_a_viewer_cannot_ask(viewer, workspace, endpoint):
    from core import access

    with pytest.raises(NotAllowed):
        evaluate.request(access.actor(viewer, slug=workspace.slug), endpoint=endpoint)


def test_asking_is_audited(actor, endpoint):
    evaluation = evaluate.request(actor, endpoint=endpoint)
    event = AuditEvent.objects.get(action="evaluation.create")
    assert evaluation.uid in event.target
    assert event.actor == actor.user

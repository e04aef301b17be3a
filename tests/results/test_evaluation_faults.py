"""What an evaluation does when AWS throttles, stumbles or stays away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aws import s3
from endpoints import batch
from endpoints.models import BatchPrediction
from results import evaluate, outcome
from results.models import Evaluation
from results.tasks import sweep_evaluations
from tests.results.conftest import TEST_ROWS


@pytest.fixture
def evaluation(aws_workspace, actor, endpoint):
    return evaluate.request(actor, endpoint=endpoint, split="many")


INVOKE = {"service": "sagemaker-runtime", "operation": "InvokeEndpoint"}


def test_throttling_backs_off_and_no_row_is_lost(evaluation, inject):
    inject(INVOKE | {"kind": "throttle", "probability": 0.3})
    evaluate.run(evaluation, timezone.now())
    assert evaluation.status == "Completed", evaluation.failure_reason
    assert sum(map(sum, evaluation.confusion)) == 40 * TEST_ROWS


def test_an_endpoint_that_stays_away_is_asked_again_later(evaluation, inject):
    inject(INVOKE | {"kind": "error", "code": "ServiceUnavailable", "status": 503})
    now = timezone.now()
    evaluate.run(evaluation, now)
    evaluation.refresh_from_db()
    found = BatchPrediction.objects.get()
    assert (evaluation.status, found.attempts) == ("Running", 1)
    assert now < evaluation.next_check_at < now + timedelta(minutes=3)
    inject()
    for rows in (Evaluation.objects, BatchPrediction.objects):
        rows.update(next_check_at=now)
    sweep_evaluations()
    evaluation.refresh_from_db()
    assert evaluation.status == "Completed", evaluation.failure_reason


def test_it_gives_up_in_the_end_and_says_so(evaluation, inject):
    inject(INVOKE | {"kind": "error", "code": "ServiceUnavailable", "status": 503})
    BatchPrediction.objects.update(status="Running", attempts=batch.ATTEMPTS)
    evaluate.run(Evaluation.objects.get(), timezone.now())
    evaluation.refresh_from_db()
    assert evaluation.status == "Failed"
    assert "AWS did not answer about cancer-live" in evaluation.failure_reason


def test_predictions_that_cannot_be_read_now_are_read_later(evaluation, inject):
    away = {"service": "s3", "kind": "error", "code": "SlowDown", "status": 503}
    batch.run(evaluation.batch, timezone.now())
    inject(away)
    now = timezone.now()
    evaluate.run(evaluation, now)
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.attempts) == ("Running", 1)
    inject()
    Evaluation.objects.update(next_check_at=now)
    sweep_evaluations()
    evaluation.refresh_from_db()
    assert evaluation.status == "Completed", evaluation.failure_reason


def test_predictions_that_are_gone_are_a_plain_reason(evaluation):
    found = evaluation.batch
    batch.run(found, timezone.now())
    s3.delete_object(found.workspace.account, found.workspace.bucket, found.output)
    evaluate.run(evaluation, timezone.now())
    evaluation.refresh_from_db()
    assert evaluation.status == "Failed"
    assert "The predictions cannot be read" in evaluation.failure_reason


def test_a_model_that_breaks_is_a_plain_reason(evaluation, inject):
    inject(INVOKE | {"kind": "error", "code": "ModelError", "status": 424, "message": "boom"})
    evaluate.run(evaluation, timezone.now())
    assert evaluation.status == "Failed"
    assert "Row 1: " in evaluation.failure_reason
    assert "boom" in evaluation.failure_reason


def test_missing_data_is_a_plain_reason(evaluation, lab):
    preparation = evaluation.preparation
    preparation.channels["many"]["uri"] = "s3://lab-bucket/nothing/here.csv"
    preparation.save()
    evaluate.run(Evaluation.objects.get(pk=evaluation.pk), timezone.now())
    evaluation.refresh_from_db()
    assert evaluation.status == "Failed"
    assert "gone" in evaluation.failure_reason


def test_a_bug_of_ours_is_raised_and_told_with_a_reference(evaluation, monkeypatch):
    monkeypatch.setattr(outcome, "build", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        evaluate.run(evaluation, timezone.now())
    evaluation.refresh_from_db()
    assert evaluation.status == "Failed"
    assert evaluation.uid in evaluation.failure_reason


def test_the_sweep_leaves_a_living_run_alone(evaluation):
    later = timezone.now() + evaluate.WATCH
    Evaluation.objects.update(status="Running", next_check_at=later)
    BatchPrediction.objects.update(status="Running", next_check_at=later)
    sweep_evaluations()
    evaluation.refresh_from_db()
    assert (evaluation.status, evaluation.done) == ("Running", 0)

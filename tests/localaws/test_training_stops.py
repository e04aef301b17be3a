"""Stop, run-time limits, and jobs that wait for their turn."""

import pytest

from tests.localaws.lab import BASIC, BUCKET, LONG, Lab, refusal, until


@pytest.fixture(scope="module")
def lab(localaws) -> Lab:
    return Lab(localaws)


def size_of_model(lab, job):
    key = f"out/{job['TrainingJobName']}/output/model.tar.gz"
    return lab.s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]


def test_it_saves_the_model_on_stop_when_told_to(lab):
    lab.start("stopped", LONG | {"save_model_on_termination": "true"})
    lab.running("stopped")
    lab.sagemaker.stop_training_job(TrainingJobName="stopped")
    assert lab.job("stopped")["TrainingJobStatus"] in {"Stopping", "Stopped"}
    job = lab.finished("stopped")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]][-4:] == [
        *("Training", "Stopping", "Uploading", "Stopped")
    ]
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("/stopped/output/model.tar.gz")
    assert size_of_model(lab, job) > 1000


def test_it_uploads_an_empty_archive_when_nothing_was_saved(lab):
    lab.start("unsaved", LONG)
    lab.running("unsaved")
    lab.sagemaker.stop_training_job(TrainingJobName="unsaved")
    job = lab.finished("unsaved")
    assert job["TrainingJobStatus"] == "Stopped"
    assert size_of_model(lab, job) < 200


def test_it_stops_at_the_run_time_limit(lab):
    lab.start("overtime", LONG, StoppingCondition={"MaxRuntimeInSeconds": 2})
    job = lab.finished("overtime")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "FailureReason" not in job


def test_it_refuses_to_stop_what_has_ended(lab):
    lab.trained("ended")
    code, message = refusal(lab.sagemaker.stop_training_job, TrainingJobName="ended")
    assert code == "ValidationException"
    assert message == ("The request was rejected because the training job is in status Completed.")


def test_it_lets_jobs_wait_and_stops_a_waiting_one_at_once(own_localaws):
    lab = Lab(own_localaws)
    names = [f"crowd-{number}" for number in range(40)]
    for name in names:
        lab.start(name, LONG)
        if lab.job(name)["SecondaryStatus"] == "Pending":
            break
    assert lab.job(name)["SecondaryStatusTransitions"][-1]["Status"] == "Pending"
    lab.sagemaker.stop_training_job(TrainingJobName=name)
    waited = lab.job(name)
    assert waited["TrainingJobStatus"] == "Stopped"
    assert "TrainingStartTime" not in waited


@pytest.mark.slow
def test_it_runs_a_waiting_job_when_a_slot_is_free(own_localaws):
    lab = Lab(own_localaws)
    names = [f"queue-{number}" for number in range(8)]
    for name in names:
        lab.start(name, BASIC | {"num_round": "2"})
    until(
        lambda: lab.sagemaker.list_training_jobs(StatusEquals="Completed"),
        lambda page: len(page["TrainingJobSummaries"]) == len(names),
    )

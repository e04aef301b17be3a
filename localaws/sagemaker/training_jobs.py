"""Training jobs. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html"""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine import progress, running
from localaws.engine.tuning import trials
from localaws.errors import resource_in_use, validation
from localaws.sagemaker import listing, records, training_requests
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]


@operation("sagemaker", "CreateTrainingJob")
def create(app: App, request: Members) -> Members:
    record = training_requests.accepted(app, request)
    records.create(app, record, request.get("Tags", []))
    running.engine(app).trainer.submit(record.name)
    return {"TrainingJobArn": record.arn}


@operation("sagemaker", "DescribeTrainingJob")
def describe(app: App, request: Members) -> Members:
    return described(records.get(app, progress.KIND, request["TrainingJobName"]))


@operation("sagemaker", "ListTrainingJobs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, progress.KIND, request, order="Ascending")
    return {"TrainingJobSummaries": [described(record) for record in found], **token}


@operation("sagemaker", "StopTrainingJob")
def stop(app: App, request: Members) -> Members:
    name = request["TrainingJobName"]
    record = records.get(app, progress.KIND, name)
    if record.status in progress.TERMINAL:
        raise validation(
            f"The request was rejected because the training job is in status {record.status}."
        )
    progress.stopping(app, name, "Stopping the training job")
    running.engine(app).trainer.stop(name)
    return {}


@operation("sagemaker", "DeleteTrainingJob")
def delete(app: App, request: Members) -> Members:
    """For jobs that ended; the name becomes free."""
    with app.store.transaction():
        record = records.get(app, progress.KIND, request["TrainingJobName"])
        if record.status not in progress.TERMINAL:
            raise resource_in_use(
                f"The training job {record.arn} is in status {record.status} and cannot be deleted."
            )
        records.delete(app, progress.KIND, record.name)
    return {}


def described(record: Record) -> Members:
    """A trial's objective is shown once more, under a name of its own."""
    return (
        record.body
        | trials.objective_member(record)
        | {
            "TrainingJobArn": record.arn,
            "TrainingJobStatus": record.status,
            "CreationTime": record.created,
            "LastModifiedTime": record.modified,
        }
    )

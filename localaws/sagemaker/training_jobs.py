"""Training jobs. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html"""

from __future__ import annotations

import re
from typing import Any

from localaws.algorithms import images
from localaws.app import App
from localaws.engine import channels, metrics, progress, running
from localaws.errors import resource_in_use, validation
from localaws.sagemaker import listing, records
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]


@operation("sagemaker", "CreateTrainingJob")
def create(app: App, request: Members) -> Members:
    name = request["TrainingJobName"]
    records.must_be_free(app, progress.KIND, name)
    body = {key: value for key, value in request.items() if key != "Tags"}
    body["AlgorithmSpecification"] = _specification(request["AlgorithmSpecification"])
    _check_data(app, request)
    body |= _filled_in(body) | progress.first(records.moment(app))
    record = records.draft(app, progress.KIND, name, "InProgress", body)
    records.create(app, record, request.get("Tags", []))
    running.engine(app).trainer.submit(name)
    return {"TrainingJobArn": record.arn}


@operation("sagemaker", "DescribeTrainingJob")
def describe(app: App, request: Members) -> Members:
    return _described(records.get(app, progress.KIND, request["TrainingJobName"]))


@operation("sagemaker", "ListTrainingJobs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, progress.KIND, request, order="Ascending")
    return {"TrainingJobSummaries": [_described(record) for record in found], **token}


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


def _specification(given: Members) -> Members:
    """For built-in images the service fills in the metric definitions and refuses other ones."""
    built_in = images.BUILT_IN.get(images.repository(given.get("TrainingImage", "")))
    if built_in is None:
        _check_regexes(given.get("MetricDefinitions", []))
        return given
    if given.get("MetricDefinitions"):
        raise validation(
            "You can't override the metric definitions for Amazon SageMaker algorithms. Please "
            "retry the request without specifying metric definitions."
        )
    definitions = [{"Name": name, "Regex": regex} for name, regex in built_in.definitions]
    return given | {"MetricDefinitions": definitions}


def _check_regexes(definitions: list[Members]) -> None:
    try:
        metrics.matchers([(item["Name"], item["Regex"]) for item in definitions])
    except re.error as error:
        raise validation(f"Invalid regular expression in MetricDefinitions: {error}") from error


def _check_data(app: App, request: Members) -> None:
    names = [channel["ChannelName"] for channel in request.get("InputDataConfig", [])]
    if len(set(names)) < len(names):
        raise validation("Channel names must be unique within a training job.")
    try:
        channels.check(app, request.get("InputDataConfig", []), request["RoleArn"])
    except channels.NoData as error:
        raise validation(str(error)) from error


def _filled_in(body: Members) -> Members:
    """Defaults that Describe shows although the request was silent; the SDK's attach needs some."""
    plain = {"CompressionType": "None", "RecordWrapperType": "None"}
    filled = {
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP"} | body["OutputDataConfig"],
        "StoppingCondition": {"MaxRuntimeInSeconds": 86400} | body.get("StoppingCondition", {}),
        "EnableNetworkIsolation": body.get("EnableNetworkIsolation", False),
        "EnableInterContainerTrafficEncryption": body.get(
            "EnableInterContainerTrafficEncryption", False
        ),
        "EnableManagedSpotTraining": body.get("EnableManagedSpotTraining", False),
        "ProfilingStatus": "Disabled",
    }
    if "InputDataConfig" in body:
        filled["InputDataConfig"] = [plain | channel for channel in body["InputDataConfig"]]
    return filled


def _described(record: Record) -> Members:
    return record.body | {
        "TrainingJobArn": record.arn,
        "TrainingJobStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }

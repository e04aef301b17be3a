"""Processing jobs.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html
"""

from __future__ import annotations

from typing import Any

from localaws.app import App
from localaws.engine import running
from localaws.engine.processing import layout, progress
from localaws.engine.processing.progress import KIND
from localaws.errors import validation
from localaws.sagemaker import listing, records
from localaws.sagemaker.records import Record
from localaws.wire import operation

Members = dict[str, Any]


@operation("sagemaker", "CreateProcessingJob")
def create(app: App, request: Members) -> Members:
    name = request["ProcessingJobName"]
    records.must_be_free(app, KIND, name)
    if not request["AppSpecification"].get("ContainerEntrypoint"):
        raise validation("localaws needs the ContainerEntrypoint of the processing job.")
    body = {key: value for key, value in request.items() if key != "Tags"}
    inputs = [_input(given) for given in request.get("ProcessingInputs", [])]
    config = request.get("ProcessingOutputConfig", {"Outputs": []})
    outputs = [_output(given) for given in config["Outputs"]]
    _check_names([given["InputName"] for given in inputs], "Input")
    _check_names([given["OutputName"] for given in outputs], "Output")
    body |= {
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": config | {"Outputs": outputs},
        "StoppingCondition": request.get("StoppingCondition", {"MaxRuntimeInSeconds": 86400}),
    }
    record = records.draft(app, KIND, name, "InProgress", body)
    records.create(app, record, request.get("Tags", []))
    running.engine(app).processor.submit(name)
    return {"ProcessingJobArn": record.arn}


@operation("sagemaker", "DescribeProcessingJob")
def describe(app: App, request: Members) -> Members:
    return described(records.get(app, KIND, request["ProcessingJobName"]))


@operation("sagemaker", "ListProcessingJobs")
def list_all(app: App, request: Members) -> Members:
    found, token = listing.page(app, KIND, request, order="Ascending")
    return {"ProcessingJobSummaries": [described(record) for record in found], **token}


@operation("sagemaker", "StopProcessingJob")
def stop(app: App, request: Members) -> Members:
    name = request["ProcessingJobName"]
    if records.find(app, KIND, name) is None:
        raise validation(f"Could not find job to update with name: {name}")

    def change(record: Record) -> None:
        if record.status in progress.TERMINAL:
            raise validation(
                f"The request was rejected because the processing job is in status {record.status}."
            )
        record.status = "Stopping"

    records.update(app, KIND, name, change)
    running.engine(app).processor.stop(name)
    return {}


def described(record: Record) -> Members:
    return record.body | {
        "ProcessingJobArn": record.arn,
        "ProcessingJobStatus": record.status,
        "CreationTime": record.created,
        "LastModifiedTime": record.modified,
    }


def _input(given: Members) -> Members:
    """With the service's defaults."""
    name = given["InputName"]
    if given.get("AppManaged") or "S3Input" not in given:
        raise validation(f"Processing input {name}: localaws reads S3Input only.")
    source = given["S3Input"]
    if source.get("S3InputMode", "File") != "File":
        raise validation(f"Processing input {name}: localaws knows the S3InputMode File only.")
    _check_path(source.get("LocalPath", ""))
    plain = {"S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"}
    return given | {"AppManaged": False, "S3Input": plain | {"S3InputMode": "File"} | source}


def _output(given: Members) -> Members:
    if given.get("AppManaged") or "S3Output" not in given:
        name = given["OutputName"]
        raise validation(f"Processing output {name}: localaws writes S3Output only.")
    _check_path(given["S3Output"].get("LocalPath", ""))
    return given | {"AppManaged": False}


def _check_path(path: str) -> None:
    if not layout.is_inside(path):
        raise validation(f"LocalPath must begin with {layout.ROOT}/: {path!r}.")


def _check_names(names: list[str], kind: str) -> None:
    if len(set(names)) < len(names):
        raise validation(f"{kind} names must be unique within a processing job.")

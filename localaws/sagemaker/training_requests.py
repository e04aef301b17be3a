"""From a CreateTrainingJob request to the record of a job just accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localaws.algorithms import programs
from localaws.app import App
from localaws.engine import channels, metrics, progress
from localaws.errors import validation
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

Members = dict[str, Any]


def accepted(app: App, request: Members) -> Record:
    """Not yet stored. Raises AwsError when the name is taken, or the request makes no sense."""
    name = request["TrainingJobName"]
    records.must_be_free(app, progress.KIND, name)
    body = {key: value for key, value in request.items() if key != "Tags"}
    body["AlgorithmSpecification"] = specification(
        request["AlgorithmSpecification"], request.get("HyperParameters", {})
    )
    check_data(app, request)
    body |= _filled_in(body) | progress.first(records.moment(app))
    return records.draft(app, progress.KIND, name, "InProgress", body)


def specification(given: Members, hyperparameters: Mapping[str, str]) -> Members:
    """For built-in images the service fills in the metric definitions and refuses other ones."""
    if given.get("ContainerArguments") and not given.get("ContainerEntrypoint"):
        raise validation(
            "localaws needs the ContainerEntrypoint that goes with ContainerArguments."
        )
    settings = programs.settings(given, hyperparameters)
    built_in = programs.built_in(given.get("TrainingImage", ""), settings)
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


def check_data(app: App, request: Members) -> None:
    """Raises AwsError when two channels share a name, or one finds no object."""
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

"""What a tuning job's request says about its trials, in one form for both ways to say it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from localaws.algorithms import programs
from localaws.engine.tuning import space as spaces
from localaws.engine.tuning.space import Categorical, Numeric

Members = dict[str, Any]

OBJECTIVE = "_tuning_objective_metric"
# Where MaxResource of Hyperband is looked for when the request does not give it.
EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")

_COPIED = (
    *("RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig", "StoppingCondition"),
    *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "Environment"),
    *("EnableManagedSpotTraining", "CheckpointConfig", "RetryStrategy", "ResourceConfig"),
)


@dataclass(frozen=True)
class Definition:
    """`members` is a HyperParameterTrainingJobDefinition."""

    members: Members
    ranges: Members
    objective: Members

    @property
    def name(self) -> str:
        """Empty where there is only one definition and it has none."""
        return str(self.members.get("DefinitionName", ""))

    @property
    def image(self) -> str:
        return str(self.members["AlgorithmSpecification"].get("TrainingImage", ""))

    @property
    def static(self) -> dict[str, str]:
        given: dict[str, str] = self.members.get("StaticHyperParameters", {})
        return {name: value for name, value in given.items() if name != OBJECTIVE}

    def space(self) -> list[Numeric | Categorical]:
        """Raises BadRange."""
        return spaces.read(self.ranges)

    def resources(self) -> Members:
        """`ResourceConfig`, for requests that gave HyperParameterTuningResourceConfig instead."""
        return _resources(self.members.get("HyperParameterTuningResourceConfig", {}))

    def training_request(self, name: str, values: dict[str, str]) -> Members:
        """CreateTrainingJob for one trial."""
        specification = dict(self.members["AlgorithmSpecification"])
        if programs.built_in(self.image, self.static) is not None:
            specification.pop("MetricDefinitions", None)
        tuned = {OBJECTIVE: self.objective["MetricName"]}
        copied = {key: self.members[key] for key in _COPIED if key in self.members}
        if "CheckpointConfig" in copied:  # a trial must not go on from the model of another one
            config = copied["CheckpointConfig"]
            own = f"{config['S3Uri'].rstrip('/')}/{name}"
            copied["CheckpointConfig"] = config | {"S3Uri": own}
        return (
            self.resources()
            | copied
            | {
                "TrainingJobName": name,
                "AlgorithmSpecification": specification,
                "HyperParameters": self.static | values | tuned,
            }
        )


def of(body: Members) -> list[Definition]:
    """All definitions of a tuning job."""
    config = body["HyperParameterTuningJobConfig"]
    many = body.get("TrainingJobDefinitions") or [body["TrainingJobDefinition"]]
    return [
        Definition(
            members=one,
            ranges=one.get("HyperParameterRanges") or config.get("ParameterRanges", {}),
            objective=one.get("TuningObjective") or config["HyperParameterTuningJobObjective"],
        )
        for one in many
    ]


def trial_name(tuning_name: str, tuning_id: str, number: int) -> str:
    """`<tuning>-001-<8 hex>`, the same for the same trial."""
    digest = hashlib.sha256(f"{tuning_id}/{number}".encode()).hexdigest()
    return f"{tuning_name}-{number:03d}-{digest[:8]}"


def _resources(given: Members) -> Members:
    """ResourceConfig from HyperParameterTuningResourceConfig: its first instance type will do."""
    if not given:
        return {}
    first = given.get("InstanceConfigs", [{}])[0]
    members = ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
    return {
        "ResourceConfig": {name: (first | given)[name] for name in members if name in first | given}
    }

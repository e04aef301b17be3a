"""A job as code that launches the same one: to copy into a notebook or a pipeline.

The code runs as it stands, under a new name. Texts stand in it as Python literals, so no value of
a job can become code.
"""

from collections.abc import Mapping
from typing import Any

from aws import sagemaker
from aws.types import ChannelSpec, ParameterRange, TrainingJobSpec, TuningJobSpec

WIDTH = 88
STAMP = "-%Y%m%d%H%M%S"
STAMP_LENGTH = 15
NAME_LIMIT, TUNING_NAME_LIMIT = 63, 32
RANGES = {"integer": ("IntegerParameter", int), "continuous": ("ContinuousParameter", float)}


class Expression(str):
    """Python code, where everything else is a value."""

    __slots__ = ()


def boto3_training(spec: TrainingJobSpec, region: str) -> str:
    request = sagemaker.training_job_request(spec) | {"TrainingJobName": Expression("name")}
    return _lines(
        *_client(region, spec.name, NAME_LIMIT),
        call("sagemaker.create_training_job", request),
        'status = "InProgress"',
        'while status in ("InProgress", "Stopping"):',
        "    time.sleep(5)",
        "    job = sagemaker.describe_training_job(TrainingJobName=name)",
        '    status = job["TrainingJobStatus"]',
        "print(name, status)",
    )


def boto3_tuning(spec: TuningJobSpec, region: str) -> str:
    name = "HyperParameterTuningJobName"
    request = sagemaker.tuning_job_request(spec) | {name: Expression("name")}
    return _lines(
        *_client(region, spec.name, TUNING_NAME_LIMIT),
        call("sagemaker.create_hyper_parameter_tuning_job", request),
        f"job = sagemaker.describe_hyper_parameter_tuning_job({name}=name)",
        'print(name, job["HyperParameterTuningJobStatus"])',
    )


def sdk_training(spec: TrainingJobSpec, region: str) -> str:
    """For version 2 of the SageMaker Python SDK."""
    return _lines(*_sdk_head(spec, region), f"estimator.fit({_inputs(spec)})")


def sdk_tuning(spec: TuningJobSpec, region: str) -> str:
    """For version 2 of the SageMaker Python SDK."""
    members: dict[str, Any] = {
        "estimator": Expression("estimator"),
        "objective_metric_name": spec.objective,
        "hyperparameter_ranges": {one.name: _range(one) for one in spec.ranges},
        "strategy": spec.strategy,
        "objective_type": spec.direction,
        "max_jobs": None if spec.strategy == "Grid" else spec.max_jobs,
        "max_parallel_jobs": spec.max_parallel,
        "early_stopping_type": "Auto" if spec.early_stopping else None,
        "random_seed": spec.seed,
        "base_tuning_job_name": spec.name[: TUNING_NAME_LIMIT - STAMP_LENGTH],
        "tags": _tags(spec.tags),
        "metric_definitions": _definitions(spec.trial),
    } | _strategy(spec)
    return _lines(
        *_sdk_head(spec.trial, region),
        "from sagemaker import tuner",
        "",
        call("search = tuner.HyperparameterTuner", _given(members)),
        f"search.fit({_inputs(spec.trial)})",
    )


def _strategy(spec: TuningJobSpec) -> dict[str, Any]:
    members: dict[str, Any] = {}
    if spec.warm_start:
        parents = Expression("{" + ", ".join(map(literal, spec.parents)) + "}")
        kind = Expression(f"tuner.WarmStartTypes({literal(spec.warm_start)})")
        members["warm_start_config"] = Expression(f"tuner.WarmStartConfig({kind}, {parents})")
    if spec.strategy == "Hyperband" and spec.max_resource is not None:
        limits = f"max_resource={spec.max_resource}, min_resource={spec.min_resource or 1}"
        members["strategy_config"] = Expression(
            f"tuner.StrategyConfig(tuner.HyperbandStrategyConfig({limits}))"
        )
    return members


def _client(region: str, name: str, limit: int) -> list[str]:
    return [
        "import time",
        "",
        "import boto3",
        "",
        f'sagemaker = boto3.client("sagemaker", region_name={literal(region)})',
        f"name = {literal(name[: limit - STAMP_LENGTH])} + time.strftime({literal(STAMP)})",
    ]


def _sdk_head(spec: TrainingJobSpec, region: str) -> list[str]:
    session = f"sagemaker.Session(boto3.Session(region_name={literal(region)}))"
    members = {
        "image_uri": spec.image,
        "role": spec.role_arn,
        "instance_count": spec.instance_count,
        "instance_type": spec.instance_type,
        "volume_size": spec.volume_gb,
        "max_run": spec.max_runtime_seconds,
        "use_spot_instances": spec.use_spot,
        "max_wait": (spec.max_wait_seconds or spec.max_runtime_seconds) if spec.use_spot else None,
        "output_path": spec.output_s3_uri,
        "base_job_name": spec.name[: NAME_LIMIT - len("-2026-11-20-10-45-00-000")],
        "hyperparameters": dict(spec.hyperparameters),
        "environment": dict(spec.environment),
        "metric_definitions": _definitions(spec),
        "tags": _tags(spec.tags),
        "container_entry_point": list(spec.entrypoint),
        "container_arguments": list(spec.arguments),
        "sagemaker_session": Expression(session),
    }
    return [
        "import boto3",
        "import sagemaker",
        "from sagemaker.estimator import Estimator",
        "from sagemaker.inputs import TrainingInput",
        "",
        call("estimator = Estimator", _given(members)),
    ]


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, False, [], {})}


def _definitions(spec: TrainingJobSpec) -> list[dict[str, str]]:
    return [{"Name": name, "Regex": regex} for name, regex in spec.metric_definitions.items()]


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _inputs(spec: TrainingJobSpec) -> str:
    return literal({channel.name: _input(channel) for channel in spec.channels})


def _input(channel: ChannelSpec) -> Expression:
    members: dict[str, Any] = {"s3_data": channel.s3_uri}
    if channel.content_type:
        members["content_type"] = channel.content_type
    if channel.sharded:
        members["distribution"] = "ShardedByS3Key"
    return Expression(call("TrainingInput", members, 4))


def _range(one: ParameterRange) -> Expression:
    if one.kind == "categorical":
        return Expression(f"tuner.CategoricalParameter({literal(list(one.values), 8)})")
    kind, number = RANGES[one.kind]
    low, high = number(one.low), number(one.high)
    return Expression(f"tuner.{kind}({low!r}, {high!r}, {literal(one.scaling)})")


def call(function: str, members: Mapping[str, Any], indent: int = 0) -> str:
    """`function(name=value, …)`, a line for each member."""
    inner = " " * (indent + 4)
    lines = [f"{inner}{name}={literal(value, indent + 4)}," for name, value in members.items()]
    return "\n".join([f"{function}(", *lines, " " * indent + ")"])


def literal(value: Any, indent: int = 0) -> str:
    """`value` as Python; what is longer than a line becomes a line for each of its parts."""
    if isinstance(value, Expression):
        return value
    if not isinstance(value, dict | list):
        return _quoted(value) if isinstance(value, str) else repr(value)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    deeper = indent + 4
    if isinstance(value, dict):
        parts = [f"{_quoted(name)}: {literal(one, deeper)}" for name, one in value.items()]
    else:
        parts = [literal(one, deeper) for one in value]
    short = opening + ", ".join(parts) + closing
    if "\n" not in short and indent + len(short) < WIDTH - 24:
        return short
    lines = [f"{' ' * deeper}{part}," for part in parts]
    return "\n".join([opening, *lines, " " * indent + closing])


def _quoted(text: str) -> str:
    """As `repr`, in double quotes where that needs no more escapes."""
    found = repr(text)
    return f'"{found[1:-1]}"' if found[0] == "'" and '"' not in found else found


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"

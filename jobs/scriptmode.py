"""What AWS is told of a job that brings its own program: a script in an archive, or an image.

The toolkit in a framework's image reads every hyperparameter as JSON, and from those that begin
with `sagemaker_` which program it starts (SageMaker Python SDK 2, estimator.py, `Framework`).
"""

import json
from dataclasses import replace

from aws import naming
from aws.frameworks import FRAMEWORKS, Framework
from aws.types import ChannelSpec, TrainingJobSpec
from jobs.models import TrainingJob

RESERVED = "sagemaker_"
INFO = 20  # the toolkit's log level


def framework_of(job: TrainingJob) -> Framework | None:
    """The framework whose image runs the job's script."""
    return FRAMEWORKS.get(job.algorithm)


def fitted(spec: TrainingJobSpec, job: TrainingJob) -> TrainingJobSpec:
    """`spec` with what such a job has in place of an algorithm of the catalogue."""
    channels = tuple(
        ChannelSpec(name, data["uri"], data.get("content_type", ""))
        for name, data in job.inputs.items()
    )
    return replace(
        spec,
        hyperparameters=hyperparameters(job),
        channels=channels,
        entrypoint=tuple(job.entrypoint),
        arguments=tuple(job.arguments),
    )


def hyperparameters(job: TrainingJob) -> dict[str, str]:
    """As AWS is sent them; the row has them as they were typed."""
    if not job.source:
        return dict(job.hyperparameters)
    toolkit = {
        "sagemaker_container_log_level": INFO,
        "sagemaker_job_name": job.aws_name or naming.training_job(job.name, job.uid),
        "sagemaker_program": job.entry_point,
        "sagemaker_region": job.workspace.region,
        "sagemaker_submit_directory": job.source,
    }
    own = {name: as_json(text) for name, text in job.hyperparameters.items()}
    return own | {name: json.dumps(value) for name, value in toolkit.items()}


def as_json(text: str) -> str:
    """A number, true, a list: as it stands; a word: in quotes."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return json.dumps(text)
    return text

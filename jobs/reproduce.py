"""The code that launches a job of the console again, without the console."""

from dataclasses import replace

from aws import naming
from jobs import code, training, tuning
from jobs.models import TrainingJob, TuningJob

Codes = dict[str, str]


def of_training(job: TrainingJob) -> Codes:
    """`boto3` and `sagemaker` (its SDK, version 2): the same job under another name.

    Our own tag and a tuning job's mark on its trials are left out: they tell jobs apart.
    """
    spec, region = training.spec(job), job.workspace.region
    plain = {name: text for name, text in spec.hyperparameters.items() if name[0] != "_"}
    name = job.aws_name or naming.training_job(job.name, job.uid)
    spec = replace(spec, name=name, tags=job.aws_tags, hyperparameters=plain)
    return {
        "boto3": code.boto3_training(spec, region),
        "sagemaker": code.sdk_training(spec, region),
    }


def of_tuning(job: TuningJob) -> Codes:
    """As `of_training`."""
    spec, region = tuning.spec(job), job.workspace.region
    name = job.aws_name or naming.tuning_job(job.name, job.uid)
    spec = replace(spec, name=name, tags=job.aws_tags)
    return {
        "boto3": code.boto3_tuning(spec, region),
        "sagemaker": code.sdk_tuning(spec, region),
    }

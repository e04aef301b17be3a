"""Names and ARNs, and how the service speaks of what it cannot find.

Kinds are the ARN's own words: training-job, hyper-parameter-tuning-job, transform-job,
processing-job, model, endpoint-config, endpoint.
"""

from localaws.app import App
from localaws.errors import AwsError, resource_in_use, resource_not_found, validation

_SPOKEN = {"endpoint-config": "endpoint configuration"}


def arn(app: App, kind: str, name: str) -> str:
    """Lower-cased, so two names that differ only in case collide."""
    return f"arn:aws:sagemaker:{app.region}:{app.account_id}:{kind}/{name.lower()}"


def not_found(app: App, kind: str, name: str) -> AwsError:
    """Texts as the service words them; training jobs do not use the modelled ResourceNotFound."""
    if kind == "training-job":
        return validation("Requested resource not found.")
    if kind == "hyper-parameter-tuning-job":
        return resource_not_found(f"Amazon SageMaker can't find a tuning job with the name {name}.")
    if kind in {"transform-job", "processing-job"}:
        return validation(f"Could not find requested job with name: {name}")
    return validation(f'Could not find {_SPOKEN.get(kind, kind)} "{arn(app, kind, name)}".')


def exists(kind: str, name_arn: str) -> AwsError:
    if kind == "training-job":
        return resource_in_use(
            "Training job names must be unique within an AWS account and region, and a training "
            f"job with this name already exists ({name_arn})"
        )
    if kind.endswith("-job"):
        return resource_in_use(
            "Job name must be unique within an AWS account and region, and a job with this name "
            f"already exists ({name_arn})"
        )
    return validation(f'Cannot create already existing {_SPOKEN.get(kind, kind)} "{name_arn}".')

"""The user's code of a job or a model, and what it may know of localaws."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from localaws.algorithms.programs import ON, SWITCH
from localaws.app import App
from localaws.engine import artifacts

_HYPERPARAMETER, _VARIABLE = "sagemaker_submit_directory", "SAGEMAKER_SUBMIT_DIRECTORY"


def allowed(app: App, role_arn: str) -> bool:
    """Whether jobs and models of this role, found by its name, may bring programs now."""
    tags = app.roles.tags(role_arn.rpartition("/")[2])
    return app.allow_scripts or tags.get(SWITCH) == ON


def fetch(app: App, settings: Mapping[str, str], base: Path) -> None:
    """The archive in S3 that hyperparameters or a model's environment name, into `base/code`.

    Without one nothing happens: the code may be in the model archive. Raises AwsError, and
    ValueError for what is no safe archive.
    """
    uri = settings.get(_VARIABLE) or _plain(settings.get(_HYPERPARAMETER, ""))
    if uri.startswith("s3://"):
        artifacts.extract(app, uri, base / "code")


def environment(app: App) -> dict[str, str]:
    """AWS clients inside a script reach this localaws, as they reach Amazon inside a container."""
    return {
        "AWS_ENDPOINT_URL": app.url,
        "AWS_ACCESS_KEY_ID": app.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": app.credentials.secret_access_key,
        "AWS_REGION": app.region,
        "AWS_DEFAULT_REGION": app.region,
    }


def _plain(text: str) -> str:
    """Script mode writes every hyperparameter as JSON."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text

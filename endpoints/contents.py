"""Reading an imported archive once, in a worker: what it holds, and which image serves it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from aws import s3
from aws.errors import AwsError
from core import states
from core.errors import InvalidFields
from endpoints import archives, images
from endpoints.archives import BadArchive, Contents
from endpoints.models import RegisteredModel
from jobs.sighting import SECRET

Status = RegisteredModel.Status
LEASE = timedelta(minutes=1)  # renewed while it is read
RENEWED = timedelta(seconds=5)
# The images of scikit-learn and PyTorch run the script that these name.
BRINGS_SCRIPT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
}
UNTOLD = "Its files do not tell which image serves it. It stays at {}: import that and choose one."
log = logging.getLogger(__name__)


def upload_key(model: RegisteredModel) -> str:
    """Where an uploaded archive lies in the workspace's bucket."""
    return f"models/{model.uid}/model.tar.gz"


def is_unread(model: RegisteredModel) -> bool:
    return model.origin == RegisteredModel.Origin.IMPORTED and "count" not in model.inspection


def shown(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what looks like a secret: everybody in the workspace may see it."""
    return {name: "…" if SECRET.search(name) else text for name, text in environment.items()}


def examine(model: RegisteredModel, now: datetime) -> None:
    """Inspect a Requested model's archive; call it with the row claimed. Repeatable.

    Writes size, inspection, framework, image and environment, or ends Rejected, or stays with a
    later `next_check_at`.
    """
    if model.status != Status.REQUESTED or not is_unread(model):
        return
    try:
        size, found = _read(model)
        states.record(model, size=size, **_decided(model, found))
    except BadArchive as error:
        _reject(model, str(error))
        _drop_upload(model)
    except InvalidFields as error:
        _reject(model, error.message)
    except AwsError as error:
        if error.retryable:
            states.postpone(model, now=now)
        else:
            _reject(model, f"S3 does not give {model.artifact}: {error.message}")


def _read(model: RegisteredModel) -> tuple[int, Contents]:
    account, place = model.workspace.account, s3.parse_uri(model.artifact)
    head = s3.head_object(account, *place)
    if head is None:
        raise BadArchive(f"There is nothing at {model.artifact}.")
    with s3.open_object(account, *place) as stream:
        return head.size, archives.inspect(stream, _Alive(model))


@dataclass
class _Alive:
    """Renews the lease while it is read; BadArchive once the row is no longer Requested."""

    model: RegisteredModel
    due: datetime = field(default_factory=timezone.now)

    def __call__(self) -> None:
        now = timezone.now()
        if now < self.due:
            return
        self.due = now + RENEWED
        if not states.record(self.model, next_check_at=now + LEASE):
            raise BadArchive("It was deleted while it was read.")


def _decided(model: RegisteredModel, found: Contents) -> dict[str, object]:
    framework = model.framework or ("" if model.image else images.fitting(found.looks))
    image = model.image
    if not image:
        if not framework:
            raise InvalidFields({"framework": [UNTOLD.format(model.artifact)]})
        image = images.image_of(framework, model.workspace.region)
    kind, findings = images.kind_of(image), list(found.findings)
    if kind and found.looks and kind != found.looks:
        findings.append(f"The image is for {archives.TITLES[kind]}: it may not be able to load it.")
    scripted = kind in (archives.SKLEARN, archives.PYTORCH) and found.has_script
    given = model.environment
    return {
        "framework": framework,
        "image": image,
        "environment": BRINGS_SCRIPT | given if scripted else given,
        "inspection": {
            "members": [list(member) for member in found.members],
            "count": found.count,
            "unpacked": found.unpacked,
            "findings": findings,
        },
    }


def _reject(model: RegisteredModel, reason: str) -> None:
    states.advance(model, frm=Status.REQUESTED, to=Status.REJECTED, failure_reason=reason)


def _drop_upload(model: RegisteredModel) -> None:
    """What was uploaded and may not be served is not kept; what lies elsewhere is not ours."""
    bucket, key = model.workspace.bucket, upload_key(model)
    if model.artifact != s3.uri(bucket, key):
        return
    try:
        s3.delete_object(model.workspace.account, bucket, key)
    except AwsError as error:
        log.warning("the upload of model %s stays: %s", model.uid, error.message)

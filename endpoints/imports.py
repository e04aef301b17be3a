"""Importing a model: an archive uploaded or in S3, and the image that serves it.

An upload has a row from its first bytes, hidden until the form is right: what is cut off or never
finished is found again by the sweep. What the archive holds a worker reads (`endpoints.contents`).
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from aws import errors as aws
from aws import naming, s3
from core import audit, idempotency, states
from core.access import Actor
from core.errors import InvalidFields, Unavailable
from core.models import Role, Workspace
from datasets.models import Dataset
from endpoints import contents, images, receipt
from endpoints.models import BatchPrediction, RegisteredModel
from endpoints.receipt import PATIENCE, Place, Receipt
from jobs import machine
from jobs.models import TrainingJob, TuningJob

MOST_BYTES = 20 * 2**30  # of an archive that lies in S3
NAME_LIMIT = 120
ENDING = ".tar.gz"
GZIP = b"\x1f\x8b"
# What the console itself keeps in a bucket, below a row's uid.
OURS = re.compile(r"(datasets|jobs|tuning|evaluations|models|batches)/([0-9a-z]{10})/")
IMAGE = re.compile(r"[a-z0-9.-]+(?::\d+)?/[a-z0-9._/-]+(?:[:@][A-Za-z0-9_.:-]+)?")
Status, Origin = RegisteredModel.Status, RegisteredModel.Origin


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`framework` is a name of `images.choices`, perhaps without its version; `image` a URI."""

    name: str = ""
    framework: str = images.AS_IT_LOOKS
    image: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def from_s3(who: Actor, wish: Wish, source: str, *, key: str = "") -> tuple[RegisteredModel, bool]:
    """The Requested model of the archive at `source`, once per `key`, and whether it is new.

    InvalidFields for what may not or cannot be imported, Unavailable when S3 does not answer.
    """
    who.need(Role.MEMBER)
    chosen, source = _chosen(wish, who.workspace), source.strip()
    size = _size(who.workspace, *_address(who.workspace, source))
    row = _row(who, artifact=source, size=size, **chosen)
    row.name = row.name or _plain(source.rsplit("/", 1)[-1])
    return idempotency.once(
        who, key, RegisteredModel, lambda: _written(who, row), content=_content(wish, source)
    )


def from_upload(
    who: Actor, wish: Wish, draft: RegisteredModel, *, key: str = ""
) -> tuple[RegisteredModel, bool]:
    """As `from_s3`, of a stored upload (`ModelReceipt.store` or `draft_of`)."""
    who.need(Role.MEMBER)
    chosen = _chosen(wish, who.workspace)
    content = _content(wish, str(draft.inspection.get("sha256", draft.uid)))
    row, made = idempotency.once(
        who, key, RegisteredModel, lambda: _kept(who, draft, chosen), content=content
    )
    if row.pk != draft.pk:
        drop(draft, timezone.now())
    return row, made


def draft_of(who: Actor, uid: str) -> RegisteredModel:
    """The stored file of `who` that waits for its form; InvalidFields once it was given up."""
    rows = _drafts().filter(workspace=who.workspace, created_by=who.user, uid=uid)
    draft = rows.exclude(artifact="").select_related("workspace").first()
    if draft is None:
        raise InvalidFields({"file": ["The uploaded file is no longer kept. Choose it again."]})
    return draft


def sweep(now: datetime) -> None:
    """Drop uploads that were cut off, and stored files whose form never came."""
    for draft in _drafts().filter(next_check_at__lte=now).select_related("workspace")[:20]:
        if states.claim(draft, now=now, lease=PATIENCE):
            drop(draft, now)


def drop(draft: RegisteredModel, now: datetime) -> None:
    """Leave nothing of a draft; what S3 cannot be told now the sweep tells later."""
    receipt.drop(draft, _place(draft), now)


class ModelReceipt(Receipt[RegisteredModel]):
    """A model's archive; InvalidFields for what is no gzip."""

    MOST_BYTES = 5 * 2**30
    OTHERWISE = "Put it into S3 and import it from there."
    CONTENT_TYPE = "application/gzip"

    def __init__(self, who: Actor, filename: str) -> None:
        super().__init__(_row(who, name=_plain(filename), deleted_at=timezone.now()))
        self._digest = hashlib.sha256()

    def place(self) -> Place:
        return _place(self.draft)

    def check(self, head: bytes) -> None:
        if not head.startswith(GZIP):
            raise InvalidFields({"file": [f"This is not a {ENDING} file."]})

    def write(self, data: bytes) -> None:
        self._digest.update(data)
        super().write(data)

    def stored(self) -> dict[str, Any]:
        return {
            "artifact": s3.uri(self.place().bucket, self.place().key),
            "size": self.size,
            "inspection": {"sha256": self._digest.hexdigest()},
        }


def _drafts() -> QuerySet[RegisteredModel]:
    rows = RegisteredModel.objects.filter(origin=Origin.IMPORTED, status=Status.REQUESTED)
    return rows.filter(deleted_at__isnull=False)


def _place(model: RegisteredModel) -> Place:
    workspace = model.workspace
    return Place(workspace.account, workspace.bucket, contents.upload_key(model))


def _plain(filename: str) -> str:
    last = filename.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(ENDING)
    return "".join(c for c in last if c.isprintable()).strip()[:NAME_LIMIT] or "model"


def _chosen(wish: Wish, workspace: Workspace) -> dict[str, Any]:
    """The columns that the wish names; InvalidFields with all that is wrong."""
    errors: dict[str, list[str]] = {}
    framework, image = "", wish.image.strip()
    try:
        framework = images.OWN if image and not wish.framework else images.named(wish.framework)
        if framework not in (images.OWN, images.AS_IT_LOOKS):
            image = images.image_of(framework, workspace.region)
    except InvalidFields as error:
        errors |= error.errors
    if framework == images.OWN and not (IMAGE.fullmatch(image) and len(image) <= 255):
        errors["image"] = ["An image looks like 1234.dkr.ecr.us-east-1.amazonaws.com/name:tag."]
    if len(wish.name.strip()) > NAME_LIMIT:
        errors["name"] = [f"Use at most {NAME_LIMIT} characters."]
    probe = machine.Machine(instance_type="ml.m5.large", environment=wish.environment)
    errors |= {k: v for k, v in machine.problems(probe).items() if k == "environment"}
    if errors:
        raise InvalidFields(errors)
    return {
        "name": wish.name.strip(),
        "framework": "" if framework == images.OWN else framework,
        "image": image if framework else "",
        "environment": dict(wish.environment),
    }


def _content(wish: Wish, what: str) -> str:
    return json.dumps([what, asdict(wish)], sort_keys=True)


def _row(who: Actor, **fields: Any) -> RegisteredModel:
    return RegisteredModel(
        workspace=who.workspace,
        created_by=who.user,
        origin=Origin.IMPORTED,
        status=Status.REQUESTED,
        **fields,
    )


def _written(who: Actor, row: RegisteredModel) -> RegisteredModel:
    row.aws_name = naming.model(row.name, row.uid)
    row.save()
    audit.note(who, "model.import", row, source=row.artifact, size=row.size, image=row.image)
    return row


def _kept(who: Actor, draft: RegisteredModel, chosen: dict[str, Any]) -> RegisteredModel:
    """The draft as a model that a worker looks into; of two forms for it one gets it."""
    changes = chosen | {"name": chosen["name"] or draft.name, "deleted_at": None}
    changes |= {"next_check_at": timezone.now(), "created_at": timezone.now(), "inspection": {}}
    if not _drafts().filter(pk=draft.pk).update(**changes):
        raise InvalidFields({"file": ["The uploaded file is no longer kept. Choose it again."]})
    row = RegisteredModel.objects.select_related("workspace").get(pk=draft.pk)
    return _written(who, row)


def _address(workspace: Workspace, source: str) -> tuple[str, str]:
    try:
        bucket, key = s3.parse_uri(source)
    except aws.Invalid as error:
        raise _refused("This is not an address in S3, such as s3://bucket/model.tar.gz.") from error
    allowed = [workspace.bucket, *workspace.import_buckets]
    if bucket not in allowed:
        raise _refused(
            f"The workspace {workspace.slug} may not import from the bucket {bucket[:63]}. "
            "An admin adds it on the workspace's page, under buckets to import from. "
            f"Allowed now: {', '.join(allowed)}."
        )
    if not key.endswith(ENDING) or len(source) > 1_024 or not source.isprintable():
        raise _refused(f"SageMaker takes one archive whose name ends in {ENDING}.")
    if not is_open(workspace, bucket, key):
        raise _refused(f"It does not belong to the workspace {workspace.slug}.")
    return bucket, key


def is_open(workspace: Workspace, bucket: str, key: str) -> bool:
    """Whether `key` is not another workspace's, where several keep theirs in one bucket."""
    kept = OURS.match(key)
    if not kept or not Workspace.objects.filter(bucket=bucket).exclude(pk=workspace.pk).exists():
        return True
    kinds = (RegisteredModel, TrainingJob, TuningJob, Dataset, BatchPrediction)
    mine = {"workspace": workspace, "uid": kept[2]}
    return any(kind._default_manager.filter(**mine).exists() for kind in kinds)


def _size(workspace: Workspace, bucket: str, key: str) -> int:
    try:
        head = s3.head_object(workspace.account, bucket, key)
    except aws.AwsError as error:
        if error.retryable:
            text = "S3 does not answer; nothing was imported."
            raise Unavailable(text, "Try again in a moment.", field="source") from error
        raise _refused(f"S3 refuses: {error.message}") from error
    if head is None:
        raise _refused("There is no such object.")
    if not 0 < head.size <= MOST_BYTES:
        raise _refused(f"It has {head.size:,} bytes; at most {MOST_BYTES // 2**30} GB, not empty.")
    return head.size


def _refused(message: str) -> InvalidFields:
    return InvalidFields({"source": [message]})

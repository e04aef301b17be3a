"""Starting a batch from what a person or a program gave: looked at first, once per click."""

import json
from typing import Any

from django.utils import timezone

from aws import errors as aws
from aws import s3
from core import idempotency
from core.access import Actor
from core.errors import InvalidFields, Unavailable
from core.models import Role
from datasets.models import Preparation
from endpoints import batch, batch_look, batch_upload, imports
from endpoints.batch_look import Look
from endpoints.errors import WrongInput
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel


def start(
    who: Actor,
    *,
    draft: BatchPrediction | None = None,
    source: str = "",
    key: str = "",
    endpoint: Endpoint | None = None,
    model: RegisteredModel | None = None,
    **choices: Any,
) -> tuple[BatchPrediction, bool]:
    """The Requested batch, once per `key`, and whether it is new; `choices` as `batch.request`.

    Its rows are an upload's `draft`, an object in the workspace's bucket, or a split. WrongInput
    when the first rows do not fit, else what `batch.request` raises.
    """
    who.need(Role.MEMBER)
    given = {"endpoint": endpoint, "model": model} | choices
    at = _key_in(who, source) if source else ""
    recipe = choices.get("preparation") or recipe_of(endpoint, model)
    if draft or at:
        name = draft.source_name if draft else at.rpartition("/")[2]
        found = looked_at(who, draft.source if draft else at, name, recipe)
        _check(found, has_truth=bool(choices.get("has_truth")))
        given |= {"source": at, "source_name": name, "name": choices.get("name") or name}
    else:
        asked = endpoint or model
        usual = f"{asked.name if asked else ''} on {choices.get('split', '')}"
        given["name"] = choices.get("name") or usual
    row, made = idempotency.once(
        who,
        key,
        BatchPrediction,
        lambda: batch.request(who, draft=draft, **given),
        content=_content(given),
    )
    if draft and row.pk != draft.pk:
        batch_upload.drop(draft, timezone.now())
    return row, made


def recipe_of(endpoint: Endpoint | None, model: RegisteredModel | None) -> Preparation | None:
    """What the model learned from; None when nobody knows."""
    model = model or (endpoint.model if endpoint else None)
    return model.job.preparation if model and model.job else None


def looked_at(who: Actor, key: str, name: str, recipe: Preparation | None) -> Look:
    """The first rows of a stored file; WrongInput without one, Unavailable when S3 is."""
    try:
        return batch_look.look(who.workspace, key, name, recipe)
    except aws.NotFound as error:
        raise WrongInput("There is no such object.", field="source") from error
    except aws.AwsError as error:
        raise Unavailable("The file cannot be read now.", error.message, field="source") from error


def _check(found: Look, *, has_truth: bool) -> None:
    if found.problem:
        raise WrongInput(found.problem, field="source")
    if has_truth and found.names and not found.has_target:
        raise WrongInput("The file has no column of the target.", field="has_truth")


def _key_in(who: Actor, source: str) -> str:
    """The key of an address in the workspace's bucket; a bare key is one."""
    bucket, key = who.workspace.bucket, source.strip()
    if key.startswith("s3://"):
        bucket, key = s3.parse_uri(key)
    if bucket != who.workspace.bucket:
        text = f"Rows are read from the workspace's own bucket, {who.workspace.bucket}."
        raise InvalidFields({"source": [text]})
    if not key or len(key) > 1_024 or not imports.is_open(who.workspace, bucket, key):
        raise InvalidFields({"source": ["There is no such object, or it is not yours."]})
    return key


def _content(given: dict[str, Any]) -> str:
    """What makes two requests the same; an upload by its name, as it has no other yet."""
    plain = {name: getattr(value, "uid", value) for name, value in given.items()}
    return json.dumps(plain, sort_keys=True, default=str)

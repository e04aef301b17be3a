"""Jobs with a script or an image of one's own."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Field, Header, Router, Schema, Status

from aws.frameworks import FRAMEWORKS
from core import access, idempotency
from core.access import Actor
from core.errors import InvalidFields
from core.http import TokenAuth, actor_of
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from jobs import scripts, source
from jobs.api.machine import MachineFields
from jobs.api.training import Job, as_text, job_fields, lineage
from jobs.incoming import OneFile
from jobs.models import TrainingJob
from jobs.source import Source
from jobs.tasks import submit_training_job

SourceT = TypeVar("SourceT", Source, Source | None)
router = Router()
MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class Input(Schema):
    uri: str
    content_type: str = ""


class NewScriptJob(MachineFields):
    """`kind` is scikit-learn, pytorch, tensorflow or image.

    Of a framework: `version` (the newest without one) and either `script`, its text, or `archive`,
    a .tar.gz or .zip in base64, or `source`, an id from POST /script-sources or another job's. Of
    an image: `image` and, as a shell reads them, `entrypoint` and `arguments`. Channels are those
    of `preparation` and `inputs`; `direction` is minimize or maximize.
    """

    kind: str
    version: str = ""
    script: str = ""
    archive: str = ""
    source: str = ""
    entry_point: str = ""
    image: str = ""
    entrypoint: str = ""
    arguments: str = ""
    hyperparameters: dict[str, bool | int | float | str] = Field(default_factory=dict)
    preparation: str | None = None
    inputs: dict[str, Input] = Field(default_factory=dict)
    metric_definitions: dict[str, str] = Field(default_factory=dict)
    headline_metric: str = ""
    direction: str = ""
    experiment: str = ""
    name: str = ""


class Member(Schema):
    name: str
    bytes: int


class StoredSource(Schema):
    """`entry_point` is the one that would be started; "" where that is not clear."""

    id: str
    entry_point: str
    files: list[Member]


@router.post(
    "/script-sources",
    response={201: StoredSource},
    auth=TokenAuth(),  # a cookie's CSRF check would parse the body before its size is bounded
    openapi_extra=MULTIPART,
)
def create_script_source(request: HttpRequest) -> Status[dict[str, Any]]:
    """Store a .py or .sh file, a .tar.gz or a .zip, from the multipart field `file`."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    upload = OneFile("file")
    request.upload_handlers = [upload]
    request.POST  # noqa: B018  parses the body
    program = _read("file", lambda: upload.program)
    if program is None:
        raise InvalidFields({"file": ["Send it in the multipart field “file”."]})
    scripts.keep(who.workspace, program)
    files = [{"name": name, "bytes": size} for name, size in program.members]
    return Status(201, {"id": program.digest, "entry_point": program.guess, "files": files})


@router.post("/script-jobs", response={201: Job})
def create_script_job(
    request: HttpRequest, wish: NewScriptJob, idempotency_key: Header[str] = ""
) -> Status[dict[str, Any]]:
    who = actor_of(request)
    preparation = None
    if wish.preparation:
        rows = Preparation.objects.select_related("workspace", "dataset")
        preparation = access.fetch(rows, who, wish.preparation, role=Role.MEMBER)
        who = access.in_workspace_of(who, preparation)
    who.need(Role.MEMBER)
    asked = _asked(wish, _program(who, wish), preparation)
    job, _ = idempotency.once(
        who,
        idempotency_key,
        TrainingJob,
        lambda: scripts.request(
            who, asked, machine=wish.machine, experiment=wish.experiment, name=wish.name
        ),
        content=wish.model_dump_json(),
    )
    nudge(submit_training_job, job.pk)
    return Status(201, job_fields(lineage().get(pk=job.pk)))


def _asked(
    wish: NewScriptJob, program: Source | None, preparation: Preparation | None
) -> scripts.Wish:
    framework = FRAMEWORKS.get(wish.kind)
    return scripts.Wish(
        kind=wish.kind,
        version=wish.version or next(iter(framework.versions if framework else ()), ""),
        program=program,
        entry_point=wish.entry_point or (program.guess if program else ""),
        image=wish.image,
        entrypoint=wish.entrypoint,
        arguments=wish.arguments,
        hyperparameters={name: as_text(value) for name, value in wish.hyperparameters.items()},
        preparation=preparation,
        inputs={name: data.model_dump() for name, data in wish.inputs.items()},
        metric_definitions=wish.metric_definitions,
        headline=wish.headline_metric,
        direction=wish.direction,
    )


def _program(who: Actor, wish: NewScriptJob) -> Source | None:
    """What was sent, stored now; or what was stored before."""
    if wish.kind == scripts.IMAGE:
        return None
    if wish.archive:
        program = _read("archive", lambda: source.of_upload("", _decoded(wish.archive)))
    elif wish.script:
        program = _read("script", lambda: source.of_text(wish.script, wish.entry_point))
    else:
        digest = scripts.digest_in(wish.source) or wish.source
        return scripts.kept(who.workspace, digest) if digest else None
    scripts.keep(who.workspace, program)
    return program


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise source.BadSource("This is not base64.") from error


def _read(name: str, look: Callable[[], SourceT]) -> SourceT:
    try:
        return look()
    except source.BadSource as error:
        raise InvalidFields({name: [str(error)]}) from error

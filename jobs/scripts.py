"""Jobs of one's own: a script in a framework's image, or a whole image."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws import errors as aws
from aws import frameworks, images, s3
from aws.frameworks import FRAMEWORKS, Framework
from core import audit, buckets, workspaces
from core.access import Actor
from core.errors import InvalidFields, Unavailable, UserError
from core.models import Role, Workspace
from datasets.models import Preparation
from jobs import experiments, patterns, preflight, scriptmode, source, training, values
from jobs import machine as machines
from jobs.catalogue.definition import Errors
from jobs.machine import Machine
from jobs.models import TrainingJob
from jobs.source import Source

IMAGE = "image"
KINDS = (*FRAMEWORKS, IMAGE)
DIRECTIONS = ("", "maximize", "minimize")
SPLITS = ("train", "validation")  # of a preparation; its test rows stay for the evaluation
# CreateTrainingJob's limits.
MOST_HYPERPARAMETERS, NAME_LENGTH, VALUE_LENGTH = 100, 256, 2_500
TOOLKITS = 5  # hyperparameters that are sent besides a script's own
MOST_CHANNELS, MOST_WORDS, WORD_LENGTH = 20, 100, 256
IMAGE_LENGTH = 255
CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
ADDRESS = re.compile(r"s3://([^/]+)/.*")
ECR = re.compile(
    r"\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/[a-z0-9._/-]+"
    r"(?::[A-Za-z0-9._-]{1,128}|@sha256:[0-9a-f]{64})"
)
LOCAL_IMAGES = images.KNOWN | {"xgboost"}
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """`kind` is a framework's name or "image"; `inputs` are {channel: {uri, content_type}}.

    `version`, `program` and `entry_point` are for a framework; `image`, `entrypoint` and
    `arguments` (as a shell reads them) for an image. Without a `headline` the first metric tells.
    """

    kind: str
    version: str = ""
    program: Source | None = None
    entry_point: str = ""
    image: str = ""
    entrypoint: str = ""
    arguments: str = ""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    preparation: Preparation | None = None
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    metric_definitions: Mapping[str, str] = field(default_factory=dict)
    headline: str = ""
    direction: str = ""

    @property
    def framework(self) -> Framework | None:
        return FRAMEWORKS.get(self.kind)

    @property
    def channels(self) -> dict[str, dict[str, str]]:
        """The preparation's and the others, as the row keeps them."""
        prepared = self.preparation.channels if self.preparation else {}
        found = {
            name: {"uri": prepared[name]["uri"], "content_type": prepared[name]["content_type"]}
            for name in SPLITS
            if name in prepared
        }
        return found | {name: dict(data) for name, data in self.inputs.items()}


def keep(workspace: Workspace, program: Source) -> None:
    """Store a source once; Unavailable when S3 does not take it. Not for use in a transaction."""
    try:
        buckets.ensure(workspace)
        if s3.head_object(workspace.account, workspace.bucket, _key(program.digest)) is None:
            s3.put_object(
                workspace.account, workspace.bucket, _key(program.digest), program.archive
            )
    except aws.AwsError as error:
        raise Unavailable("The script could not be stored.", error.message) from error


def kept(workspace: Workspace, digest: str) -> Source:
    """A source that was stored earlier; UserError when it is not there any more."""
    gone = UserError("The script is no longer stored.", "Upload it again.", field="upload")
    if not DIGEST.fullmatch(digest):
        raise gone
    try:
        archive = s3.get_object(workspace.account, workspace.bucket, _key(digest))
        found = source.of_upload("sourcedir.tar.gz", archive)
    except (aws.NotFound, source.BadSource) as error:
        raise gone from error
    except aws.AwsError as error:
        raise Unavailable("The script could not be read.", error.message) from error
    return found


def digest_of(job: TrainingJob) -> str:
    """By which `kept` finds the job's source; "" for a source of another place."""
    return digest_in(job.source)


def digest_in(source: str) -> str:
    """Of a digest itself, or of the address of a source; "" of anything else."""
    parts = f"/{source}/".removesuffix("/sourcedir.tar.gz/").rstrip("/").split("/")
    return parts[-1] if DIGEST.fullmatch(parts[-1]) else ""


def _key(digest: str) -> str:
    """By the content, so that copies of a job share it, and a second upload changes nothing."""
    return f"jobs/sources/{digest}/sourcedir.tar.gz"


def forbidden(workspace: Workspace) -> str:
    """Why scripts may not run in the workspace; "" when they may."""
    if workspaces.may_run_scripts(workspace):
        return ""
    return (
        "Scripts may not run in this workspace: here they run with the rights of whoever started"
        " the console. An admin allows them on the workspace's page."
    )


def problems(workspace: Workspace, wish: Wish, machine: Machine) -> Errors:
    """Everything wrong with a wish, by field; what is of no field under `kind`."""
    if wish.kind not in KINDS:
        return {"kind": [f"Choose from {', '.join(KINDS)}."]}
    own = _script(workspace, wish) if wish.framework else _image(workspace, wish)
    return (
        own
        | _permission(workspace, wish)
        | _hyperparameters(wish)
        | _data(workspace, wish)
        | _metrics(wish)
        | machines.problems(machine)
    )


def plan_of(wish: Wish, machine: Machine) -> preflight.Plan:
    """The wish as it is looked at before a launch."""
    prepared = wish.preparation.channels if wish.preparation else {}
    known = {data["uri"]: data for data in prepared.values()}
    sources = {
        name: preflight.Source(
            uri=data.get("uri", ""),
            content_type=data.get("content_type", ""),
            rows=known.get(data.get("uri"), {}).get("rows", 0),
            bytes=known.get(data.get("uri"), {}).get("bytes", 0),
        )
        for name, data in wish.channels.items()
    }
    framework = wish.kind if wish.framework else ""
    return preflight.Plan(machine=machine, sources=sources, framework=framework)


def _script(workspace: Workspace, wish: Wish) -> Errors:
    errors: Errors = {}
    framework = FRAMEWORKS[wish.kind]
    if wish.version not in framework.versions:
        errors["version"] = [f"Choose from {', '.join(framework.versions)}."]
    else:
        try:
            framework.training_image(wish.version, workspace.region)
        except aws.Invalid as error:
            errors["version"] = [error.message]
    if wish.program is None:
        errors["upload"] = ["Upload a script or an archive, or type a script."]
    elif problem := source.entry_problem(wish.program, wish.entry_point):
        errors["entry_point"] = [problem]
    return errors


def _image(workspace: Workspace, wish: Wish) -> Errors:
    errors: Errors = {}
    found = ECR.fullmatch(wish.image)
    name = images.repository(wish.image)
    if not found or len(wish.image) > IMAGE_LENGTH:
        errors["image"] = [
            "An image looks like 123456789012.dkr.ecr.us-east-1.amazonaws.com/name:tag."
        ]
    elif workspace.kind == Workspace.Kind.LOCAL and name not in LOCAL_IMAGES:
        known = ", ".join(sorted(LOCAL_IMAGES))
        errors["image"] = [f"This machine runs no containers; it stands in for the images {known}."]
    elif workspace.kind == Workspace.Kind.AWS and found[1] != workspace.region:
        errors["image"] = [f"The image must be in {workspace.region}, where the job runs."]
    is_scripted = frameworks.of_image(wish.image) is not None
    if workspace.kind == Workspace.Kind.LOCAL and wish.entrypoint and not is_scripted:
        errors["entrypoint"] = ["On this machine only the frameworks' images run commands."]
    return errors | _command(wish)


def _command(wish: Wish) -> Errors:
    errors: Errors = {}
    for name, text in (("entrypoint", wish.entrypoint), ("arguments", wish.arguments)):
        try:
            words = shlex.split(text)
        except ValueError as error:
            errors[name] = [f"This is no command line: {error}."]
            continue
        if len(words) > MOST_WORDS or any(not 0 < len(word) <= WORD_LENGTH for word in words):
            errors[name] = [f"At most {MOST_WORDS} words of 1 to {WORD_LENGTH} signs."]
    return errors


def _permission(workspace: Workspace, wish: Wish) -> Errors:
    brings = wish.framework or wish.entrypoint or frameworks.of_image(wish.image)
    refusal = forbidden(workspace) if brings else ""
    return {"kind": [refusal]} if refusal else {}


def _hyperparameters(wish: Wish) -> Errors:
    found: list[str] = []
    most = MOST_HYPERPARAMETERS - (TOOLKITS if wish.framework else 0)
    if len(wish.hyperparameters) > most:
        found.append(f"At most {most} hyperparameters.")
    for name, value in wish.hyperparameters.items():
        if not 0 < len(name) <= NAME_LENGTH or any(sign.isspace() for sign in name):
            found.append(f"{name[:40]!r}: a name has 1 to {NAME_LENGTH} signs and no space.")
        if wish.framework and name.startswith(scriptmode.RESERVED):
            found.append(f"{name[:40]}: names that begin with {scriptmode.RESERVED} are taken.")
        if len(scriptmode.as_json(value)) > VALUE_LENGTH:
            found.append(f"{name[:40]}: at most {VALUE_LENGTH:,} signs.")
    return {"hyperparameters": found} if found else {}


def _data(workspace: Workspace, wish: Wish) -> Errors:
    errors: Errors = {}
    prepared = wish.preparation
    if prepared and (
        prepared.workspace_id != workspace.pk or prepared.status != Preparation.Status.READY
    ):
        errors["preparation"] = ["This preparation is not Ready in this workspace."]
    allowed = (workspace.bucket, *workspace.import_buckets)
    found = [
        problem
        for name, data in wish.inputs.items()
        if (problem := _channel_problem(name, data, allowed))
    ]
    if len(wish.channels) > MOST_CHANNELS:
        found.append(f"At most {MOST_CHANNELS} channels.")
    if twice := sorted(set(wish.inputs) & set(SPLITS) & set(prepared.channels if prepared else ())):
        found.append(f"{', '.join(twice)}: the preparation has a channel of this name.")
    return errors | ({"inputs": found} if found else {})


def _channel_problem(name: str, data: Mapping[str, str], allowed: tuple[str, ...]) -> str:
    address = ADDRESS.fullmatch(data.get("uri", ""))
    if not CHANNEL.fullmatch(name):
        return f"{name[:40]!r}: a channel's name has 1 to 64 of a-z, A-Z, 0-9, ., - and _."
    if not address or len(data["uri"]) > 1_024:  # S3Uri
        return f"{name}: an address looks like s3://{allowed[0]}/folder/."
    if address[1] not in allowed:
        return (
            f"{name}: {address[1][:63]} is not one of the workspace's buckets"
            f" ({', '.join(allowed)})."
        )
    if len(data.get("content_type", "")) > 256:
        return f"{name}: a content type has at most 256 signs."
    return ""


def _is_amazons(wish: Wish) -> bool:
    """Whether one of Amazon's algorithms runs, and no program of one's own in its image."""
    own = wish.framework or frameworks.of_image(wish.image) or wish.entrypoint
    named = images.repository(wish.image) in LOCAL_IMAGES
    return named and not own and "sagemaker_program" not in wish.hyperparameters


def _metrics(wish: Wish) -> Errors:
    errors: Errors = {}
    if found := patterns.problems(wish.metric_definitions):
        errors["metric_definitions"] = found
    elif wish.metric_definitions and _is_amazons(wish):
        errors["metric_definitions"] = [
            "Amazon's algorithms define their metrics themselves; leave this empty."
        ]
    if wish.headline and wish.headline not in wish.metric_definitions:
        errors["headline"] = ["None of the metrics has this name."]
    if wish.direction not in DIRECTIONS:
        errors["direction"] = ["Choose maximize or minimize, or neither."]
    return errors


def request(
    who: Actor,
    wish: Wish,
    *,
    machine: Machine,
    experiment: str = "",
    name: str = "",
    cloned_from: str = "",
) -> TrainingJob:
    """Write the wish down, its source `keep`t before. InvalidFields with every error at once."""
    who.need(Role.MEMBER)
    errors = problems(who.workspace, wish, machine) | training.too_long(
        name=name, experiment=experiment
    )
    if errors:
        raise InvalidFields(errors)
    job = TrainingJob.objects.create(
        workspace=who.workspace,
        created_by=who.user,
        status=TrainingJob.Status.REQUESTED,
        preparation=wish.preparation,
        name=name.strip() or _named(wish),
        experiment=experiments.named(who, experiment),
        cloned_from=cloned_from,
        hyperparameters=dict(wish.hyperparameters),
        inputs=wish.channels,
        metric_definitions=dict(wish.metric_definitions),
        headline_metric=wish.headline or next(iter(wish.metric_definitions), ""),
        **_program(who.workspace, wish, machine),
        headline_direction=wish.direction,
        **machine.columns,
    )
    values.keep_params(job)
    audit.note(who, "job.create", job, algorithm=wish.kind, instance_type=job.instance_type)
    return job


def _program(workspace: Workspace, wish: Wish, machine: Machine) -> dict[str, Any]:
    """The columns that say what runs."""
    framework = wish.framework
    if framework is None or wish.program is None:
        words = {"entrypoint": shlex.split(wish.entrypoint)}
        return {"image": wish.image, "arguments": shlex.split(wish.arguments)} | words
    gpu = machine.has_gpu and framework.has_gpu
    return {
        "algorithm": framework.name,
        "image": framework.training_image(wish.version, workspace.region, gpu=gpu),
        "source": s3.uri(workspace.bucket, _key(wish.program.digest)),
        "entry_point": wish.entry_point,
    }


def _named(wish: Wish) -> str:
    what = f"{wish.framework.title} {wish.entry_point}" if wish.framework else "Image "
    what += "" if wish.framework else images.repository(wish.image)
    place = f" on {wish.preparation.dataset.name}" if wish.preparation else ""
    return f"{what}{place}"[: training.NAME_LIMIT]

"""One training job: wished for (a row), submitted to AWS, stopped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws import errors as aws
from aws import images, naming, s3, sagemaker
from aws.types import ChannelSpec, TrainingJobSpec
from core import audit
from core.access import Actor, in_workspace_of
from core.errors import InvalidFields
from core.models import Owned, Role
from datasets.models import Preparation
from jobs import (
    changes,
    experiments,
    fitting,
    hyperparameters,
    preflight,
    scriptmode,
    submission,
    values,
)
from jobs import machine as machines
from jobs.catalogue import ALGORITHMS
from jobs.catalogue.definition import Algorithm, Channel, Data, Errors
from jobs.errors import NotReady, UnknownAlgorithm
from jobs.machine import Machine
from jobs.models import TrainingJob

TAG = submission.TAG
NAME_LIMIT = 120
Status = TrainingJob.Status


def known_algorithm(name: str) -> Algorithm:
    """The catalogue's entry; UnknownAlgorithm names those there are."""
    if name not in ALGORITHMS:
        offered = ", ".join(ALGORITHMS)
        raise UnknownAlgorithm(
            f"There is no algorithm {name[:60]!r}.", f"Choose from {offered}.", field="algorithm"
        )
    return ALGORITHMS[name]


def data_of(preparation: Preparation) -> Data:
    """What the catalogue wants to know of prepared data."""
    return Data(
        task=preparation.task,
        labels=len(preparation.labels),
        features=len(preparation.features),
        rows=preparation.channels.get("train", {}).get("rows", 0),
        channels=tuple(preparation.channels),
        implied=preparation.implied,
    )


def problems(
    texts: Mapping[str, str], *, preparation: Preparation, algorithm: Algorithm, machine: Machine
) -> Errors:
    """Everything wrong with a wish, by field; hyperparameters under `hyperparameters.<name>`."""
    found = hyperparameters.checked(algorithm, texts, data_of(preparation)).errors
    errors = {f"hyperparameters.{name}": messages for name, messages in found.items()}
    on_gpu = machine.instance_type.startswith(("ml.p", "ml.g"))
    if texts.get("tree_method") == "gpu_hist" and not on_gpu:
        errors["instance_type"] = ["tree_method gpu_hist needs a GPU, such as ml.g4dn.xlarge."]
    plan = plan_of(preparation, algorithm, texts, machine)
    return errors | machines.problems(machine) | preflight.refusals(plan)


def plan_of(
    preparation: Preparation, algorithm: Algorithm, texts: Mapping[str, str], machine: Machine
) -> preflight.Plan:
    """The wish as it is looked at before a launch."""
    sources = {
        channel.name: preflight.Source(
            uri=data.get("uri", ""),
            content_type=data.get("content_type", ""),
            rows=data.get("rows", 0),
            bytes=data.get("bytes", 0),
            sharded=channel.sharded,
        )
        for channel, data in channels_of(algorithm, preparation.channels)
    }
    return preflight.Plan(
        machine=machine,
        sources=sources,
        entry=algorithm,
        texts=_texts(algorithm, texts, preparation),
        data=data_of(preparation),
    )


def content_type_of(preparation: Preparation) -> str:
    """That of the training rows; "" while there are none."""
    return str(preparation.channels.get("train", {}).get("content_type", ""))


def why_not(preparation: Preparation, entry: Algorithm) -> str:
    """Why `entry` cannot learn from it; "" when it can."""
    return fitting.why_not(entry, preparation.task, content_type_of(preparation))


def offers(preparation: Preparation) -> list[fitting.Offer]:
    """Every algorithm for it, with why some do not fit."""
    content_type = content_type_of(preparation)
    return fitting.offers(ALGORITHMS.values(), preparation.task, content_type)


def recipe_of(job: TrainingJob) -> changes.Recipe:
    """What makes the job what it is, to compare with a copy."""
    return changes.recipe(job.hyperparameters, machines.of(job), data=name_of(job.preparation))


def name_of(preparation: Preparation | None) -> str:
    """As a job's recipe names what it learns from; a copy elsewhere is the same as its original."""
    if preparation is None:
        return ""
    copied = preparation.repeats if preparation.dataset.origin else ""
    return f"{preparation.dataset.name} ({copied or preparation.uid})"


def request(  # noqa: PLR0913  the wish as the API takes it
    who: Actor,
    *,
    preparation: Preparation,
    algorithm: str,
    hyperparameters: Mapping[str, str],
    machine: Machine,
    experiment: str = "",
    name: str = "",
    cloned_from: str = "",
    is_sample: bool = False,
) -> TrainingJob:
    """Write the wish down, in the preparation's workspace.

    Raises InvalidFields with every error at once, UnknownAlgorithm, and NotReady.
    """
    who = in_workspace_of(who, preparation)
    who.need(Role.MEMBER)
    entry = known_algorithm(algorithm)
    need_data(preparation)
    errors = problems(
        hyperparameters, preparation=preparation, algorithm=entry, machine=machine
    ) | too_long(name=name, experiment=experiment)
    if errors:
        raise InvalidFields(errors)
    return _written(
        who,
        entry,
        preparation,
        _texts(entry, hyperparameters, preparation),
        name=name.strip() or f"{entry.title} on {preparation.dataset.name}"[:NAME_LIMIT],
        experiment=experiments.named(who, experiment),
        cloned_from=cloned_from,
        is_sample=is_sample,
        **machine.columns,
    )


def _written(
    who: Actor, entry: Algorithm, preparation: Preparation, texts: dict[str, str], **fields: Any
) -> TrainingJob:
    job = TrainingJob.objects.create(
        workspace=who.workspace,
        created_by=who.user,
        status=Status.REQUESTED,
        preparation=preparation,
        algorithm=entry.name,
        image=image_of(entry, who.workspace.region),
        hyperparameters=texts,
        headline_metric=entry.headline(texts),
        **fields,
    )
    values.keep_params(job)
    audit.note(who, "job.create", job, algorithm=entry.name, instance_type=job.instance_type)
    return job


def need_data(preparation: Preparation) -> None:
    """NotReady unless there are training rows."""
    if preparation.status != Preparation.Status.READY or "train" not in preparation.channels:
        raise NotReady("This preparation has no data yet.", "Wait until it is Ready, or repair it.")


def too_long(**names: str) -> Errors:
    """Messages for the names, by field, that no row can hold."""
    message = f"Use at most {NAME_LIMIT} characters."
    return {field: [message] for field, text in names.items() if len(text.strip()) > NAME_LIMIT}


def _texts(entry: Algorithm, given: Mapping[str, str], preparation: Preparation) -> dict[str, str]:
    return hyperparameters.checked(entry, given, data_of(preparation)).texts


def image_of(entry: Algorithm, region: str) -> str:
    """The image's URI; InvalidFields where Amazon has none in the region."""
    try:
        return images.image_uri(entry.repository, entry.version, region)
    except aws.Invalid as error:
        raise InvalidFields({"algorithm": [error.message]}) from error


def submit(job: TrainingJob, *, now: datetime) -> None:
    """Create the job at AWS; see `submission.submit`."""
    submission.submit(job, VERBS, now=now)


def stop(who: Actor, job: TrainingJob, *, now: datetime) -> None:
    """Ask for the end of the job; see `submission.stop`."""
    submission.stop(who, job, now=now)


def halt(job: TrainingJob, *, now: datetime) -> None:
    """Hand the wish to stop to AWS; see `submission.halt`."""
    submission.halt(job, VERBS, now=now)


def spec(job: TrainingJob) -> TrainingJobSpec:
    """What CreateTrainingJob is asked for."""
    entry = ALGORITHMS.get(job.algorithm)
    asked = TrainingJobSpec(
        name=job.aws_name,
        image=job.image,
        role_arn=job.workspace.execution_role_arn,
        hyperparameters=job.hyperparameters,
        channels=channel_specs(entry, job.preparation) if entry else (),
        output_s3_uri=output_uri(job),
        instance_type=job.instance_type,
        instance_count=job.instance_count,
        volume_gb=job.volume_gb,
        max_runtime_seconds=job.max_runtime_seconds,
        use_spot=job.use_spot,
        max_wait_seconds=job.max_wait_seconds,
        environment=job.environment,
        metric_definitions=job.metric_definitions,
        tags={**job.aws_tags, TAG: job.uid},
    )
    return asked if entry else scriptmode.fitted(asked, job)


def output_uri(job: Owned) -> str:
    """Under this lies what the job makes."""
    return s3.uri(job.workspace.bucket, f"jobs/{job.uid}/")


def channel_specs(entry: Algorithm, preparation: Preparation | None) -> tuple[ChannelSpec, ...]:
    """The channels as AWS is told of them."""
    return tuple(
        ChannelSpec(one.name, data["uri"], data["content_type"], sharded=one.sharded)
        for one, data in channels_of(entry, preparation.channels if preparation else {})
    )


def channels_of(
    entry: Algorithm, prepared: Mapping[str, Mapping[str, Any]]
) -> list[tuple[Channel, Mapping[str, Any]]]:
    """What the job reads: the algorithm's channels, each with the split that fills it.

    A channel's own split is preferred to the one of its name: kNN's `test` is what XGBoost calls
    validation, and the preparation's test rows stay unseen for the evaluation.
    """
    found: list[tuple[Channel, Mapping[str, Any]]] = []
    for channel in entry.channels:
        split = next((one for one in (channel.split, channel.name) if one in prepared), "")
        if split:
            found.append((channel, prepared[split]))
    return found


VERBS = submission.Verbs[TrainingJob](
    name=lambda job: naming.training_job(job.name, job.uid),
    create=lambda job: sagemaker.create_training_job(job.workspace.account, spec(job)),
    arn=lambda job: sagemaker.describe_training_job(job.workspace.account, job.aws_name).arn,
    stop=lambda job: sagemaker.stop_training_job(job.workspace.account, job.aws_name),
    began={"secondary_status": "Starting"},
)

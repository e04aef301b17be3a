"""Registering a model: an image and an artifact under a name that endpoints can serve."""

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from aws import naming, sagemaker
from aws.errors import AwsError, Invalid, NotFound
from aws.types import ModelSpec
from core import audit, failpoints, states
from core.access import Actor
from core.models import Role
from endpoints import contents, serving
from endpoints.errors import NotDeployable
from endpoints.models import RegisteredModel
from endpoints.ownership import ForeignName, create_or_adopt, tags
from jobs.models import TrainingJob

Status = RegisteredModel.Status
log = logging.getLogger(__name__)
TRAINED = frozenset({TrainingJob.Status.COMPLETED, TrainingJob.Status.STOPPED})


def from_job(
    who: Actor, job: TrainingJob, *, name: str = "", instance_type: str = ""
) -> RegisteredModel:
    """The live model of `job`, Requested when there was none. NotDeployable without an artifact.

    Of a framework that has images for GPUs, `instance_type` chooses.
    """
    who.need(Role.MEMBER)
    check(job)
    if live := _live(job):
        return live
    model = RegisteredModel(
        workspace=job.workspace,
        created_by=who.user,
        name=(name or job.name)[:120],
        status=Status.REQUESTED,
        job=job,
        image=_image(job, instance_type),
        artifact=job.artifact,
    )
    model.aws_name = naming.model(model.name, model.uid)
    try:
        with transaction.atomic():
            model.save()
            audit.note(who, "model.create", model, job=job.uid)
    except IntegrityError:
        # Somebody registered the same job a moment ago: one live model a job.
        if live := _live(job):
            return live
        raise
    return model


def _image(job: TrainingJob, instance_type: str) -> str:
    try:
        return serving.image(job, instance_type)
    except Invalid as error:
        raise NotDeployable(error.message) from error


def check(job: TrainingJob) -> None:
    """NotDeployable unless `job` is over and left a model."""
    if job.status not in TRAINED:
        raise NotDeployable(
            f"{job.name} is {job.status}.", "A model can be deployed once its job has Completed."
        )
    if not job.artifact or not job.image:
        raise NotDeployable(f"{job.name} left no model.", "Train again, then deploy.")


def submit(model: RegisteredModel, now: datetime) -> None:
    """Create a Requested model at AWS: repeatable, adopts what an earlier attempt made.

    Ends Registered or Rejected, or stays Requested with a later `next_check_at`. An imported one
    waits until its archive was read (`contents.examine`).
    """
    if model.status != Status.REQUESTED or contents.is_unread(model):
        return
    try:
        arn = _create(model)
    except ForeignName as error:
        states.advance(model, frm=Status.REQUESTED, to=Status.REJECTED, failure_reason=str(error))
    except AwsError as error:
        if error.retryable:
            states.postpone(model, now=now)
            return
        states.advance(
            model, frm=Status.REQUESTED, to=Status.REJECTED, failure_reason=error.message
        )
    else:
        failpoints.reach("endpoints.register.after_create")
        states.advance(model, frm=Status.REQUESTED, to=Status.REGISTERED, arn=arn)


def forget_if_gone(model: RegisteredModel) -> None:
    """Mark a model Deleted when AWS does not have it, so that the next deploy makes it again."""
    try:
        sagemaker.describe_model(model.workspace.account, model.aws_name)
    except NotFound:
        states.advance(model, frm=Status.REGISTERED, to=Status.DELETED)
    except AwsError as error:
        log.warning("model %s not looked at: %s", model.uid, error.message)


def _create(model: RegisteredModel) -> str:
    workspace = model.workspace
    if made := model.inspection.get("made"):
        return create_or_adopt(
            model,
            lambda: sagemaker.create_model_like(
                workspace.account, model.aws_name, made, tags(model)
            ),
            lambda: sagemaker.describe_model(workspace.account, model.aws_name).arn,
            what="model",
        )
    spec = ModelSpec(
        name=model.aws_name,
        image=model.image,
        artifact=serving.artifact(model.job) if model.job else model.artifact,
        role_arn=workspace.execution_role_arn,
        environment=serving.environment(model.job) | model.environment,
        tags=tags(model),
    )
    return create_or_adopt(
        model,
        lambda: sagemaker.create_model(workspace.account, spec),
        lambda: sagemaker.describe_model(workspace.account, model.aws_name).arn,
        what="model",
    )


def _live(job: TrainingJob) -> RegisteredModel | None:
    return RegisteredModel.objects.active().filter(job=job).first()

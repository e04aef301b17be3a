"""Bring back what was running, and stop it again."""

import shutil

from localaws.app import App
from localaws.engine import host, progress, running
from localaws.engine.backlog import entries
from localaws.engine.processing import progress as processing_progress
from localaws.engine.transform import progress as transform_progress
from localaws.engine.tuning import trials
from localaws.sagemaker import (
    endpoint_configs,
    endpoints,
    models,
    processing_jobs,
    records,
    search,
    tags,
    training_jobs,
    transform_jobs,
    tuning_jobs,
)

RESOURCES = (
    endpoint_configs,
    endpoints,
    models,
    processing_jobs,
    search,
    tags,
    training_jobs,
    transform_jobs,
    tuning_jobs,
)  # registers operations


def start(app: App) -> None:
    """Install the tables, start unfinished jobs again and bring endpoints back.

    A job that was running starts again from Downloading, as it was submitted; one that was being
    stopped is Stopped. An endpoint that was InService serves again from its model data.
    """
    app.store.install(records.SCHEMA + trials.SCHEMA + entries.SCHEMA)
    engine = running.begin(app)
    _resume_jobs(app, engine)
    _resume_endpoints(app, engine)
    _resume_transforms(app, engine)
    _resume_processing(app, engine)
    engine.tuner.start(engine.trainer)


def stop(app: App) -> None:
    """End every child process; takes under 3 seconds."""
    running.end(app)


def _resume_jobs(app: App, engine: running.Engine) -> None:
    shutil.rmtree(app.data / "sagemaker" / "jobs", ignore_errors=True)
    for job in records.with_status(app, progress.KIND, *progress.ACTIVE):
        if job.status == "Stopping":
            progress.finish(app, job.name, "Stopped", "Training job stopped")
            continue
        progress.move(app, job.name, "Restarting", "localaws was restarted, and so is the job")
        engine.trainer.submit(job.name)


def _resume_endpoints(app: App, engine: running.Engine) -> None:
    for endpoint in records.with_status(app, host.KIND, "Creating"):
        engine.host.create(endpoint.name)
    for endpoint in records.with_status(app, host.KIND, "Deleting"):
        engine.host.delete(endpoint.name)
    for endpoint in records.with_status(app, host.KIND, "Updating", "InService"):
        if endpoint.status == "Updating":
            records.update(app, host.KIND, endpoint.name, endpoints.in_service)
        engine.host.restore(endpoint.name)


def _resume_transforms(app: App, engine: running.Engine) -> None:
    """From the first input object again: what is in S3 already is written once more."""
    shutil.rmtree(app.data / "sagemaker" / "transforms", ignore_errors=True)
    for job in records.with_status(app, transform_progress.KIND, "InProgress"):
        engine.transformer.submit(job.name)
    for job in records.with_status(app, transform_progress.KIND, "Stopping"):
        transform_progress.finish(app, job.name, "Stopped")


def _resume_processing(app: App, engine: running.Engine) -> None:
    """From its inputs again: what is in S3 already is written once more."""
    shutil.rmtree(app.data / "sagemaker" / "processing", ignore_errors=True)
    for job in records.with_status(app, processing_progress.KIND, "InProgress"):
        engine.processor.submit(job.name)
    for job in records.with_status(app, processing_progress.KIND, "Stopping"):
        processing_progress.finish(app, job.name, "Stopped")

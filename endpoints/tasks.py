from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from core import states
from core.models import Workspace
from endpoints import (
    batch,
    batch_upload,
    burn,
    cleanup,
    components,
    contents,
    delete,
    deploy,
    history,
    imports,
    metrics,
    mirror,
    models_mirror,
    notices,
    policy_runs,
    register,
    scaling,
    traffic,
    unregister,
    update,
)
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel

# Longer than a step's calls usually take, short enough to try again soon after a crash.
LEASE = timedelta(seconds=20)


@shared_task
def submit_model(pk: int) -> None:
    _submit_models(RegisteredModel.objects.filter(pk=pk), timezone.now())


@shared_task
def unregister_model(pk: int) -> None:
    _unregister_models(RegisteredModel.objects.filter(pk=pk), timezone.now())


@shared_task
def submit_endpoint(pk: int) -> None:
    _submit_endpoints(Endpoint.objects.filter(pk=pk), timezone.now())


@shared_task
def advance_deletion(pk: int) -> None:
    _advance_deletions(Endpoint.objects.filter(pk=pk), timezone.now())


@shared_task
def read_charts(pk: int) -> None:
    for endpoint in Endpoint.objects.filter(pk=pk).select_related("workspace"):
        metrics.refresh(endpoint, timezone.now())


@shared_task
def run_batch(pk: int) -> None:
    batch.run(BatchPrediction.objects.listed().get(pk=pk), timezone.now())


@shared_task
def sweep_batches() -> None:
    """Run what no nudge started, go on with what a worker left, and clean up."""
    now = timezone.now()
    for row in BatchPrediction.objects.listed().present().due(now):
        batch.run(row, now)
    batch_upload.sweep(now)


@shared_task
def note_burn() -> None:
    for workspace in Workspace.objects.all():
        burn.note(workspace, timezone.now())


@shared_task
def sweep_predictions() -> None:
    history.sweep()


@shared_task
def advance_update(pk: int) -> None:
    _advance_updates(Endpoint.objects.filter(pk=pk), timezone.now())


@shared_task
def advance_scaling(pk: int) -> None:
    _advance_scaling(Endpoint.objects.filter(pk=pk), timezone.now())


@shared_task
def sweep_endpoints() -> None:
    now = timezone.now()
    _submit_endpoints(Endpoint.objects.all(), now)
    _advance_deletions(Endpoint.objects.all(), now)
    _advance_updates(Endpoint.objects.all(), now)
    _advance_scaling(Endpoint.objects.all(), now)
    cleanup.settle(now)
    _submit_models(RegisteredModel.objects.all(), now)  # last: reading an archive takes its time
    _unregister_models(RegisteredModel.objects.all(), now)
    imports.sweep(now)


@shared_task
def sweep_policies() -> None:
    """The runs that are due, whoever is to be told, and what has waited long enough."""
    now = timezone.now()
    for policy in policy_runs.due(now):
        traffic.refresh(policy.workspace, now)
        policy_runs.run(policy, now)
    notices.send_due(now)
    policy_runs.go_on(now)


@shared_task
def mirror_endpoints() -> None:
    now = timezone.now()
    for workspace in Workspace.objects.all():
        if mirror.look(workspace, now):
            components.look(workspace, now)
            traffic.refresh(workspace, now)
            scaling.look(workspace, now)
        models_mirror.look(workspace, now)


def _submit_models(rows: QuerySet[RegisteredModel], now: datetime) -> None:
    requested = rows.filter(status=RegisteredModel.Status.REQUESTED, deleted_at=None)
    for model in requested.filter(next_check_at__lte=now).select_related("workspace"):
        if states.claim(model, now=now, lease=LEASE):
            contents.examine(model, now)
            register.submit(model, now)


def _unregister_models(rows: QuerySet[RegisteredModel], now: datetime) -> None:
    due = unregister.waiting(rows).filter(next_check_at__lte=now)
    for model in due.select_related("workspace")[:20]:
        if states.claim(model, now=now, lease=LEASE):
            unregister.advance(model, now)


def _submit_endpoints(rows: QuerySet[Endpoint], now: datetime) -> None:
    due = rows.filter(
        status=Endpoint.Status.REQUESTED, next_check_at__lte=now, delete_requested_at=None
    )
    for endpoint in due.select_related("workspace", "model__workspace"):
        if states.claim(endpoint, now=now, lease=LEASE):
            deploy.submit(endpoint, now)


def _advance_deletions(rows: QuerySet[Endpoint], now: datetime) -> None:
    due = Endpoint.objects.cleanable(now).filter(pk__in=rows)
    for endpoint in due.select_related("workspace", "model"):
        if states.claim(endpoint, now=now, lease=LEASE):
            delete.advance(endpoint, now)


def _advance_updates(rows: QuerySet[Endpoint], now: datetime) -> None:
    due = Endpoint.objects.updating(now).filter(pk__in=rows)
    for endpoint in due.select_related("workspace"):
        if states.claim(endpoint, now=now, lease=LEASE):
            update.advance(endpoint, now)


def _advance_scaling(rows: QuerySet[Endpoint], now: datetime) -> None:
    due = Endpoint.objects.scalable(now).filter(pk__in=rows)
    for endpoint in due.select_related("workspace").defer("charts", "recipe"):
        if scaling.pending(endpoint) and states.claim(endpoint, now=now, lease=LEASE):
            scaling.advance(endpoint, now)

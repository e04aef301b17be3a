"""From a model to a Requested endpoint."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core import access
from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role, Workspace
from core.nudge import nudge
from endpoints import cost, deploy, register
from endpoints.forms import DeployForm
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import submit_endpoint
from jobs.models import TrainingJob
from jobs.prices import Book

SHOWN_ROWS = 50
ASKED = DeployForm.base_fields.keys() - {"idempotency_key"}
PRICED = ("instance_type", "instance_count", "source", "weight")


@require_http_methods(["GET", "POST"])
def endpoint_deploy(request: HttpRequest) -> HttpResponse:
    """`?job=` or `?model=` says what is deployed; without either the page offers what there is."""
    who = actor_of(request)
    job, model = _source(request, who)
    if (owner := job or model) is None:
        who.need(Role.MEMBER)
        return page(request, "endpoints/deploy.html", _deployable(who))
    who = access.in_workspace_of(who, owner)
    who.need(Role.MEMBER)
    book = Book(who.workspace.region)
    initial = _fresh_wish(request, owner.name)
    form = DeployForm(
        request.POST or None, book=book, initial=initial, sources=sources_of(who.workspace)
    )
    if request.method == "POST" and form.is_valid():
        try:
            endpoint = _deployed(who, form, job, model)
        except UserError as error:
            form.show(error)
        else:
            return redirect("endpoints:detail", endpoint.uid)
    context: dict[str, Any] = {"form": form, "job": job, "model": model, "owner": owner}
    context["basis"] = book
    try:
        deploy.check_source(job, model)
    except UserError as error:
        context["refused"] = error
    context["hourly"] = form.price
    context["monthly"] = None if form.price is None else cost.monthly(form.price)
    return page(request, "endpoints/deploy.html", context, status=422 if form.errors else 200)


def _source(request: HttpRequest, who: Actor) -> tuple[TrainingJob | None, RegisteredModel | None]:
    if uid := request.GET.get("job"):
        return page_object(request, _jobs(), uid), None
    if uid := request.GET.get("model"):
        models = RegisteredModel.objects.present().select_related("workspace", "job")
        return None, page_object(request, models, uid)
    return None, None


def _jobs() -> QuerySet[TrainingJob]:
    return TrainingJob.objects.select_related("workspace", "preparation__dataset")


def _deployable(who: Actor) -> dict[str, Any]:
    return {"jobs": list(_trained(who.workspace)[:SHOWN_ROWS]), "owner": None}


def sources_of(workspace: Workspace) -> dict[str, TrainingJob | RegisteredModel]:
    """What variants may be made of: registered models, and jobs whose model is not registered."""
    models = RegisteredModel.objects.of(workspace).registered().order_by("-created_at")
    found: dict[str, TrainingJob | RegisteredModel] = {
        f"model:{one.uid}": one for one in models.select_related("workspace")[:SHOWN_ROWS]
    }
    jobs = _trained(workspace).exclude(registered_models__in=models)
    return found | {f"job:{job.uid}": job for job in jobs[:SHOWN_ROWS]}


def _trained(workspace: Workspace) -> QuerySet[TrainingJob]:
    jobs = _jobs().filter(workspace=workspace, deleted_at=None).exclude(artifact="")
    return jobs.filter(status__in=register.TRAINED).order_by("-created_at")


def _fresh_wish(request: HttpRequest, name: str) -> dict[str, Any]:
    """What the address names is chosen: also while the price of a choice is asked for."""
    wish = {"name": name, "idempotency_key": uuid.uuid4().hex, "instance_count": 1}
    chosen = {key: value for key, value in request.GET.items() if key in ASKED}
    shares = {key: value for key, value in request.GET.items() if key.endswith(PRICED)}
    return wish | chosen | shares


def _deployed(
    who: Actor, form: DeployForm, job: TrainingJob | None, model: RegisteredModel | None
) -> Endpoint:
    endpoint, _ = once(
        who,
        form.cleaned_data["idempotency_key"],
        Endpoint,
        lambda: deploy.request(who, job=job, model=model, **form.wish),
    )
    nudge(submit_endpoint, endpoint.pk)
    return endpoint

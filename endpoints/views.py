import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import access
from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.listing import listing
from core.models import Role, Workspace
from core.nudge import nudge
from datasets.models import Preparation
from endpoints import cost, delete, deploy, idle, inputs, register, snippets, traffic
from endpoints.columns import ENDPOINT_COLUMNS, MODEL_COLUMNS
from endpoints.forms import FORM_COLUMNS, AskForm, DeleteForm, DeployForm
from endpoints.models import Endpoint, RegisteredModel
from endpoints.predict import (
    BODY_LIMIT,
    SERVING,
    Prediction,
    columns_of,
    example,
    is_own,
    predict,
    predict_raw,
    predict_text,
    recipe_of,
)
from endpoints.tasks import advance_deletion, submit_endpoint
from jobs.models import TrainingJob

SHOWN_ROWS = 50
MAX_EXAMPLE = 500


@dataclass(frozen=True)
class Shown:
    """An endpoint as a page shows it."""

    row: Endpoint
    verdict: idle.Verdict
    so_far: float | None

    @classmethod
    def of(cls, row: Endpoint, now: datetime) -> "Shown":
        return cls(row, traffic.verdict(row, now), cost.so_far(row, now))


@require_GET
def endpoint_list(request: HttpRequest) -> HttpResponse:
    who, now = actor_of(request), timezone.now()
    rows = Endpoint.objects.present().of(who.workspace)
    burn = cost.burn(rows.active().only("status", "hourly_cost"))
    if not request.GET.get("status"):
        rows = rows.current()
    found = listing(rows.with_lineage(), request.GET.dict(), ENDPOINT_COLUMNS)
    context = {
        "listing": found,
        "shown": [Shown.of(row, now) for row in found.rows],
        "burn": burn,
        "statuses": Endpoint.Status.values,
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/list.html", context)


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
    form = DeployForm(request.POST or None, initial=_fresh_wish(request, owner.name))
    if request.method == "POST" and form.is_valid():
        try:
            endpoint = _deployed(who, form, job, model)
        except UserError as error:
            _show(form, error)
        else:
            return redirect("endpoints:detail", endpoint.uid)
    context: dict[str, Any] = {"form": form, "job": job, "model": model, "owner": owner}
    try:
        deploy.check(job=job, model=model, instance_type="ml.m5.large", instance_count=1)
    except UserError as error:
        context["refused"] = error
    context["hourly"] = form.price
    context["monthly"] = None if form.price is None else cost.monthly(form.price)
    return page(request, "endpoints/deploy.html", context, status=422 if form.errors else 200)


def _source(request: HttpRequest, who: Actor) -> tuple[TrainingJob | None, RegisteredModel | None]:
    if uid := request.GET.get("job"):
        return page_object(request, _jobs(), uid), None
    if uid := request.GET.get("model"):
        models = RegisteredModel.objects.select_related("workspace", "job")
        return None, page_object(request, models, uid)
    return None, None


def _jobs() -> QuerySet[TrainingJob]:
    return TrainingJob.objects.select_related("workspace", "preparation__dataset")


def _deployable(who: Actor) -> dict[str, Any]:
    jobs = _jobs().filter(workspace=who.workspace, deleted_at=None).exclude(artifact="")
    done = jobs.filter(status__in=register.TRAINED).order_by("-created_at")
    return {"jobs": list(done[:SHOWN_ROWS]), "owner": None}


def _fresh_wish(request: HttpRequest, name: str) -> dict[str, Any]:
    wish = {"name": name, "idempotency_key": uuid.uuid4().hex, "instance_count": 1}
    chosen = {
        key: request.GET[key] for key in ("instance_type", "instance_count") if key in request.GET
    }
    return wish | chosen


def _deployed(
    who: Actor, form: DeployForm, job: TrainingJob | None, model: RegisteredModel | None
) -> Endpoint:
    wish = dict(form.cleaned_data)
    key = wish.pop("idempotency_key")
    endpoint, _ = once(
        who, key, Endpoint, lambda: deploy.request(who, job=job, model=model, **wish)
    )
    nudge(submit_endpoint, endpoint.pk)
    return endpoint


def _show(form: DeployForm, error: UserError) -> None:
    found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
    for field, texts in found.items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


@require_GET
def endpoint_detail(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    return page(request, "endpoints/detail.html", _detail(request, endpoint))


def _detail(request: HttpRequest, endpoint: Endpoint, **more: Any) -> dict[str, Any]:
    recipe = recipe_of(endpoint)
    columns = columns_of(recipe)
    context = {
        "endpoint": endpoint,
        "shown": Shown.of(endpoint, timezone.now()),
        "monthly": _monthly(endpoint),
        "leftovers": [delete.Item(**_named(left)) for left in endpoint.leftovers],
        "recipe": recipe,
        "is_own": is_own(endpoint),
        "is_serving": endpoint.status in SERVING and not endpoint.delete_requested_at,
        "may_write": actor_of(request).may(Role.MEMBER),
        "other_example": secrets.randbelow(MAX_EXAMPLE),
        "calls": _calls(endpoint, recipe, columns),
    }
    return context | _try(request, recipe, columns) | more


def _named(left: dict[str, str]) -> dict[str, str]:
    return {"kind": left["kind"], "name": left["name"], "note": left["problem"]}


def _monthly(endpoint: Endpoint) -> float | None:
    return None if endpoint.hourly_cost is None else cost.monthly(endpoint.hourly_cost)


def _try(
    request: HttpRequest, recipe: Preparation | None, columns: inputs.Columns
) -> dict[str, Any]:
    """The try-it form, filled with the dataset's first row, or with an unseen one on request."""
    if recipe is None or not 0 < len(columns.inputs) <= FORM_COLUMNS or columns.encoding is None:
        return {"ask_form": None, "header": ", ".join(columns.inputs[:SHOWN_ROWS])}
    cells, label, problem = _first_row(recipe), "", None
    number = request.GET.get("example", "")
    if number.isdigit():
        try:
            found = example(recipe, int(number))
            cells, label = found.cells, found.label
        except UserError as error:
            problem = error
    return {
        "ask_form": AskForm.filled(columns, cells),
        "actual": label,
        "example_problem": problem,
        "header": ",".join(columns.inputs),
    }


def _first_row(recipe: Preparation) -> dict[str, str]:
    preview = recipe.dataset.preview
    rows = preview.get("rows") or [[]]
    return dict(zip(preview.get("columns", []), rows[0], strict=False))


def _calls(
    endpoint: Endpoint, recipe: Preparation | None, columns: inputs.Columns
) -> dict[str, str]:
    try:
        (cells,) = inputs.fit([_first_row(recipe)], columns) if recipe else [["1.0", "2.0"]]
    except inputs.Misfit:
        cells = ["0"] * len(columns.features)
    row, region = ",".join(cells), endpoint.workspace.region
    is_local = endpoint.workspace.kind == Workspace.Kind.LOCAL
    return {
        "boto3": snippets.boto3_call(endpoint.aws_name, region, row),
        "curl": snippets.curl_call(endpoint.aws_name, region, row, is_local=is_local),
    }


@require_POST
def endpoint_ask(request: HttpRequest, uid: str) -> HttpResponse:
    """The try-it form's columns, or rows in its text box or a file, answered by the model."""
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid)
    form = AskForm(request.POST, columns=columns_of(recipe_of(endpoint)))
    typed = request.POST.get("csv")
    answer = _asked(request, endpoint, form)
    if request.headers.get("HX-Request"):
        # htmx shows only successful answers; the fragment says what went wrong.
        return page(request, "endpoints/_answer.html", answer)
    context = _detail(request, endpoint, **answer, csv=typed or "")
    if typed is None and form.sources:
        context["ask_form"] = form
    problem = answer.get("problem")
    return page(
        request, "endpoints/detail.html", context, status=problem.status if problem else 200
    )


def _asked(request: HttpRequest, endpoint: Endpoint, form: AskForm) -> dict[str, Any]:
    try:
        prediction = _predicted(request, endpoint, form)
    except UserError as error:
        return {"problem": error}
    return {"prediction": prediction, "answers": _answers(prediction)}


def _predicted(request: HttpRequest, endpoint: Endpoint, form: AskForm) -> Prediction:
    typed, file = request.POST.get("csv"), request.FILES.get("rows")
    if typed is None:
        return predict(endpoint, instances=[form.row()])
    body = file.read(BODY_LIMIT + 1) if isinstance(file, UploadedFile) else typed.encode()
    if content_type := request.POST.get("content_type", ""):
        return predict_raw(endpoint, body, content_type)
    return predict_text(endpoint, body.decode("utf-8-sig", errors="replace"))


def _answers(prediction: Prediction) -> list[dict[str, Any]]:
    return [
        {"answer": answer, "top": prediction.top(answer)}
        for answer in prediction.answers[:SHOWN_ROWS]
    ]


@require_http_methods(["GET", "POST"])
def endpoint_delete(request: HttpRequest, uid: str) -> HttpResponse:
    rows = Endpoint.objects.with_lineage()
    endpoint = page_object(request, rows, uid, role=Role.MEMBER)
    form = DeleteForm(request.POST or None, name=endpoint.name)
    if request.method == "POST" and form.is_valid():
        delete.request(actor_of(request), endpoint, timezone.now())
        nudge(advance_deletion, endpoint.pk)
        messages.info(request, f"{endpoint.name} is being deleted.")
        gone = endpoint.deleted_at is not None
        return redirect("endpoints:list") if gone else redirect("endpoints:detail", endpoint.uid)
    context = {"endpoint": endpoint, "form": form, "plan": delete.plan(endpoint)}
    return page(request, "endpoints/delete.html", context, status=422 if form.errors else 200)


@require_GET
def model_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = RegisteredModel.objects.present().of(who.workspace).select_related("job")
    if not request.GET.get("status"):
        rows = rows.exclude(status=RegisteredModel.Status.DELETED)
    context = {
        "listing": listing(rows.prefetch_related("endpoints"), request.GET.dict(), MODEL_COLUMNS),
        "may_write": who.may(Role.MEMBER),
    }
    return page(request, "endpoints/models.html", context)

"""A new batch: of an endpoint, or of a model by a transform job; the file is looked at first."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from datasets.models import Preparation
from endpoints import batch_start, batch_upload, predict
from endpoints.batch_look import Look
from endpoints.forms import BatchForm
from endpoints.incoming import StreamBatch
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from endpoints.tasks import run_batch
from jobs.prices import Book

Way = BatchPrediction.Way
PRICED = ("ml.m5.large", "ml.m5.xlarge", "ml.m5.4xlarge", "ml.c5.2xlarge", "ml.g4dn.xlarge")


@dataclass(frozen=True)
class Asked:
    """What shall predict: an endpoint, or a model by a job of its own."""

    endpoint: Endpoint | None = None
    model: RegisteredModel | None = None

    @property
    def row(self) -> Endpoint | RegisteredModel | None:
        return self.endpoint or self.model

    @property
    def way(self) -> str:
        return Way.ENDPOINT if self.endpoint else Way.TRANSFORM

    @property
    def recipe(self) -> Preparation | None:
        return batch_start.recipe_of(self.endpoint, self.model)

    @property
    def splits(self) -> list[tuple[str, int]]:
        channels = self.recipe.channels if self.recipe else {}
        return [(name, found["rows"]) for name, found in channels.items() if found["rows"]]


@csrf_exempt  # checked by `_receive`: the check reads the form, and the handler must come first
@require_http_methods(["GET", "POST"])
def batch_new(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    who = actor_of(request)
    who.need(Role.MEMBER)
    if asked.row is None:
        return page(request, "endpoints/batch_choose.html", _choices(who))
    if request.method != "POST":
        form = BatchForm(
            way=asked.way, splits=asked.splits, initial={"idempotency_key": uuid.uuid4().hex}
        )
        return _page(request, asked, form)
    handler = StreamBatch(who)
    request.upload_handlers = [handler]
    try:
        return _receive(request, asked, handler)
    finally:
        handler.discard()  # leaves alone what became a batch, or waits for its form


def _asked(request: HttpRequest) -> Asked:
    if uid := request.GET.get("endpoint"):
        endpoints = Endpoint.objects.present().with_lineage()
        return Asked(endpoint=page_object(request, endpoints, uid, role=Role.MEMBER))
    if uid := request.GET.get("model"):
        models = RegisteredModel.objects.present().select_related("job__preparation__dataset")
        return Asked(model=page_object(request, models, uid, role=Role.MEMBER))
    return Asked()


def _choices(who: Actor) -> dict[str, Any]:
    serving = Endpoint.objects.present().of(who.workspace).filter(status__in=predict.SERVING)
    models = RegisteredModel.objects.present().of(who.workspace).registered()
    return {"endpoints": serving[:50], "models": models[:50]}


@csrf_protect
def _receive(request: HttpRequest, asked: Asked, handler: StreamBatch) -> HttpResponse:
    who, data = actor_of(request), request.POST.copy()
    form = BatchForm(data, way=asked.way, splits=asked.splits)
    look, draft = None, None
    try:
        draft = handler.received() or _earlier(who, data.get("upload", ""))
        data["upload"] = draft.uid if draft else ""
        if draft:
            look = batch_start.looked_at(who, draft.source, draft.source_name, asked.recipe)
        if form.is_valid() and data.get("step") != "look":
            return _started(who, asked, form, draft, handler)
    except UserError as error:
        form.complain(error)
    handler.release()
    return _page(request, asked, form, draft, look)


def _earlier(who: Actor, uid: str) -> BatchPrediction | None:
    return batch_upload.draft_of(who, uid) if uid else None


def _started(
    who: Actor,
    asked: Asked,
    form: BatchForm,
    draft: BatchPrediction | None,
    handler: StreamBatch,
) -> HttpResponse:
    split = form.cleaned_data.get("split", "")
    found, _ = batch_start.start(
        who,
        draft=None if split and handler.received() is None else draft,
        split=split,
        endpoint=asked.endpoint,
        model=asked.model,
        way=asked.way,
        key=form.cleaned_data["idempotency_key"],
        **form.choices,
    )
    nudge(run_batch, found.pk)
    return redirect("endpoints:batch", found.uid)


def _page(
    request: HttpRequest,
    asked: Asked,
    form: BatchForm,
    draft: BatchPrediction | None = None,
    look: Look | None = None,
) -> HttpResponse:
    recipe, book = asked.recipe, Book(actor_of(request).workspace.region)
    rates = [(name, book.rate(name, "hosting")) for name in PRICED]
    context = {
        "form": form,
        "asked": asked,
        "recipe": recipe,
        "draft": draft,
        "look": look,
        "rates": [(name, rate) for name, rate in rates if rate],
        "columns": [c["name"] for c in recipe.dataset.columns] if recipe else [],
    }
    status = 422 if form.errors else 200
    return page(request, "endpoints/batch_new.html", context, status=status)

"""Asking for an evaluation, and ending one."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from endpoints import batch_upload
from endpoints.incoming import StreamBatch
from endpoints.models import BatchPrediction, Endpoint, RegisteredModel
from results import evaluate
from results.forms import EvaluationForm
from results.models import Evaluation
from results.subjects import Subject
from results.tasks import run_evaluation


@csrf_exempt  # checked by `_receive`: the check reads the form, and the handler must come first
@require_http_methods(["GET", "POST"])
def new_evaluation(request: HttpRequest) -> HttpResponse:
    subject = _subject(request)
    if request.method == "GET":
        form = EvaluationForm(subject=subject, initial={"idempotency_key": uuid.uuid4().hex})
        return _page(request, subject, form, None)
    handler = StreamBatch(actor_of(request))
    request.upload_handlers = [handler]
    try:
        return _receive(request, subject, handler)
    finally:
        handler.discard()  # leaves alone what is evaluated, or waits for its form


def _subject(request: HttpRequest) -> Subject:
    """The endpoint or the model that the address names."""
    if uid := request.GET.get("model", ""):
        models = RegisteredModel.objects.select_related("workspace", "job__preparation__dataset")
        return page_object(request, models, uid, role=Role.MEMBER)
    endpoints = Endpoint.objects.select_related("workspace", "model__job__preparation__dataset")
    return page_object(request, endpoints, request.GET.get("endpoint", ""), role=Role.MEMBER)


@csrf_protect
def _receive(request: HttpRequest, subject: Subject, handler: StreamBatch) -> HttpResponse:
    who, data = actor_of(request), request.POST.copy()
    form, draft = EvaluationForm(data, subject=subject), None
    try:
        draft = handler.received() or _earlier(who, data.get("upload", ""))
        data["upload"] = draft.uid if draft else ""
        if form.is_valid():
            row = _requested(who, subject, form, draft)
            nudge_all(row)
            return redirect("results:detail", row.uid)
    except UserError as error:
        form.complain(error)
    if form.has_error("file"):
        draft, data["upload"] = None, ""
    else:
        handler.release()
    return _page(request, subject, form, draft)


def _earlier(who: Actor, uid: str) -> BatchPrediction | None:
    return batch_upload.draft_of(who, uid) if uid else None


def _requested(
    who: Actor, subject: Subject, form: EvaluationForm, draft: BatchPrediction | None
) -> Evaluation:
    wish, key = form.wish, form.cleaned_data["idempotency_key"]
    if isinstance(subject, RegisteredModel):
        return evaluate.once_asked(who, [], key=key, model=subject, draft=draft, **wish)
    return evaluate.once_asked(who, [subject, *form.rivals], key=key, draft=draft, **wish)


def _page(
    request: HttpRequest, subject: Subject, form: EvaluationForm, draft: BatchPrediction | None
) -> HttpResponse:
    is_endpoint = isinstance(subject, Endpoint)
    context = {"subject": subject, "is_endpoint": is_endpoint, "form": form, "draft": draft}
    status = 422 if form.is_bound and form.errors else 200
    return page(request, "results/evaluate.html", context, status=status)


def nudge_all(row: Evaluation) -> None:
    """Begin it, and those that were asked for with it."""
    for one in evaluate.together(row):
        nudge(run_evaluation, one.pk)


@require_POST
def stop_evaluation(request: HttpRequest, uid: str) -> HttpResponse:
    rows = Evaluation.objects.select_related("batch")
    evaluation = page_object(request, rows, uid, role=Role.MEMBER)
    evaluate.stop(actor_of(request), evaluation)
    messages.success(request, f"{evaluation.name} is stopped.")
    return redirect("results:detail", uid)


def again_url(evaluation: Evaluation) -> str:
    """Where the same can be asked for once more."""
    about = {"endpoint" if evaluation.endpoint else "model": evaluation.subject.uid}
    return f"{reverse('results:evaluate')}?{urlencode(about)}"

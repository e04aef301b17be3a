import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import Actor
from core.errors import NotFound, UserError
from core.http import actor_of, csv_download, page, page_object
from core.idempotency import once
from core.listing import Columns, listing
from core.models import Role
from core.nudge import nudge
from datasets.models import DatasetQuerySet
from endpoints.models import Endpoint
from results import charts, evaluate, export, sample, share
from results.forms import EvaluationForm, ShareForm
from results.matrix import VIEWS
from results.models import Evaluation, Share
from results.report import LARGE, report
from results.tasks import run_evaluation

COLUMNS = Columns(
    search=("name", "endpoint__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "rows": "rows"},
)
SPLITS = ("test", "validation", "train")


@require_GET
def result_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = Evaluation.objects.present().of(who.workspace)
    rows = rows.select_related("endpoint", "preparation__dataset").defer("confusion")
    rows = rows.defer(*(f"preparation__dataset__{name}" for name in DatasetQuerySet.HEAVY))
    context = {
        "listing": listing(rows, request.GET.dict(), COLUMNS),
        "statuses": Evaluation.Status.values,
    }
    return page(request, "results/list.html", context)


@require_GET
def result_detail(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.with_lineage(), uid)
    return page(request, "results/detail.html", _detail(request, evaluation))


def _detail(request: HttpRequest, evaluation: Evaluation, **more: Any) -> dict[str, Any]:
    view = request.GET.get("view", "counts")
    is_done = evaluation.status == Evaluation.Status.COMPLETED
    context = {
        "evaluation": evaluation,
        "views": VIEWS,
        "eta": _eta(evaluation),
        # Also while it runs: the chart may come with the fragment that brings the result.
        "needs_charts": len(evaluation.preparation.labels) > LARGE,
        "may_share": actor_of(request).may(Role.MEMBER),
        "shares": Share.objects.present().filter(evaluation=evaluation).defer("snapshot"),
        "share_form": ShareForm(initial={"idempotency_key": uuid.uuid4().hex}),
    }
    if is_done:
        found = context["report"] = report(evaluation.result, view=view)
        if found.is_large:
            context["figure_url"] = reverse("results:matrix", args=[evaluation.uid])
    return context | more


def _eta(evaluation: Evaluation) -> float | None:
    """Seconds still to go at the speed so far; None before there is a speed."""
    if evaluation.status != Evaluation.Status.RUNNING or not evaluation.progress:
        return None
    elapsed = (timezone.now() - evaluation.status_at).total_seconds()
    return elapsed * (1 - evaluation.progress) / evaluation.progress


@require_http_methods(["GET", "POST"])
def new_evaluation(request: HttpRequest) -> HttpResponse:
    endpoints = Endpoint.objects.select_related("workspace", "model__job__preparation")
    uid = request.GET.get("endpoint", "")
    endpoint = page_object(request, endpoints, uid, role=Role.MEMBER)
    form = EvaluationForm(
        request.POST or None, endpoint=endpoint, initial={"idempotency_key": uuid.uuid4().hex}
    )
    if request.method == "POST" and form.is_valid():
        row = _requested(actor_of(request), endpoint, form)
        if row is not None:
            nudge(run_evaluation, row.pk)
            return redirect("results:detail", row.uid)
    context = {"endpoint": endpoint, "form": form}
    return page(request, "results/evaluate.html", context, status=422 if form.errors else 200)


def _requested(who: Actor, endpoint: Endpoint, form: EvaluationForm) -> Evaluation | None:
    """The row, or None with the refusal at its field of `form`."""
    wish = form.cleaned_data

    def make() -> Evaluation:
        return evaluate.request(
            who, endpoint=endpoint, preparation=wish["preparation"], split=wish["split"]
        )

    content = f"{endpoint.uid} {wish['preparation'].uid} {wish['split']}"
    try:
        return once(who, wish["idempotency_key"], Evaluation, make, content=content)[0]
    except UserError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None


@require_GET
def matrix_figure(request: HttpRequest, uid: str) -> HttpResponse:
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    return JsonResponse(charts.confusion_figure(evaluation.labels, evaluation.confusion))


@require_GET
def download_predictions(request: HttpRequest, uid: str) -> HttpResponseBase:
    evaluation = page_object(request, Evaluation.objects.all(), uid)
    chunks = export.predictions(evaluation)
    return csv_download(request, chunks, f"predictions-{evaluation.uid}.csv")


@require_POST
def create_share(request: HttpRequest, uid: str) -> HttpResponse:
    """Answers with the page itself: the link is shown this once and kept nowhere."""
    rows = Evaluation.objects.with_lineage()
    evaluation = page_object(request, rows, uid, role=Role.MEMBER)
    form = ShareForm(request.POST)
    if form.is_valid():
        wish = form.cleaned_data
        try:
            row, token = share.create(
                actor_of(request),
                evaluation,
                expires_in_days=wish["expires_in_days"],
                password=wish["password"],
                title=wish["title"],
                key=wish["idempotency_key"],
            )
        except UserError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            link = request.build_absolute_uri(reverse("public:shared", args=[token]))
            context = _detail(request, evaluation, new_link=link, new_share=row)
            return page(request, "results/detail.html", context)
    context = _detail(request, evaluation, share_form=form)
    return page(request, "results/detail.html", context, status=422)


@require_POST
def revoke_share(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, Share.objects.select_related("evaluation"), uid, role=Role.MEMBER)
    with transaction.atomic():
        share.revoke(actor_of(request), row, now=timezone.now())
    messages.success(request, f"The link “{row.name}” no longer works.")
    return redirect("results:detail", row.evaluation.uid)


@require_http_methods(["GET", "POST"])
def remove_sample(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    if request.method == "GET":
        if (found := sample.state(who.workspace)) is None:
            raise NotFound
        return page(request, "results/sample_remove.html", {"sample": found})
    sample.remove(who, who.workspace)
    messages.success(request, "The sample experiment is being removed.")
    return redirect("home")

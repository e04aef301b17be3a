import uuid

from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role
from core.nudge import nudge
from endpoints.models import Endpoint
from results import evaluate
from results.forms import EvaluationForm
from results.models import Evaluation
from results.tasks import run_evaluation


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

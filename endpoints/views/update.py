"""Changing what serves, without a failed request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from endpoints import cost, update
from endpoints.forms import UpdateForm
from endpoints.forms.variants import MORE
from endpoints.models import Endpoint, RegisteredModel
from endpoints.tasks import advance_update
from endpoints.views.deploy import PRICED, sources_of
from jobs.prices import Book


@require_http_methods(["GET", "POST"])
def endpoint_update(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = page_object(request, Endpoint.objects.with_lineage(), uid, role=Role.MEMBER)
    if refused := _refusal(endpoint):
        context = {"endpoint": endpoint, "refused": refused}
        status = 409 if request.method == "POST" else 200
        return page(request, "endpoints/update.html", context, status=status)
    form = UpdateForm(
        request.POST or None,
        endpoint=endpoint,
        names=_model_names(endpoint),
        sources=sources_of(endpoint.workspace),
        initial=_chosen(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            update.request(actor_of(request), endpoint, form.changes, form.wanted, timezone.now())
        except UserError as error:
            form.show(error)
        else:
            nudge(advance_update, endpoint.pk)
            return redirect("endpoints:detail", endpoint.uid)
    context = {"endpoint": endpoint, "form": form, **_prices(endpoint, form)}
    return page(request, "endpoints/update.html", context, status=422 if form.errors else 200)


def _refusal(endpoint: Endpoint) -> str:
    if len(endpoint.variants) > MORE + 1:
        return f"It has more than {MORE + 1} variants: change it through the API."
    return update.refusal(endpoint)


def _model_names(endpoint: Endpoint) -> list[str]:
    """The models that run, by our names where there are rows of them."""
    at_aws = [variant["model"] for variant in endpoint.variants]
    rows = RegisteredModel.objects.of(endpoint.workspace).filter(aws_name__in=at_aws)
    names = dict(rows.values_list("aws_name", "name"))
    return [names.get(name, name) for name in at_aws]


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What the form says while it is filled in and the price is asked for."""
    if request.GET.get("part") != "price":
        return {}
    ends = (*PRICED, "provisioned")
    return {key: value for key, value in request.GET.items() if key.endswith(ends)}


def _prices(endpoint: Endpoint, form: UpdateForm) -> dict[str, Any]:
    hourly = form.price
    before = endpoint.hourly_cost
    difference = None if hourly is None or before is None else cost.monthly(hourly - before)
    return {
        "basis": Book(endpoint.workspace.region),
        "before": before,
        "hourly": hourly,
        "monthly": None if hourly is None else cost.monthly(hourly),
        "difference": difference,
        "less": None if difference is None else -difference,
    }

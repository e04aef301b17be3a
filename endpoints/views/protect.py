"""Keeping an endpoint: protection and snooze."""

from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import InvalidFields
from core.http import actor_of, page, page_object
from core.models import Role
from endpoints import protect
from endpoints.forms import ProtectForm
from endpoints.models import Endpoint
from endpoints.views.detail import detail_of


@require_POST
def endpoint_protect(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = _endpoint(request, uid)
    form = ProtectForm(request.POST)
    if form.is_valid():
        try:
            protect.protect(actor_of(request), endpoint, timezone.now(), **_wish(form))
        except InvalidFields as error:
            for field, texts in error.errors.items():
                form.add_error(field, texts)
        else:
            messages.success(request, f"{endpoint.name} is protected: nobody deletes it.")
            return redirect("endpoints:detail", endpoint.uid)
    context = detail_of(request, endpoint, protect_form=form)
    return page(request, "endpoints/detail.html", context, status=422)


@require_POST
def endpoint_unprotect(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = _endpoint(request, uid)
    protect.unprotect(actor_of(request), endpoint)
    messages.info(request, f"{endpoint.name} is not protected any more.")
    return redirect("endpoints:detail", endpoint.uid)


@require_POST
def endpoint_snooze(request: HttpRequest, uid: str) -> HttpResponse:
    endpoint = _endpoint(request, uid)
    weeks = request.POST.get("weeks", "")
    asked = int(weeks) if weeks.isdecimal() and len(weeks) < 4 else -1
    protect.snooze(actor_of(request), endpoint, timezone.now(), weeks=asked)
    until = endpoint.snoozed_until
    text = f"is not proposed for deletion before {until:%Y-%m-%d}" if until else "is not snoozed"
    messages.info(request, f"{endpoint.name} {text}.")
    return redirect("endpoints:detail", endpoint.uid)


def _endpoint(request: HttpRequest, uid: str) -> Endpoint:
    return page_object(request, Endpoint.objects.with_lineage(), uid, role=Role.MEMBER)


def _wish(form: ProtectForm) -> dict[str, Any]:
    day = form.cleaned_data["until"]
    until = datetime.combine(day, time.max, tzinfo=UTC) if day else None
    return {"reason": form.cleaned_data["reason"], "until": until}

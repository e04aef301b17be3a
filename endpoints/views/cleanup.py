"""Deleting all that idles: the plan, its confirmation, what became of it; and what it saved."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role
from core.nudge import nudge
from endpoints import cleanup, cost, plans, savings
from endpoints.forms import PlanForm
from endpoints.models import Cleanup, CleanupItem
from endpoints.recheck import IfIdle
from endpoints.tasks import advance_deletion

SHOWN = 20
State = CleanupItem.State


@require_http_methods(["GET", "POST"])
def cleanup_new(request: HttpRequest) -> HttpResponse:
    """What is asked of a plan, and the plans of before."""
    who = actor_of(request)
    who.need(Role.MEMBER)
    form = PlanForm(request.POST or None, initial={"idempotency_key": uuid.uuid4().hex})
    if request.method == "POST" and form.is_valid():
        return redirect("endpoints:cleanup_detail", _planned(who, form).uid)
    rows = Cleanup.objects.present().of(who.workspace).filter(policy=None)
    earlier = rows.select_related("created_by").prefetch_related("items")
    context = {"form": form, "earlier": [summed(one) for one in earlier[:SHOWN]]}
    return page(request, "endpoints/cleanup.html", context, status=422 if form.errors else 200)


@require_GET
def cleanup_detail(request: HttpRequest, uid: str) -> HttpResponse:
    found = page_object(request, Cleanup.objects.select_related("policy"), uid)
    template = "policy_run" if found.policy else "cleanup_detail"
    return page(request, f"endpoints/{template}.html", _shown(request, found))


@require_POST
def cleanup_confirm(request: HttpRequest, uid: str) -> HttpResponse:
    found = page_object(request, Cleanup.objects.all(), uid, role=Role.MEMBER)
    typed = request.POST.get("typed", "").strip()
    number = int(typed) if typed.isdecimal() and len(typed) < 6 else -1
    who, shown = actor_of(request), request.POST.get("plan", "")
    try:
        begun = cleanup.confirm(who, found, timezone.now(), endpoints=number, shown=shown)
    except UserError as error:
        context = _shown(request, found) | {"problem": error, "typed": typed}
        return page(request, "endpoints/cleanup_detail.html", context, status=error.status)
    for endpoint in begun:
        nudge(advance_deletion, endpoint.pk)
    return redirect("endpoints:cleanup_detail", found.uid)


@require_GET
def savings_ledger(request: HttpRequest) -> HttpResponse:
    ledger = savings.ledger(actor_of(request).workspace, timezone.now())
    return page(request, "endpoints/savings.html", {"ledger": ledger})


def _planned(who: Actor, form: PlanForm) -> Cleanup:
    wish = form.cleaned_data
    rule = IfIdle(wish["window_days"], wish["grace_days"])
    found, _ = once(
        who,
        wish["idempotency_key"],
        Cleanup,
        lambda: cleanup.plan(who, who.workspace, timezone.now(), rule=rule, cap=wish["cap"]),
        content=f"{rule} {wish['cap']}",
    )
    return found


def _shown(request: HttpRequest, found: Cleanup) -> dict[str, Any]:
    rows = found.items.select_related("endpoint__workspace")
    items = list(rows.prefetch_related("notices"))
    planned = [item for item in items if item.state == State.PLANNED]
    notices = {item.pk: list(item.notices.all()) for item in items}
    return {
        "cleanup": found,
        "seal": cleanup.seal(found),
        "items": [
            {"row": item, "monthly": _monthly([item]), "notices": notices[item.pk]}
            for item in items
        ],
        "planned": [{"row": item, "plan": plans.plan(item.endpoint)} for item in planned],
        "monthly": _monthly(planned),
        "saved": _monthly([item for item in items if item.state == State.DELETED]),
        "is_old": timezone.now() - found.created_at > cleanup.GOOD_FOR,
        "may_write": actor_of(request).may(Role.MEMBER),
    }


def summed(found: Cleanup) -> dict[str, Any]:
    items = list(found.items.all())
    states = [item.state for item in items]
    gone = [item for item in items if item.state == State.DELETED]
    return {
        "row": found,
        "endpoints": len(items),
        "would": states.count(State.PLANNED),
        "waiting": states.count(State.NOTIFIED),
        "deleting": states.count(State.DELETING),
        "deleted": len(gone),
        "skipped": states.count(State.SKIPPED),
        "monthly": _monthly(gone),
    }


def _monthly(items: list[CleanupItem]) -> float | None:
    """US dollars a month of those with a known price; None when none has one."""
    known = [item.hourly_usd for item in items if item.hourly_usd is not None]
    return cost.monthly(sum(known)) if known else None

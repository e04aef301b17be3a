"""Policies: what goes without anybody asking, who decides it, what each run did."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import sender
from core.access import Actor
from core.errors import InvalidFields, NotFound
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.listing import listing
from core.models import Role
from endpoints import policies, policy_runs
from endpoints.columns import POLICY_COLUMNS
from endpoints.forms import PolicyForm
from endpoints.models import Cleanup, Policy
from endpoints.views.cleanup import summed

SHOWN = 30  # runs


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    rows = Policy.objects.present().of(who.workspace)
    found = listing(rows, request.GET.dict(), POLICY_COLUMNS)
    context = {"listing": found, "may_manage": who.may(Role.ADMIN)}
    return page(request, "endpoints/policies.html", context)


@require_http_methods(["GET", "POST"])
def policy_new(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.ADMIN)
    form = PolicyForm(request.POST or None, initial={"idempotency_key": uuid.uuid4().hex})
    if request.method == "POST" and form.is_valid():
        try:
            made = _created(who, form)
        except InvalidFields as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, f"{made.name} is a dry run: it tells what it would do.")
            return redirect("endpoints:policy", made.uid)
    context = {"form": form}
    return page(request, "endpoints/policy_form.html", context, status=422 if form.errors else 200)


@require_GET
def policy_detail(request: HttpRequest, uid: str) -> HttpResponse:
    return _shown(request, page_object(request, Policy.objects.all(), uid))


@require_http_methods(["GET", "POST"])
def policy_edit(request: HttpRequest, uid: str) -> HttpResponse:
    policy = page_object(request, Policy.objects.all(), uid, role=Role.ADMIN)
    form = PolicyForm(request.POST) if request.method == "POST" else PolicyForm.of(policy)
    if request.method == "POST" and form.is_valid():
        wishes = form.wishes
        if request.POST.get("forget_webhook"):
            wishes["webhook"] = ""
        try:
            changed = policies.change(actor_of(request), policy, wishes, timezone.now())
        except InvalidFields as refusal:
            form.refuse(refusal)
        else:
            again = not policy.is_dry_run and changed.is_dry_run
            said = "It is a dry run again: type its name to make it earnest." if again else ""
            messages.success(request, f"{changed.name} is saved. {said}".strip())
            return redirect("endpoints:policy", policy.uid)
    context = {"form": form, "policy": policy, "webhook": sender.shown(policy.webhook)}
    return page(request, "endpoints/policy_form.html", context, status=422 if form.errors else 200)


@require_POST
def policy_rehearse(request: HttpRequest, uid: str) -> HttpResponse:
    """A dry run now, whatever the policy is."""
    policy = page_object(request, Policy.objects.all(), uid, role=Role.MEMBER)
    who, key = actor_of(request), request.POST.get("idempotency_key", "")

    def make() -> Cleanup:
        return policy_runs.rehearse(who, policy, timezone.now())

    run, _ = once(who, key, Cleanup, make, content=policy.uid)
    return redirect("endpoints:cleanup_detail", run.uid)


@require_POST
def policy_switch(request: HttpRequest, uid: str) -> HttpResponse:
    """`to`: paused, resumed or dry; each of them stops what waits."""
    policy = page_object(request, Policy.objects.all(), uid, role=Role.ADMIN)
    steps = {"paused": policies.pause, "resumed": policies.resume, "dry": policies.make_dry}
    to = request.POST.get("to", "")
    if to not in steps:
        raise NotFound
    steps[to](actor_of(request), policy, timezone.now())
    words = {"paused": "is paused", "resumed": "runs again, as a dry run", "dry": "is a dry run"}
    messages.info(request, f"{policy.name} {words[to]}.")
    return redirect("endpoints:policy", policy.uid)


@require_http_methods(["GET", "POST"])
def policy_earnest(request: HttpRequest, uid: str) -> HttpResponse:
    """What it will do without asking again; its name is typed."""
    policy = page_object(request, Policy.objects.all(), uid, role=Role.ADMIN)
    who, now, typed = actor_of(request), timezone.now(), request.POST.get("typed", "")
    problem = ""
    if request.method == "POST":
        try:
            policies.make_earnest(who, policy, typed)
        except InvalidFields as refusal:
            problem = refusal.message
        else:
            messages.warning(request, f"{policy.name} is earnest from its next run on.")
            return redirect("endpoints:policy", policy.uid)
    context = _facts(policy) | {"problem": problem, "typed": typed, "now": now}
    return page(request, "endpoints/policy_earnest.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
def policy_delete(request: HttpRequest, uid: str) -> HttpResponse:
    policy = page_object(request, Policy.objects.all(), uid, role=Role.ADMIN)
    if request.method == "GET":
        return page(request, "endpoints/policy_delete.html", _facts(policy))
    policies.remove(actor_of(request), policy, timezone.now())
    messages.info(request, f"{policy.name} is deleted.")
    return redirect("endpoints:policies")


def _created(who: Actor, form: PolicyForm) -> Policy:
    wishes, key = form.wishes, form.cleaned_data["idempotency_key"]

    def make() -> Policy:
        return policies.create(who, wishes, timezone.now())

    return once(who, key, Policy, make, content=repr(sorted(wishes.items())))[0]


def _shown(request: HttpRequest, policy: Policy) -> HttpResponse:
    who = actor_of(request)
    runs = policy.runs.select_related("created_by").prefetch_related("items")
    context = _facts(policy) | {
        "idempotency_key": uuid.uuid4().hex,
        "runs": [summed(one) for one in runs[:SHOWN]],
        "may_write": who.may(Role.MEMBER),
        "may_manage": who.may(Role.ADMIN),
    }
    return page(request, "endpoints/policy.html", context)


def _facts(policy: Policy) -> dict[str, Any]:
    return {"policy": policy, "webhook": sender.shown(policy.webhook)}

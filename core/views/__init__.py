"""The pages that belong to no stretch of the flow: signing in, live events, settings."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from core import events, signin, tokens
from core.errors import NotFound, UserError
from core.forms import TokenForm
from core.http import DATABASE_DOWN, actor_of, json_error, our_bug, page
from core.models import ApiToken, AuditEvent, Membership, Role

AUDIT_ROWS = 100


@require_GET
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """A GET shows a button; only the POST below uses the link up, so link previews cannot."""
    return page(request, "core/sign_in_link.html", {"secret": secret})


@require_POST
def redeem_link(request: HttpRequest, secret: str) -> HttpResponse:
    user = signin.redeem(secret)
    if user is None:
        raise UserError(
            "This sign-in link was used or has expired.",
            "Start the console again, or sign in with your password.",
        )
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("home")


@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    return _settings(request, TokenForm())


def _settings(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    who = actor_of(request)
    context = {
        "form": form,
        "tokens": ApiToken.objects.filter(workspace=who.workspace, user=who.user),
        "events": AuditEvent.objects.filter(workspace=who.workspace).select_related("actor")[
            :AUDIT_ROWS
        ]
        if who.may(Role.ADMIN)
        else [],
        "new_token": request.session.pop("new_token", ""),
    }
    return page(request, "core/settings.html", context, status=status)


@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _settings(request, form, status=422)
    _, secret = tokens.create(
        who.user,
        who.workspace,
        name=form.cleaned_data["name"],
        scope=form.cleaned_data["scope"],
        expires_at=form.expires_at,
    )
    request.session["new_token"] = secret
    return redirect("settings")


@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    tokens.revoke(actor_of(request), pk)
    messages.success(request, "The token no longer works.")
    return redirect("settings")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that does not exist looks like an object that is not yours."""
    if request.path.startswith("/api/"):
        return json_error(request, NotFound())
    return page(request, "404.html", {}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our bug, or a database that does not answer, wherever in the request it showed."""
    reference = getattr(request, "id", "")
    is_down = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        return json_error(request, DATABASE_DOWN if is_down else our_bug(reference))
    template, status = ("503.html", 503) if is_down else ("500.html", 500)
    # Without the request: context processors would ask the database again.
    response = HttpResponse(render_to_string(template, {"reference": reference}), status=status)
    if is_down:
        response["Retry-After"] = "10"
    return response


async def live_events(request: HttpRequest) -> HttpResponseBase:
    """One stream per page: `?topic=job:UID&topic=jobs` names what the page shows."""
    who = getattr(request, "actor", None)
    if who is None:
        raise NotFound
    topics = frozenset(request.GET.getlist("topic")[:200])
    workspaces = await sync_to_async(_workspaces_of)(who.user)
    return StreamingHttpResponse(
        _stream(topics, workspaces),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


def _workspaces_of(user: User) -> frozenset[int]:
    found = Membership.objects.filter(user=user).values_list("workspace_id", flat=True)
    workspaces = frozenset(found)
    if not connection.in_atomic_block:
        # A stream lives for minutes and asks nothing more: with it open, each page that somebody
        # looks at would hold a database connection.
        connection.close()
    return workspaces


async def _stream(topics: frozenset[str], workspaces: frozenset[int]) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    try:
        async for change in events.subscribe(topics, workspaces):
            yield b"data: " + json.dumps(change).encode() + b"\n\n" if change else b": alive\n\n"
    except asyncio.CancelledError:
        return

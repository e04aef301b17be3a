"""Every request gets an id, private pages stay private, and errors become answers."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from core import access
from core.errors import NotFound, NotSignedIn, UserError
from core.http import WORKSPACE_KEY, json_error

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Middleware:
    async_capable = False

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


class RequestIdMiddleware(Middleware):
    """`X-Request-ID`: the reference that an error page shows and the log line carries."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = secrets.token_hex(6)  # type: ignore[attr-defined]  # declared on PageRequest
        response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]  # as above
        return response


class PrivatePagesMiddleware(Middleware):
    """No cache keeps a page that was made for one person."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ActorMiddleware(Middleware):
    """Who a signed-in person is in the workspace that `?workspace=` or their session names.

    Behind a secret link everybody is nobody: no session is read there, and none written.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = None  # type: ignore[attr-defined]  # declared on PageRequest
        if request.path.startswith("/s/"):
            return self.get_response(request)
        if isinstance(request.user, User) and request.user.is_active:
            asked = request.GET.get("workspace") or request.session.get(WORKSPACE_KEY, "")
            try:
                who = access.actor(request.user, slug=asked)
            except NotFound:
                return self.get_response(request)
            if request.session.get(WORKSPACE_KEY) != who.workspace.slug:
                request.session[WORKSPACE_KEY] = who.workspace.slug
            request.actor = who  # type: ignore[attr-defined]  # declared on PageRequest
        return self.get_response(request)


class ErrorsMiddleware(Middleware):
    """A UserError is shown as it is; the rest is `core.views.server_error`'s."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer(request, error) if isinstance(error, UserError) else None


def answer(request: HttpRequest, error: UserError) -> HttpResponse:
    """`error` as JSON for the API, a redirect for strangers, a toast for htmx, else a page."""
    if request.path.startswith("/api/"):
        return json_error(request, error)
    if isinstance(error, NotSignedIn):
        return _sign_in_first(request)
    template = "_parts/error.html" if request.headers.get("HX-Request") else "error.html"
    return render(request, template, {"error": error}, status=error.status)


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    redirect = redirect_to_login(request.get_full_path())
    return HttpResponseRedirect(redirect.url)

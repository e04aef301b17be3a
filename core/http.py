"""What views and APIs share about requests: who asks, which object, and answers to errors."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails
from ninja.security import APIKeyCookie, HttpBearer

from core import access, tokens
from core.access import Actor
from core.errors import InvalidFields, NotSignedIn, Unavailable, UserError
from core.listing import Listing
from core.models import Owned, Role

OwnedT = TypeVar("OwnedT", bound=Owned)
WORKSPACE_KEY = "workspace"
# Of a page for whoever has a secret link: never kept, never found, leading nowhere.
SEALED = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}
TokenView = Callable[[HttpRequest, str], HttpResponse]


class PageRequest(HttpRequest):
    """A request after our middleware: `actor` is set for signed-in users with a workspace."""

    htmx: HtmxDetails
    user: User | AnonymousUser
    actor: Actor | None
    id: str


def actor_of(request: HttpRequest) -> Actor:
    """Who asks; NotSignedIn for strangers, NotFound for users without a workspace."""
    who: Actor | None = getattr(request, "actor", None)
    if who is not None:
        return who
    user = request.user
    if not isinstance(user, User):
        raise NotSignedIn("Sign in first.")
    return access.actor(user)


def page_object(
    request: HttpRequest, rows: QuerySet[OwnedT], uid: str, *, role: Role = Role.VIEWER
) -> OwnedT:
    """The object a page is about; the page then belongs to that object's workspace."""
    who = actor_of(request)
    row = access.fetch(rows, who, uid, role=role)
    request.actor = access.in_workspace_of(who, row)  # type: ignore[attr-defined]  # our middleware's
    request.session[WORKSPACE_KEY] = row.workspace.slug
    return row


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page, or the partial that an htmx request names in its `part` parameter."""
    part = request.GET.get("part", "")
    if part and part.replace("-", "").isalnum() and request.headers.get("HX-Request"):
        template = f"{template}#{part}"
    return render(request, template, context, status=status)


def sealed(view: TokenView) -> TokenView:
    """`view(request, token)` under the headers of a page behind a secret link, whatever it says."""

    @wraps(view)
    def kept(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        for name, value in SEALED.items():
            response[name] = value
        return response

    return kept


def attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file that the browser keeps under `name`."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_download(request: HttpRequest, chunks: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """A table of any length as the file `name`, sent while it is made."""
    return download(request, chunks, name, "text/csv; charset=utf-8")


def download(
    request: HttpRequest, chunks: Iterator[bytes], name: str, content_type: str
) -> StreamingHttpResponse:
    """A file of any length under the ASCII name `name`, sent while it is read."""
    body = _drained(chunks) if isinstance(request, ASGIRequest) else chunks
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(body, content_type=content_type, headers=headers)


async def _drained(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Under ASGI Django would collect a plain iterator in memory first."""
    following = sync_to_async(lambda: next(chunks, b""))
    while chunk := await following():
        yield chunk


def error_payload(error: UserError, reference: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
    if isinstance(error, InvalidFields):
        body["fields"] = error.errors
    elif error.field:
        body["fields"] = {error.field: [error.message]}
    if reference:
        body["reference"] = reference
    return {"error": body}


def json_error(request: HttpRequest, error: UserError) -> JsonResponse:
    reference = getattr(request, "id", "")
    return JsonResponse(error_payload(error, reference), status=error.status)


DATABASE_DOWN = Unavailable("The database does not answer.", "Try again in a moment.")


def our_bug(reference: str) -> UserError:
    problem = UserError("Something broke on our side.", f"Report the reference {reference}.")
    problem.code, problem.status = "internal_error", 500
    return problem


class TokenAuth(HttpBearer):
    """`Authorization: Bearer mlc_…`."""

    openapi_name = "ApiToken"

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        who = tokens.actor_for(token)
        if who is not None:
            request.actor = who  # type: ignore[attr-defined]  # our middleware's
            request.user = who.user
        return who


class SessionAuth(APIKeyCookie):
    """The signed-in browser; ninja checks the CSRF token of cookie-authenticated calls."""

    param_name = "sessionid"
    openapi_name = "Session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        return getattr(request, "actor", None)


def listed(found: Listing[Any], serialise: Callable[[Any], Any]) -> dict[str, Any]:
    """A list as the API answers it."""
    return {
        "items": [serialise(row) for row in found.rows],
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
    }

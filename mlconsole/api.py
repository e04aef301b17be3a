"""REST API v1: each app's router, one way to authenticate, one shape of errors."""

import logging

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

import core.api
import core.api.health
import core.api.workspace
import datasets.api
import endpoints.api
import jobs.api
import results.api
from core.errors import InvalidFields, NotFound, NotSignedIn, UserError
from core.http import DATABASE_DOWN, SessionAuth, TokenAuth, json_error, our_bug

log = logging.getLogger(__name__)

api = NinjaAPI(
    title="mlconsole",
    version="1",
    description="Everything a page does. Errors are `{error: {code, message, hint}}`.",
    auth=[TokenAuth(), SessionAuth(csrf=True)],
    urls_namespace="api",
)
api.add_router("", core.api.workspace.router)
api.add_router("", core.api.health.router)
api.add_router("", datasets.api.router)
api.add_router("", jobs.api.router)
api.add_router("", endpoints.api.router)
api.add_router("", results.api.router)
api.add_router("", core.api.router)


@api.exception_handler(UserError)
def _user_error(request: HttpRequest, error: UserError) -> HttpResponse:
    return json_error(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for problem in error.errors:
        place = ".".join(str(part) for part in problem["loc"][2:]) or str(problem["loc"][-1])
        fields.setdefault(place, []).append(str(problem["msg"]))
    return json_error(request, InvalidFields(fields))


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    missing = NotSignedIn("Send a valid token.", "Authorization: Bearer mlc_… (see Settings).")
    return json_error(request, missing)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    problem = NotFound() if error.status_code == 404 else UserError(error.message)
    problem.status = error.status_code
    return json_error(request, problem)


@api.exception_handler(Exception)
def _our_bug(request: HttpRequest, error: Exception) -> HttpResponse:
    reference = getattr(request, "id", "")
    log.error("unexpected error [%s]", reference, exc_info=error)
    return json_error(request, our_bug(reference))


@api.exception_handler(OperationalError)
def _database_down(request: HttpRequest, error: OperationalError) -> HttpResponse:
    log.error("the database does not answer [%s]", getattr(request, "id", ""), exc_info=error)
    return json_error(request, DATABASE_DOWN)

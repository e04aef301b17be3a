"""From a request to a response: who signed, which operation, which faults, which wording."""

import errno
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from localaws import auth, faults
from localaws.app import App
from localaws.errors import AwsError, disk_full, internal
from localaws.s3 import cors, router, xml
from localaws.wire import control, protocols, query
from localaws.wire.http import DroppedError, Request, Response
from localaws.wire.protocols import JSON, QUERY, REST, S3

log = logging.getLogger(__name__)

_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


@dataclass(frozen=True)
class Call:
    """A signed request whose operation is known. `fingerprint` is equal for equal calls."""

    service: str
    operation: str
    fingerprint: bytes
    perform: Callable[[str], Response]


def answer(app: App, request: Request) -> Response:
    """Never raises but DroppedError, and OSError when the client is gone."""
    request_id = str(uuid.uuid4())
    try:
        response = (
            control.unsigned(app, request)
            or cors.preflight(app, request)
            or _signed(app, request, request_id)
        )
    except AwsError as problem:
        response = failure(problem, request, request_id)
    except OSError as error:
        if error.errno not in _DISK_ERRORS:
            raise
        log.warning("request %s %s: %s", request.method, request.path, error)
        response = failure(disk_full(str(error)), request, request_id)
    except DroppedError:
        raise
    except Exception:  # a defect of ours must not end the connection unanswered
        log.exception(
            "request %s %s failed, reference %s", request.method, request.path, request_id
        )
        response = failure(internal(request_id), request, request_id)
    response.headers.update(cors.headers(app, request))
    response.headers.setdefault("x-amzn-RequestId", request_id)
    response.headers.setdefault("x-amz-request-id", request_id)
    return response


def _signed(app: App, request: Request, request_id: str) -> Response:
    made = auth.claim(request)
    body = b""
    if made.service == "s3":
        payload = auth.payload_marker(request)
    else:
        body = request.body.whole(protocols.body_limit(request))
        payload = auth.payload_hash(request, body)
    key = auth.verify(request, made, app.credentials, payload=payload, now=app.clock.now())
    auth.CALLER.set(key)
    if request.path.startswith(control.PREFIX):
        return control.signed(app, request, body)
    return _faulty(app, _identify(app, request, made.service, body), request_id)


def _identify(app: App, request: Request, service: str, body: bytes) -> Call:
    if service == "s3":
        name, handler = router.identify(request)
        fingerprint = request.target.encode() + request.header("Range").encode()
        return Call("s3", name, fingerprint, lambda _: router.serve(app, request, handler))
    found = protocols.identify(request, service, body)
    return Call(
        found.service,
        found.operation.name,
        request.target.encode() + body,
        lambda request_id: protocols.perform(app, request, found, request_id),
    )


def _faulty(app: App, call: Call, request_id: str) -> Response:
    """Perform the call with the faults that hit it."""
    firing = app.faults.firing(call.service, call.operation)
    for rule in firing:
        if rule.kind == "hang":
            app.faults.hold(rule)
            raise DroppedError
        faults.strike(rule)
    memory = (call.service, call.operation, call.fingerprint)
    for rule in firing:
        if rule.kind == "stale" and (old := app.faults.stale(rule, memory)):
            return Response(old.status, dict(old.headers), old.body)
    if any(rule.kind == "lost_response" for rule in firing):
        _perform_and_lose(call, request_id)
    response = call.perform(request_id)
    app.faults.remember(memory, response)
    return response


def _perform_and_lose(call: Call, request_id: str) -> None:
    try:
        call.perform(request_id).close()
    except AwsError as problem:
        raise DroppedError from problem
    raise DroppedError


def failure(problem: AwsError, request: Request, request_id: str) -> Response:
    """The error in the dialect that the caller's parser expects."""
    dialect = protocols.dialect(request)
    if dialect == S3:
        return xml.error(problem, request.path, request_id, head=request.method == "HEAD")
    if dialect == QUERY:
        body = query.error(problem, request_id)
        return Response(problem.status, {"Content-Type": "text/xml"}, body)
    if dialect == REST:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": problem.code}
        document = {"Message": problem.message, **problem.extra}
        return Response(problem.status, headers, json.dumps(document).encode())
    headers = {"Content-Type": request.header("Content-Type", JSON)}
    if request.header("x-amzn-query-mode"):
        side = "Sender" if problem.status < 500 else "Receiver"
        headers["x-amzn-query-error"] = f"{problem.code};{side}"
    document = {"__type": problem.code, "message": problem.message, **problem.extra}
    return Response(problem.status, headers, json.dumps(document).encode())

"""REST-JSON: members live in the path, in headers, in the query string or in the body."""

import re
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel, StructureShape

from localaws.wire import json_body, models
from localaws.wire.http import Request, Response
from localaws.wire.scalars import from_text, to_text


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], OperationModel]]:
    model = models.service(service)
    operations = [model.operation_model(name) for name in model.operation_names]
    return [(op.http["method"], _path_pattern(op), op) for op in operations]


def _path_pattern(operation: OperationModel) -> re.Pattern[str]:
    path = operation.http["requestUri"].partition("?")[0]
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)) + "/?")


def match(service: str, request: Request) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation and its path members, decoded."""
    for method, pattern, operation in _routes(service):
        found = pattern.fullmatch(request.path)
        if found and method == request.method:
            return operation, {name: unquote(text) for name, text in found.groupdict().items()}
    return None


def load(
    request: Request, body: bytes, path: dict[str, str], shape: StructureShape
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        text = _outside_the_body(request, path, member.serialization)
        if text is not None:
            found[name] = from_text(text, member)
    payload = shape.serialization.get("payload")
    if payload is None:
        inside = json_body.load(body, shape)
        return {n: v for n, v in inside.items() if n not in found} | found
    member = shape.members[payload]
    if isinstance(member, StructureShape):
        return found | {payload: json_body.load(body, member)}
    return found | {payload: body}


def _outside_the_body(request: Request, path: dict[str, str], traits: dict[str, str]) -> str | None:
    location, name = traits.get("location"), traits.get("name", "")
    if location == "uri":
        return path.get(name)
    if location == "header":
        return request.headers.get(name)
    if location == "querystring":
        return request.params.get(name)
    return None


def dump(answer: dict[str, Any], operation: OperationModel) -> Response:
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    if not isinstance(shape, StructureShape):
        return Response(status)
    headers, inside = {}, {}
    for name, member in shape.members.items():
        if answer.get(name) is None:
            continue
        if member.serialization.get("location") == "header":
            headers[member.serialization["name"]] = to_text(answer[name], member)
        elif member.serialization.get("location") != "statusCode":
            inside[name] = answer[name]
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        return Response(status, headers, answer.get(payload) or b"")
    headers.setdefault("Content-Type", "application/json")
    return Response(status, headers, json_body.dump(inside, shape))

"""Which operation a signed request is, and how its protocol reads and writes."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import OperationModel, StructureShape

from localaws.app import App
from localaws.errors import AwsError, not_implemented
from localaws.wire import declared, json_body, models, query, registry, rest_json, validation
from localaws.wire.http import Request, Response

JSON = "application/x-amz-json-1.1"
REST = "rest-json"
QUERY = "query"
S3 = "s3"
FORM = "application/x-www-form-urlencoded"
SIGNING_NAMES = {"sts": "sts", "iam": "iam", "monitoring": "cloudwatch"}
RUNTIME_PATH = "/endpoints/"
LARGEST_DOCUMENT = 8 << 20
LARGEST_INVOCATION = 26 << 20  # AWS: 25 MB for a real-time endpoint


@dataclass(frozen=True)
class Found:
    service: str
    operation: OperationModel
    protocol: str
    params: dict[str, Any]


def dialect(request: Request) -> str:
    """How to word an answer, also for a request that nobody could identify."""
    if request.header("X-Amz-Target"):
        return JSON
    authorization = request.header("Authorization") + request.params.get("X-Amz-Credential", "")
    if "/sagemaker/aws4_request" in authorization or request.path.startswith("/_localaws"):
        return REST
    signed_for = any(f"/{name}/aws4_request" in authorization for name in SIGNING_NAMES)
    is_form = request.path == "/" and request.header("Content-Type").startswith(FORM)
    return QUERY if signed_for or is_form else S3


def body_limit(request: Request) -> int:
    is_invocation = request.path.startswith(RUNTIME_PATH)
    return LARGEST_INVOCATION if is_invocation else LARGEST_DOCUMENT


def identify(request: Request, signed_for: str, body: bytes) -> Found:
    """Raises AwsError for an operation that does not exist or parameters of the wrong form."""
    if target := request.header("X-Amz-Target"):
        return _json(target, body)
    if signed_for in SIGNING_NAMES:
        return _query(request, SIGNING_NAMES[signed_for], body)
    if signed_for == "sagemaker":
        return _rest(request, "sagemaker-runtime", body)
    raise not_implemented(f"{signed_for} {request.method} {request.path}")


def _json(target: str, body: bytes) -> Found:
    prefix, _, name = target.rpartition(".")
    service = models.target_prefixes().get(prefix)
    model = models.operation(service, name) if service else None
    if service is None or model is None:
        raise AwsError("UnknownOperationException", f"{target} is not an operation.")
    return Found(service, model, JSON, json_body.load(body, _shape(model)))


def _query(request: Request, service: str, body: bytes) -> Found:
    try:
        parameters = dict(request.query) | dict(
            parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=20_000)
        )
    except ValueError:
        raise validation.serialization("The form parameters are malformed") from None
    name = parameters.get("Action", "")
    model = models.operation(service, name)
    if model is None:
        raise AwsError("InvalidAction", f"Could not find operation {name[:100]}")
    return Found(service, model, QUERY, query.load(parameters, _shape(model)))


def _rest(request: Request, service: str, body: bytes) -> Found:
    found = rest_json.match(service, request)
    if found is None:
        raise not_implemented(f"{request.method} {request.path}")
    model, path = found
    shape = _shape(model)
    params = rest_json.load(request, body, path, shape) if shape else {}
    return Found(service, model, REST, params)


def _shape(model: OperationModel) -> StructureShape | None:
    shape = model.input_shape
    return shape if isinstance(shape, StructureShape) else None


def perform(app: App, request: Request, found: Found, request_id: str) -> Response:
    """Validate, call the handler, write the answer. Raises what the handler raises."""
    handler = registry.handler(found.service, found.operation.name)
    shape = _shape(found.operation)
    if shape is not None:
        validation.check(found.params, shape)
        declared.refuse(found.service, found.operation.name, found.params)
    answer = handler(app, found.params) or {}
    if found.protocol == REST:
        return rest_json.dump(answer, found.operation)
    if found.protocol == QUERY:
        body = query.dump(answer, found.operation, request_id)
        return Response(200, {"Content-Type": "text/xml"}, body)
    output = found.operation.output_shape
    structure = output if isinstance(output, StructureShape) else None
    content_type = request.header("Content-Type", JSON)
    return Response(200, {"Content-Type": content_type}, json_body.dump(answer, structure))

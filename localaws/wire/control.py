"""localaws' own addresses: /_localaws/health for anyone, /_localaws/faults for key holders."""

import hmac
import json

from localaws import faults
from localaws.app import App
from localaws.errors import AwsError
from localaws.wire.http import Request, Response

PREFIX = "/_localaws/"
SECRET = "X-Localaws-Secret"  # noqa: S105  the name of a header
LARGEST = 1 << 20


def unsigned(app: App, request: Request) -> Response | None:
    """Answers that need no signature; None for all other requests.

    The faults may be set with the secret key in a header instead of a signature. A web page
    can not send that header here: browsers ask first, and nothing answers the question.
    """
    if request.path == f"{PREFIX}health" and request.method in {"GET", "HEAD"}:
        app.store.connection().execute("SELECT 1")
        return _json({"status": "ok", "service": "localaws", "region": app.region})
    given = request.header(SECRET)
    if not request.path.startswith(PREFIX) or not given:
        return None
    if not hmac.compare_digest(given.encode(), app.credentials.secret_access_key.encode()):
        raise AwsError("AccessDenied", "Access Denied", 403)
    return signed(app, request, request.body.whole(LARGEST))


def signed(app: App, request: Request, body: bytes) -> Response:
    """GET, PUT (a JSON list of rules) or DELETE /_localaws/faults; answers the rules in force."""
    if request.path != f"{PREFIX}faults" or request.method not in {"GET", "PUT", "DELETE"}:
        raise AwsError("NotFound", f"{request.method} {request.path} is nothing here.", 404)
    if request.method != "GET":
        app.faults.replace(faults.parse(body) if request.method == "PUT" else [])
    return _json(app.faults.rules())


def _json(document: object) -> Response:
    return Response(200, {"Content-Type": "application/json"}, json.dumps(document).encode())

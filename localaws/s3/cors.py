"""Cross-origin rules of a bucket: which web pages may call it from a browser.

Source: Amazon S3 User Guide, "Using cross-origin resource sharing (CORS)".
"""

import json
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from localaws.app import App
from localaws.errors import AwsError
from localaws.s3 import xml
from localaws.s3.call import LARGEST_DOCUMENT, Call
from localaws.s3.receive import to_memory
from localaws.s3.xml import Node
from localaws.wire.http import Request, Response

METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
MOST_RULES = 100
LISTS = ("AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader")
SINGLES = ("ID", "MaxAgeSeconds")
REFUSED = (
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of"
    " Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are"
    " not whitelisted by the resource's CORS spec."
)


def put_bucket_cors(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.need_bucket(call.bucket)
    root = xml.parse(to_memory(call.request, LARGEST_DOCUMENT))
    rules = [_rule(element) for element in root.findall("{*}CORSRule")]
    if not 1 <= len(rules) <= MOST_RULES:
        text = "The XML you provided was not well-formed or did not validate."
        raise AwsError("MalformedXML", text)
    with call.app.store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO cors VALUES (?, ?)", (call.bucket, json.dumps(rules)))
    return Response()


def _rule(element: ET.Element) -> dict[str, Any]:
    rule: dict[str, Any] = {
        name: [found.text or "" for found in element.findall(f"{{*}}{name}")] for name in LISTS
    }
    rule |= {name: element.findtext(f"{{*}}{name}") or "" for name in SINGLES}
    if not rule["AllowedOrigin"] or not rule["AllowedMethod"]:
        text = "The XML you provided was not well-formed or did not validate."
        raise AwsError("MalformedXML", text)
    for method in rule["AllowedMethod"]:
        if method not in METHODS:
            text = f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            raise AwsError("InvalidRequest", text)
    return rule


def get_bucket_cors(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.need_bucket(call.bucket)
    rules = _rules(call.app, call.bucket)
    if not rules:
        text = "The CORS configuration does not exist"
        raise AwsError("NoSuchCORSConfiguration", text, 404, BucketName=call.bucket)
    nodes: list[Node] = [("CORSRule", _shown(rule)) for rule in rules]
    return xml.response("CORSConfiguration", nodes)


def _shown(rule: dict[str, Any]) -> list[Node]:
    nodes: list[Node] = [(name, value) for name in LISTS for value in rule[name]]
    return nodes + [(name, rule[name]) for name in SINGLES if rule[name]]


def delete_bucket_cors(call: Call) -> Response:
    call.expect_owner()
    call.app.objects.need_bucket(call.bucket)
    with call.app.store.transaction() as db:
        db.execute("DELETE FROM cors WHERE bucket = ?", (call.bucket,))
    return Response(204)


def _rules(app: App, bucket: str) -> list[dict[str, Any]]:
    found = app.store.connection().execute("SELECT rules FROM cors WHERE bucket = ?", (bucket,))
    row = found.fetchone()
    rules: list[dict[str, Any]] = json.loads(row["rules"]) if row else []
    return rules


def preflight(app: App, request: Request) -> Response | None:
    """The answer to a browser that asks before it calls; None for all other requests.

    Unsigned, as at S3. Raises AwsError AccessForbidden when no rule of the bucket fits.
    """
    if request.method != "OPTIONS":
        return None
    origin, method = request.header("Origin"), request.header("Access-Control-Request-Method")
    if not origin or not method:
        raise AwsError("BadRequest", "Insufficient information. Origin request header needed.")
    rules = _rules(app, _bucket(request))
    if not rules:
        text = "CORSResponse: CORS is not enabled for this bucket."
        raise AwsError("AccessForbidden", text, 403)
    wanted = request.header("Access-Control-Request-Headers").lower().replace(" ", "")
    headers = [name for name in wanted.split(",") if name]
    rule = next((r for r in rules if _fits(r, origin, method, headers)), None)
    if rule is None:
        raise AwsError("AccessForbidden", REFUSED, 403)
    return Response(200, _granted(rule, origin) | _allowed_headers(headers))


def _allowed_headers(names: list[str]) -> dict[str, str]:
    return {"Access-Control-Allow-Headers": ", ".join(names)} if names else {}


def headers(app: App, request: Request) -> dict[str, str]:
    """What an answer to a web page carries, so that its browser shows it the answer."""
    origin = request.header("Origin")
    if not origin:
        return {}
    rules = _rules(app, _bucket(request))
    rule = next((r for r in rules if _fits(r, origin, request.method, [])), None)
    return _granted(rule, origin) if rule else {}


def _bucket(request: Request) -> str:
    return unquote(request.path).removeprefix("/").partition("/")[0]


def _fits(rule: dict[str, Any], origin: str, method: str, headers: list[str]) -> bool:
    return (
        method in rule["AllowedMethod"]
        and any(_matches(origin, pattern) for pattern in rule["AllowedOrigin"])
        and all(
            any(_matches(name, pattern.lower()) for pattern in rule["AllowedHeader"])
            for name in headers
        )
    )


def _matches(text: str, pattern: str) -> bool:
    """A pattern may hold one `*`; nothing else in it is special."""
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))


def _granted(rule: dict[str, Any], origin: str) -> dict[str, str]:
    anybody = "*" in rule["AllowedOrigin"]
    granted = {
        "Access-Control-Allow-Origin": "*" if anybody else origin,
        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethod"]),
        "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }
    if not anybody:
        granted["Access-Control-Allow-Credentials"] = "true"
    if rule["ExposeHeader"]:
        granted["Access-Control-Expose-Headers"] = ", ".join(rule["ExposeHeader"])
    if rule["MaxAgeSeconds"]:
        granted["Access-Control-Max-Age"] = rule["MaxAgeSeconds"]
    return granted

"""S3's XML: small trees out, small documents in."""

from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from localaws.errors import AwsError
from localaws.wire.http import Response

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
Node = tuple[str, "str | list[Node]"]


def response(tag: str, content: str | list[Node], status: int = 200) -> Response:
    root = ET.Element(tag, xmlns=NAMESPACE)
    _fill(root, content)
    return Response(status, {"Content-Type": "application/xml"}, encode(root))


def encode(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body


def _fill(element: ET.Element, content: str | list[Node]) -> None:
    if isinstance(content, str):
        element.text = content
        return
    for tag, inner in content:
        _fill(ET.SubElement(element, tag), inner)


def parse(document: bytes) -> ET.Element:
    """Raises AwsError MalformedXML, also for any document type: nothing S3 reads has one."""
    malformed = AwsError("MalformedXML", "The XML you provided was not well-formed.")
    if b"<!" in document:
        raise malformed
    try:
        return ET.fromstring(document)  # noqa: S314  no DTD, so no entities to expand
    except (ET.ParseError, ValueError):
        raise malformed from None


def error(problem: AwsError, resource: str, request_id: str, *, head: bool) -> Response:
    """S3's error document; a HEAD answer has none."""
    root = ET.Element("Error")
    members = {"Code": problem.code, "Message": problem.message, **problem.extra}
    for name, value in (members | {"Resource": resource, "RequestId": request_id}).items():
        ET.SubElement(root, name).text = str(value)
    body = b"" if head or problem.status in {204, 304} else encode(root)
    return Response(problem.status, {"Content-Type": "application/xml"}, body)


def moment(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}Z"


def http_date(when: datetime) -> str:
    return format_datetime(when.replace(microsecond=0), usegmt=True)


def flag(value: object) -> str:
    return "true" if value else "false"


def quoted(etag: str) -> str:
    return f'"{etag}"'

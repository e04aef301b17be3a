"""JSON bodies to Python values and back, by shape (protocols JSON 1.0, 1.1 and REST-JSON)."""

import json
from base64 import b64encode
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localaws.wire.scalars import FRACTIONS, INTEGERS, blob, iso, timestamp
from localaws.wire.validation import serialization


def load(text: bytes, shape: StructureShape | None) -> dict[str, Any]:
    """Raises AwsError SerializationException for JSON of another form than the shape's."""
    try:
        document = json.loads(text or b"{}")
    except (ValueError, RecursionError):
        raise serialization("The request body is not valid JSON") from None
    if not isinstance(document, dict):
        raise serialization("Start of structure expected")
    return _structure(document, shape) if shape else {}


def _structure(document: dict[str, Any], shape: StructureShape) -> dict[str, Any]:
    """Unknown members are ignored, nulls are absent: so do Amazon's services."""
    found = {}
    for name, member in shape.members.items():
        value = document.get(member.serialization.get("name", name))
        if value is not None:
            found[name] = parse(value, member)
    return found


def parse(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(_expect(value, dict), shape)
    if isinstance(shape, ListShape):
        return [parse(item, shape.member) for item in _expect(value, list) if item is not None]
    if isinstance(shape, MapShape):
        entries = _expect(value, dict).items()
        return {key: parse(item, shape.value) for key, item in entries if item is not None}
    return _scalar(value, shape)


def _expect(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        names = {dict: "structure or map", list: "list", str: "String", bool: "Boolean"}
        raise serialization(f"{_kind(value)} can not be converted to a {names[kind]}")
    return value


def _kind(value: Any) -> str:
    names = {bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}
    return names.get(type(value), "COLLECTION_VALUE")


def _scalar(value: Any, shape: Shape) -> Any:
    kind = shape.type_name
    if kind in INTEGERS | FRACTIONS:
        return _number(value, kind)
    if kind == "timestamp":
        return timestamp(value)
    if kind == "blob":
        return blob(value)
    return _expect(value, bool if kind == "boolean" else str)


def _number(value: Any, kind: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        article = "an Integer" if kind in INTEGERS else "a Float"
        raise serialization(f"{_kind(value)} can not be converted to {article}")
    if kind in FRACTIONS:
        return float(value)
    if value != int(value):
        raise serialization("NUMBER_VALUE with a fraction can not be converted to an Integer")
    return int(value)


def dump(answer: dict[str, Any], shape: StructureShape | None) -> bytes:
    """Members without a value, or unknown to the shape, are left out."""
    return json.dumps(render(answer, shape) if shape else {}, allow_nan=False).encode()


def render(value: Any, shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return {
            member.serialization.get("name", name): render(value[name], member)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [render(item, shape.member) for item in value]
    if isinstance(shape, MapShape):
        return {key: render(item, shape.value) for key, item in value.items()}
    return _render_scalar(value, shape)


def _render_scalar(value: Any, shape: Shape) -> Any:
    if isinstance(value, datetime):
        is_iso = shape.serialization.get("timestampFormat") == "iso8601"
        return iso(value) if is_iso else round(value.timestamp(), 3)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value

"""The Query protocol: form parameters in, XML out (STS, IAM, CloudWatch of older SDKs)."""

import re
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from localaws.errors import AwsError
from localaws.wire.scalars import from_text, to_text
from localaws.wire.validation import serialization

Parameters = dict[str, str]
MOST_ITEMS = 2000


def load(parameters: Parameters, shape: StructureShape | None) -> dict[str, Any]:
    """`A.member.2.B=x` and the like, by shape."""
    return _structure(parameters, shape, "") if shape else {}


def _structure(parameters: Parameters, shape: StructureShape, prefix: str) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        value = _value(parameters, member, prefix + member.serialization.get("name", name))
        if value is not None:
            found[name] = value
    return found


def _value(parameters: Parameters, shape: Shape, name: str) -> Any:
    if not isinstance(shape, StructureShape | ListShape | MapShape):
        text = parameters.get(name)
        return None if text is None else from_text(text, shape)
    if not any(key == name or key.startswith(f"{name}.") for key in parameters):
        return None
    if isinstance(shape, StructureShape):
        return _structure(parameters, shape, f"{name}.")
    if isinstance(shape, ListShape):
        return _list(parameters, shape, name)
    return _map(parameters, shape, name)


def _list(parameters: Parameters, shape: ListShape, name: str) -> list[Any]:
    base = name if shape.serialization.get("flattened") else f"{name}.{_item_name(shape)}"
    items = (_value(parameters, shape.member, f"{base}.{n}") for n in _numbers(parameters, base))
    return [item for item in items if item is not None]


def _map(parameters: Parameters, shape: MapShape, name: str) -> dict[str, Any]:
    base = name if shape.serialization.get("flattened") else f"{name}.entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    return {
        parameters.get(f"{base}.{n}.{key_name}", ""): _value(
            parameters, shape.value, f"{base}.{n}.{value_name}"
        )
        for n in _numbers(parameters, base)
    }


def _item_name(shape: ListShape) -> str:
    return str(shape.member.serialization.get("name", "member"))


def _numbers(parameters: Parameters, base: str) -> list[int]:
    pattern = re.compile(re.escape(base) + r"\.(\d{1,6})(?:\.|$)")
    numbers = {int(match[1]) for key in parameters if (match := pattern.match(key))}
    if len(numbers) > MOST_ITEMS:
        raise serialization(f"{base} has too many items")
    return sorted(numbers)


def dump(answer: dict[str, Any], operation: OperationModel, request_id: str) -> bytes:
    """The whole document of a success."""
    namespace = str(operation.service_model.metadata.get("xmlNamespace", ""))
    root = ET.Element(f"{operation.name}Response", xmlns=namespace)
    shape = operation.output_shape
    if isinstance(shape, StructureShape):
        wrapper = shape.serialization.get("resultWrapper")
        _fill(ET.SubElement(root, wrapper) if wrapper else root, answer, shape)
    metadata = ET.SubElement(root, "ResponseMetadata")
    ET.SubElement(metadata, "RequestId").text = request_id
    return _encode(root)


def _fill(element: ET.Element, value: Any, shape: Shape) -> None:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _add(element, member.serialization.get("name", name), value[name], member)
    elif isinstance(shape, ListShape):
        for item in value:
            _add(element, _item_name(shape), item, shape.member)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            entry = ET.SubElement(element, "entry")
            ET.SubElement(entry, shape.key.serialization.get("name", "key")).text = key
            _add(entry, shape.value.serialization.get("name", "value"), item, shape.value)
    else:
        element.text = to_text(value, shape)


def _add(parent: ET.Element, name: str, value: Any, shape: Shape) -> None:
    if isinstance(shape, ListShape) and shape.serialization.get("flattened"):
        for item in value:
            _fill(ET.SubElement(parent, name), item, shape.member)
    else:
        _fill(ET.SubElement(parent, name), value, shape)


def error(problem: AwsError, request_id: str) -> bytes:
    root = ET.Element("ErrorResponse")
    body = ET.SubElement(root, "Error")
    ET.SubElement(body, "Type").text = "Sender" if problem.status < 500 else "Receiver"
    ET.SubElement(body, "Code").text = problem.code
    ET.SubElement(body, "Message").text = problem.message
    ET.SubElement(root, "RequestId").text = request_id
    return _encode(root)


def _encode(root: ET.Element) -> bytes:
    body: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return body

"""Payloads of InvokeEndpoint to features.

https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from localaws.algorithms.firstparty.channels import CSV, media_type
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio import tables
from localaws.algorithms.recordio.messages import Tensor
from localaws.algorithms.recordio.tables import Features, Floats

JSON, JSONLINES = "application/json", "application/jsonlines"
ALL = (CSV, JSON, JSONLINES, RECORDIO)


class UnsupportedContent(Exception):
    """The server does not read this Content-Type."""


def features(payload: bytes, content_type: str, kinds: tuple[str, ...] = ALL) -> Features:
    """(n, width) rows. Raises UnsupportedContent, and ValueError for what cannot be read."""
    media = media_type(content_type or (CSV if CSV in kinds else RECORDIO))
    if media.kind not in kinds:
        raise UnsupportedContent(
            f"Content-type {media.kind} is not supported. Supported: {', '.join(kinds)}."
        )
    if not payload.strip():
        raise ValueError("the payload is empty")
    if media.kind == CSV:
        size = media.label_size(default=0)
        return _csv(payload)[:, size:]
    if media.kind == RECORDIO:
        return tables.read(payload).features
    if media.kind == JSONLINES:
        return _rows([json.loads(line) for line in payload.splitlines() if line.strip()])
    return _rows(_instances(json.loads(payload)))


def _csv(payload: bytes) -> Floats:
    rows: Floats = np.loadtxt(
        io.BytesIO(payload), np.float32, comments=None, delimiter=",", ndmin=2
    )
    return rows


def _instances(content: Any) -> list[Any]:
    instances = content.get("instances") if isinstance(content, dict) else None
    if not instances or not isinstance(instances, list):
        raise ValueError("the body has no list of 'instances', or an empty one")
    return instances


def _rows(instances: list[Any]) -> Features:
    found = [_tensor(instance, at) for at, instance in enumerate(instances)]
    width = found[0].values.size if found[0].shape is None else found[0].shape
    for at, tensor in enumerate(found):
        if (tensor.values.size if tensor.shape is None else tensor.shape) != width:
            raise ValueError(f"instance {at} differs from the first one in its number of features")
    if all(tensor.shape is None for tensor in found):
        return np.stack([tensor.values for tensor in found])
    return tables.sparse(found, width)


def _tensor(instance: Any, at: int) -> Tensor:
    """`{"features": [..]}` or `{"data": {"features": {"values": [..], "keys", "shape"}}}`."""
    try:
        given = instance["data"]["features"] if "data" in instance else instance["features"]
        if not isinstance(given, dict):
            return Tensor(_vector(given))
        values = _vector(given["values"])
        if "keys" not in given:
            return Tensor(values)
        keys, (shape,) = np.array(given["keys"], np.int64), given["shape"]
        return Tensor(values, keys, int(shape))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"instance {at} has no features: {error!r}") from error


def _vector(values: Any) -> Floats:
    vector = np.array(values, np.float32)
    if vector.ndim != 1:
        raise ValueError("features must be a flat list of numbers")
    return vector

"""Predictions to the body that Accept asks for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.firstparty.channels import CSV, MediaType, media_type
from localaws.algorithms.firstparty.requests import JSON, JSONLINES
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio import frames, messages
from localaws.algorithms.recordio.messages import Record, Tensor
from localaws.algorithms.serving import Answer

Columns = Mapping[str, NDArray[Any]]
"""Name to one value, or one vector, per row; integers stay integers in JSON."""

_ANY = {"*/*", "application/*"}


class UnsupportedAccept(Exception):
    """The server does not write what the Accept header asks for."""


def accepted(header: str) -> MediaType:
    """The first of the header's types that can be written; JSON unless it says otherwise.

    Raises UnsupportedAccept.
    """
    if not header or header == "*/*":
        header = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
    for wanted in map(media_type, header.split(",")):
        if wanted.kind in {JSON, JSONLINES, RECORDIO, CSV}:
            return wanted
        if wanted.kind in _ANY:
            return MediaType(JSON, wanted.parameters)
    raise UnsupportedAccept(
        f"Accept type {header} is not supported. Supported: {JSON}, {JSONLINES}, {RECORDIO}, {CSV}."
    )


def answer(columns: Columns, kind: str, key: str) -> Answer:
    """`key` names the list in the JSON form. `text/csv` has the values without their names."""
    if kind == RECORDIO:
        return Answer(_records(columns), RECORDIO)
    lists = [values.tolist() for values in columns.values()]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]
    if kind == JSON:
        return Answer(json.dumps({key: rows}).encode(), JSON)
    write = json.dumps if kind == JSONLINES else _line
    return Answer("".join(f"{write(row)}\n" for row in rows).encode(), kind)


def _line(row: dict[str, Any]) -> str:
    cells = (value if isinstance(value, list) else [value] for value in row.values())
    return ",".join(map(str, chain.from_iterable(cells)))


def _records(columns: Columns) -> bytes:
    floats = {name: values.astype(np.float32) for name, values in columns.items()}
    count = len(next(iter(floats.values())))
    return b"".join(
        frames.framed(
            messages.encode(
                Record(label={name: Tensor(np.atleast_1d(v[at])) for name, v in floats.items()})
            )
        )
        for at in range(count)
    )

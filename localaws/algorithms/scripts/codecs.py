"""The toolkit's encoders: JSON, CSV and .npy to NumPy and back."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
TEXT = (JSON, CSV)


class Unsupported(Exception):
    """No default for this type: the script must bring its own function."""

    def __init__(self, content_type: str, status: int) -> None:
        self.status = status
        super().__init__(
            f"Content type {content_type} is not supported by this framework.\n\nPlease implement "
            "input_fn to deserialize the request data or an output_fn to serialize the response."
        )


def decode(payload: str | bytes, content_type: str) -> Any:
    """Rows as an array; a single CSV line is one row. Raises Unsupported and ValueError."""
    if content_type == JSON:
        return np.array(json.loads(payload))
    if content_type == CSV:
        text = payload if isinstance(payload, str) else payload.decode()
        return np.genfromtxt(io.StringIO(text), delimiter=",", ndmin=2)
    if content_type == NPY and isinstance(payload, bytes):
        return np.load(io.BytesIO(payload), allow_pickle=False)
    raise Unsupported(content_type, 415)


def encode(values: object, accept: str) -> bytes:
    """Raises Unsupported."""
    table = np.asarray(values)
    if accept == JSON:
        return json.dumps(table.tolist()).encode()
    if accept == CSV:
        text = io.StringIO()
        np.savetxt(text, np.atleast_1d(table), delimiter=",", fmt="%s")
        return text.getvalue().encode()
    if accept == NPY:
        raw = io.BytesIO()
        np.save(raw, table, allow_pickle=False)
        return raw.getvalue()
    raise Unsupported(accept, 406)


def preferred(accept: str, default: str) -> str:
    """The first media type of an Accept header; `default` for none and for any."""
    first = accept.partition(",")[0].partition(";")[0].strip().lower()
    return default if first in {"", "*/*", "application/*"} else first

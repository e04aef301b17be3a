"""`python -m localaws.algorithms.scripts.tensorflow train|serve`.

Serving: github.com/aws/sagemaker-tensorflow-serving-container.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import traceback
from dataclasses import dataclass, field
from typing import Any

from localaws.algorithms import container, serving
from localaws.algorithms.scripts import handlers, training
from localaws.algorithms.scripts.handlers import Function
from localaws.algorithms.serving import Answer

_JSON, _CSV = "application/json", "text/csv"
_JSON_TYPES = (_JSON, "application/jsonlines", "application/jsons")
_TFS_JSON = re.compile(r'"(instances|inputs|examples)"\s*:')
_JSON_LINES = re.compile(r"[}\]]\s*[\[{]")


class Unsupported(Exception):
    """A content type that the container does not turn into a request."""


@dataclass(frozen=True)
class Context:
    """What input_handler and output_handler get to know of the request."""

    request_content_type: str
    accept_header: str
    content_length: int
    model_name: str = "model"
    model_version: str | None = None
    method: str = "predict"
    rest_uri: str = ""
    grpc_port: str = ""
    custom_attributes: str = ""


@dataclass(frozen=True)
class Response:
    """What TensorFlow Serving answered, as output_handler expects it of `requests`."""

    content: bytes
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": _JSON})

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


def wrapped(payload: bytes, kind: str) -> bytes:
    """A payload as the request of TensorFlow Serving. Raises Unsupported.

    JSON that names `instances` or `inputs` passes as it is.
    """
    if kind == _CSV:
        return json.dumps({"instances": _rows(payload.decode())}).encode()
    if kind not in _JSON_TYPES:
        raise Unsupported(f"Unsupported Media Type: {kind or 'Unknown'}")
    text = payload.decode().strip()
    if _TFS_JSON.search(text):
        return payload
    if _JSON_LINES.search(text) and not text.startswith("[["):
        lines = [line for line in text.splitlines() if line.strip()]
        return f'{{"instances":[{",".join(lines)}]}}'.encode()
    table = text if re.match(r"\[\s*\[", text) else f"[{text}]"
    return f'{{"instances":{table}}}'.encode()


def _rows(text: str) -> list[Any]:
    """Numbers where the fields are numbers; a line of one field is a scalar."""
    rows = [[_field(item) for item in line.split(",")] for line in text.split("\n") if line.strip()]
    return [row if len(row) > 1 else row[0] for row in rows]


def _field(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip().strip('"')


@dataclass(frozen=True)
class Endpoint:
    served: Any
    before: Function | None
    after: Function | None

    def answer(self, payload: bytes, content_type: str, accept: str) -> Answer:
        """400 as TensorFlow Serving words it, 415 for other types, 500 for the script's errors."""
        kind = content_type.partition(";")[0].strip().lower()
        context = Context(kind, accept, len(payload))
        try:
            asked = self._asked(payload, kind, context)
            response = self._response(asked)
            if self.after is None or response.status_code != 200:
                return Answer(response.content, _JSON, response.status_code)
            body, answered = self.after(response, context)
        except Unsupported as error:
            return Answer(json.dumps({"error": str(error)}).encode(), _JSON, 415)
        except Exception as error:  # noqa: BLE001  the script may raise anything; the endpoint lives
            traceback.print_exc(file=sys.stdout)
            text = json.dumps({"error": f"{type(error).__name__}: {error}"})
            return Answer(text.encode(), _JSON, 500)
        return Answer(body if isinstance(body, bytes) else str(body).encode(), answered)

    def _asked(self, payload: bytes, kind: str, context: Context) -> bytes:
        if self.before is None:
            return wrapped(payload, kind)
        body = self.before(io.BytesIO(payload), context)
        return body if isinstance(body, bytes) else str(body).encode()

    def _response(self, asked: bytes) -> Response:
        from localaws.algorithms.scripts import saved_model

        try:
            return Response(self.served.predict(asked))
        except saved_model.BadRequest as error:
            return Response(json.dumps({"error": str(error)}).encode(), 400)


def _serve(server: container.Container) -> None:
    """Raises container.UserError when there is no SavedModel, or the script does not fit."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from localaws.algorithms.scripts import saved_model

    script = handlers.script(server)
    if hasattr(script, "handler"):
        raise container.UserError(
            "inference.py defines handler, which talks to TensorFlow Serving itself; here there "
            "is none. Define input_handler and output_handler."
        )
    before, after = (getattr(script, f"{name}_handler", None) for name in ("input", "output"))
    serving.run(Endpoint(saved_model.load(server.model), before, after).answer)


if __name__ == "__main__":
    container.main(training.trainer("sagemaker_tensorflow_container"), _serve)

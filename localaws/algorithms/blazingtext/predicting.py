"""`serve` of the algorithm: labels with probabilities, or word vectors.

https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext.html#blazingtext-inference
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localaws.algorithms import serving
from localaws.algorithms.blazingtext import binary
from localaws.algorithms.blazingtext.training import CLASSIFIER, VECTORS
from localaws.algorithms.container import Container, UserError
from localaws.algorithms.serving import Answer

_JSON, _JSONLINES = "application/json", "application/jsonlines"


class Unreadable(Exception):
    """The payload is not what its content type says."""


def serve(server: Container) -> None:
    """Raises UserError when there is no readable model."""
    serving.run(Model(load(server.model)).answer)


def load(folder: Path) -> Any:
    """The fastText model in `folder`: model.bin, else vectors.bin, else the only binary."""
    named = [folder / CLASSIFIER, folder / VECTORS, *sorted(folder.rglob("*.bin"))]
    path = next((path for path in named if path.is_file()), None)
    if path is None:
        raise UserError("Unable to load model: the model directory holds no .bin file.")
    try:
        return binary.load(path)
    except ValueError as error:
        raise UserError(f"Unable to load model: {error}") from error


@dataclass(frozen=True)
class Model:
    fitted: Any

    def answer(self, payload: bytes, content_type: str, accept: str) -> Answer:
        """400 for a malformed payload, 406 for an Accept of another kind, 415 for other types."""
        kind = content_type.partition(";")[0].strip().lower() or _JSON
        if kind not in {_JSON, _JSONLINES}:
            return Answer(f"Content type {kind} is not supported.".encode(), status=415)
        wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
        if not wanted & {"", "*/*", "application/*", kind}:
            return Answer(f"Accept must be {kind}, as the content type.".encode(), status=406)
        try:
            items = _items(payload, lines=kind == _JSONLINES)
            found = [self._result(text, k) for text, k in items]
        except Unreadable as error:
            return Answer(str(error).encode(), status=400)
        if kind == _JSON:
            return Answer(json.dumps(found).encode(), _JSON)
        return Answer("".join(f"{json.dumps(item)}\n" for item in found).encode(), _JSONLINES)

    def _result(self, text: str, k: int) -> dict[str, Any]:
        if self.fitted.f.getArgs().model.name != "supervised":
            return {"vector": self.fitted.get_word_vector(text).tolist(), "word": text}
        # The list form of predict repeats the first probability with NumPy 2, and the other fails.
        pairs = self.fitted.f.predict(" ".join(text.split()) + "\n", k, 0.0, "strict")
        return {
            "label": [label for _, label in pairs],
            "prob": [min(probability, 1.0) for probability, _ in pairs],
        }


def _items(payload: bytes, *, lines: bool) -> list[tuple[str, int]]:
    """(text, k) of every instance. Raises Unreadable."""
    try:
        if lines:
            entries = [json.loads(line) for line in payload.decode().splitlines() if line.strip()]
            return [(_text(entry["source"]), _count(entry)) for entry in entries]
        document = json.loads(payload)
        count = _count(document.get("configuration") or {})
        return [(_text(text), count) for text in document["instances"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        shape = '{"source": "text", "k": 1} per line' if lines else '{"instances": ["text"]}'
        raise Unreadable(f"The payload must be {shape}: {error!r}") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _count(settings: dict[str, Any]) -> int:
    count = settings.get("k", 1)
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"k is {count!r}, not a positive whole number")
    return count

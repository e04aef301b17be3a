"""DataProcessing: filter records on the way in, join answers to them, filter on the way out.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localaws.engine.transform import paths
from localaws.engine.transform.paths import Select

CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"


class Unprocessable(Exception):
    """Records and answers do not fit together; the text says how."""


@dataclass(frozen=True)
class Processing:
    """`kind` is the content type of the records, `accept` that of the answers."""

    kind: str
    accept: str
    before: Select | None
    after: Select | None
    joins: bool

    def reduced(self, record: bytes) -> bytes:
        """What the model gets to see of a record. Raises Unprocessable and NothingThere."""
        if self.before is None:
            return record
        return _dump(self.kind, self.before(_load(self.kind, record)))

    def finished(self, records: list[bytes], answer: bytes) -> list[bytes]:
        """The output for a batch, in pieces. Raises Unprocessable and NothingThere."""
        if not self.joins and self.after is None:
            return [answer]
        answers = [_load(self.accept, part) for part in _parts(self.accept, answer)]
        if not self.joins:
            return [self._filtered(self.accept, item) for item in answers]
        if len(answers) != len(records):
            raise Unprocessable(
                f"The model gave {len(answers)} answers to {len(records)} records: they cannot be "
                "joined."
            )
        pairs = zip(records, answers, strict=True)
        return [self._filtered(self.kind, self._joined(record, item)) for record, item in pairs]

    def _filtered(self, kind: str, item: Any) -> bytes:
        return _dump(kind, item if self.after is None else self.after(item))

    def _joined(self, record: bytes, answer: Any) -> Any:
        """CSV columns side by side; an object gets one more key."""
        given = _load(self.kind, record)
        if self.kind == CSV:
            return [*given, *(answer if isinstance(answer, list) else [answer])]
        if isinstance(given, dict):
            return given | {"SageMakerOutput": answer}
        return {"SageMakerInput": given, "SageMakerOutput": answer}


def of(job: dict[str, Any]) -> Processing:
    """From the members of CreateTransformJob. Raises BadPath, and Unprocessable."""
    given = job.get("DataProcessing", {})
    kind = _kind(job["TransformInput"].get("ContentType", ""))
    accept = _kind(job["TransformOutput"].get("Accept", "")) or kind
    before, after = given.get("InputFilter", "$"), given.get("OutputFilter", "$")
    joins = given.get("JoinSource", "None") == "Input"
    if (joins or before != "$") and not kind:
        raise Unprocessable(f"DataProcessing needs a ContentType of {CSV}, {JSON} or {LINES}.")
    if (joins or after != "$") and not accept:
        raise Unprocessable(f"DataProcessing needs an Accept of {CSV}, {JSON} or {LINES}.")
    if joins and (kind == CSV) != (accept == CSV):
        raise Unprocessable(f"Records of {kind} and answers of {accept} can not be joined.")
    return Processing(kind, accept, _path(before), _path(after), joins)


def _path(text: str) -> Select | None:
    select: Callable[[Any], Any] = paths.compiled(text)
    return None if text == "$" else select


def _kind(content_type: str) -> str:
    plain = content_type.partition(";")[0].strip().lower()
    return plain if plain in {CSV, JSON, LINES} else ""


def _parts(kind: str, answer: bytes) -> list[bytes]:
    """One per record: JSON is one answer, unless there is one per line."""
    lines = [line for line in answer.splitlines() if line.strip()]
    if kind != JSON or len(lines) < 2:
        return lines
    try:
        json.loads(answer)
    except ValueError:
        return lines
    return [answer]


def _load(kind: str, text: bytes) -> Any:
    try:
        if kind == CSV:
            return next(csv.reader([text.decode()]))
        return json.loads(text)
    except (ValueError, csv.Error) as error:
        raise Unprocessable(f"What should be {kind} is not: {error}") from error


def _dump(kind: str, item: Any) -> bytes:
    if kind != CSV:
        return json.dumps(item).encode()
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(item if isinstance(item, list) else [item])
    return text.getvalue().encode()

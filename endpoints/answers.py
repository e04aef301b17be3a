"""From a model's response to answers that people read: labels, probabilities, numbers."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

THRESHOLD = 0.5


class Unreadable(ValueError):
    """The response is not one answer a row in a format known here; says what was found."""


class Recipe(Protocol):
    """What a preparation knows: binary, multiclass or regression, and labels[code]."""

    @property
    def task(self) -> str: ...

    @property
    def labels(self) -> Any: ...


@dataclass(frozen=True)
class Answer:
    """One row's answer. `value` is the model's own number, where it gave a single one.

    For classes: `code` and `label` of the likeliest, `probabilities` by code when the model tells
    them (multi:softmax and raw margins do not).
    """

    value: float | None = None
    code: int | None = None
    label: str = ""
    probabilities: tuple[float, ...] = ()

    @property
    def probability(self) -> float | None:
        """Of `label`."""
        if self.code is None or self.code >= len(self.probabilities):
            return None
        return self.probabilities[self.code]


def decode(
    recipe: Recipe | None, body: bytes, content_type: str, *, rows: int | None = None
) -> list[Answer]:
    """One answer a row of a SageMaker response in text/csv or application/json.

    Without a recipe the numbers stand for themselves. `rows`, when known, is checked, and tells
    the one-line CSV of XGBoost images up to 1.2-1 (every row's answer comma-joined) apart.
    Sources: aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py; the response formats
    page of SageMaker's common inference formats. `Unreadable` for anything else.
    """
    scores = _scores(body.decode(errors="replace"), content_type, rows)
    if not scores or (rows is not None and len(scores) != rows):
        raise Unreadable(f"The model gave {len(scores)} answers to {rows or 'the'} rows.")
    return [_answer(recipe, score) for score in scores]


def top(answer: Answer, recipe: Recipe | None, count: int = 3) -> list[tuple[str, float]]:
    """The `count` likeliest labels with their probabilities, likeliest first."""
    labels = list(recipe.labels) if recipe else []
    ranked = sorted(enumerate(answer.probabilities), key=lambda pair: -pair[1])[:count]
    return [(_name(labels, code), probability) for code, probability in ranked]


def _scores(text: str, content_type: str, rows: int | None) -> list[list[float]]:
    try:
        if "json" in content_type:
            return _from_json(json.loads(text))
        return _from_csv(text, rows)
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"The response is not one answer a row: {text[:80]!r}") from error


def _from_json(document: Any) -> list[list[float]]:
    scores = (entry["score"] for entry in document["predictions"])
    return [_numbers(score if isinstance(score, list) else [score]) for score in scores]


def _from_csv(text: str, rows: int | None) -> list[list[float]]:
    lines = text.strip().splitlines()
    if len(lines) == 1 and rows is not None and rows > 1:
        lines = lines[0].replace("],[", "]\n[").splitlines()
        if len(lines) == 1:
            lines = lines[0].split(",")
    return [_numbers(line.strip("[] ").split(",")) for line in lines]


def _numbers(cells: Sequence[Any]) -> list[float]:
    return [float(cell) for cell in cells]


def _answer(recipe: Recipe | None, score: list[float]) -> Answer:
    single = score[0] if len(score) == 1 else None
    if recipe is None or recipe.task not in ("binary", "multiclass"):
        likeliest = None if single is not None else score.index(max(score))
        return Answer(
            value=single, code=likeliest, probabilities=() if likeliest is None else tuple(score)
        )
    labels = list(recipe.labels)
    if single is None:
        code = score.index(max(score))
        return Answer(code=code, label=_name(labels, code), probabilities=tuple(score))
    if recipe.task == "multiclass":
        code = round(single)
        return Answer(value=single, code=code, label=_name(labels, code))
    return _binary(labels, single)


def _binary(labels: list[Any], score: float) -> Answer:
    """A probability of code 1; a margin (binary:logitraw) shows itself by leaving [0, 1]."""
    if math.isnan(score):
        raise Unreadable("The model answered NaN.")
    if 0 <= score <= 1:
        code = int(score >= THRESHOLD)
        return Answer(score, code, _name(labels, code), (1 - score, score))
    code = int(score > 0)
    return Answer(value=score, code=code, label=_name(labels, code))


def _name(labels: Sequence[Any], code: int) -> str:
    return str(labels[code]) if 0 <= code < len(labels) else f"class {code}"

"""From a model's response to answers that people read: labels, probabilities, numbers."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

THRESHOLD = 0.5
LABEL_MARK = "__label__"


class Unreadable(ValueError):
    """The response is not one answer a row in a format known here; says what was found."""


class Recipe(Protocol):
    """What a preparation knows: its task, labels[code], and their words in a text channel."""

    @property
    def task(self) -> str: ...

    @property
    def labels(self) -> Any: ...

    @property
    def encoding(self) -> Any: ...


@dataclass(frozen=True)
class Neighbour:
    """A training row near the one that was asked about: its label (or number), and how far."""

    label: str
    distance: float


@dataclass(frozen=True)
class Answer:
    """One row's answer. `value` is the model's own number, where it gave a single one.

    For classes: `code` and `label` of the one it chose, `probabilities` by code when the model
    tells them (kNN, multi:softmax and raw margins do not). A cluster is a `code` with the row's
    `distance` to its center; `vector` is a projection; `neighbours` come nearest first, when kNN
    was asked for them; the value of an `anomaly` says how strange the row is.
    """

    value: float | None = None
    code: int | None = None
    label: str = ""
    probabilities: tuple[float, ...] = ()
    distance: float | None = None
    vector: tuple[float, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    is_anomaly: bool = False

    @property
    def votes(self) -> list[tuple[str, int]]:
        """How many of the neighbours have which label, most first."""
        return Counter(neighbour.label for neighbour in self.neighbours).most_common()

    @property
    def probability(self) -> float | None:
        """Of `label`."""
        if self.code is None or self.code >= len(self.probabilities):
            return None
        return self.probabilities[self.code]


@dataclass(frozen=True)
class _Raw:
    """What the model said about one row: its numbers, and what it made of them, if it said so."""

    scores: tuple[float, ...] = ()
    decided: float | None = None
    names: tuple[str, ...] = ()  # of `scores`, where the model answers with words
    cluster: bool = False
    distance: float | None = None
    vector: tuple[float, ...] = ()
    near: tuple[tuple[float, float], ...] = ()  # neighbours: distance, and what they are
    is_anomaly: bool = False


def decode(
    recipe: Recipe | None, body: bytes, content_type: str, *, rows: int | None = None
) -> list[Answer]:
    """One answer a row of a SageMaker response in text/csv or application/json.

    Without a recipe the numbers stand for themselves. `rows`, when known, is checked, and tells
    the one-line CSV of XGBoost images up to 1.2-1 (every row's answer comma-joined) apart.
    Sources: aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py; the response formats
    page of SageMaker's common inference formats. `Unreadable` for anything else.
    """
    said = _said(body.decode(errors="replace"), content_type, rows)
    if not said or (rows is not None and len(said) != rows):
        raise Unreadable(f"The model gave {len(said)} answers to {rows or 'the'} rows.")
    return [_answer(recipe, raw) for raw in said]


def top(answer: Answer, recipe: Recipe | None, count: int = 3) -> list[tuple[str, float]]:
    """The `count` likeliest labels with their probabilities, likeliest first."""
    labels = list(recipe.labels) if recipe else []
    ranked = sorted(enumerate(answer.probabilities), key=lambda pair: -pair[1])[:count]
    return [(_name(labels, code), probability) for code, probability in ranked]


def _said(text: str, content_type: str, rows: int | None) -> list[_Raw]:
    try:
        if "json" in content_type:
            return _from_json(json.loads(text))
        return [_Raw(tuple(score)) for score in _from_csv(text, rows)]
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"The response is not one answer a row: {text[:80]!r}") from error


def _from_json(document: Any) -> list[_Raw]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html, BlazingText's own, and
    plain lists, as the frameworks' toolkits write them.
    """
    if isinstance(document, list):
        return [_from_listed(entry) for entry in document]
    for key in ("predictions", "projections", "scores"):
        if key in document:
            return [
                replace(_from_entry(entry), is_anomaly=key == "scores")
                if isinstance(entry, Mapping)
                else _from_listed(entry)
                for entry in document[key]
            ]
    raise KeyError("predictions")


def _from_listed(entry: Any) -> _Raw:
    if isinstance(entry, Mapping):
        return _from_words(entry)
    return _Raw(tuple(_numbers(entry if isinstance(entry, list) else [entry])))


def _from_entry(entry: Mapping[str, Any]) -> _Raw:
    if "projection" in entry:
        return _Raw(vector=tuple(_numbers(entry["projection"])))
    if "closest_cluster" in entry:
        distance = entry.get("distance_to_cluster")
        return _Raw(
            decided=float(entry["closest_cluster"]),
            cluster=True,
            distance=None if distance is None else float(distance),
        )
    score, decided = entry.get("score"), entry.get("predicted_label")
    if score is None and decided is None:
        raise KeyError("score")
    found = score if isinstance(score, list) else [] if score is None else [score]
    near = zip(_numbers(entry.get("distances", ())), _numbers(entry.get("labels", ())), strict=True)
    return _Raw(
        tuple(_numbers(found)),
        None if decided is None else float(decided),
        near=tuple(sorted(near)),
    )


def _from_words(entry: Mapping[str, Any]) -> _Raw:
    names = [str(name).removeprefix(LABEL_MARK) for name in entry["label"]]
    return _Raw(tuple(_numbers(entry["prob"])), names=tuple(names))


def _from_csv(text: str, rows: int | None) -> list[list[float]]:
    lines = text.strip().splitlines()
    if len(lines) == 1 and rows is not None and rows > 1:
        lines = lines[0].replace("],[", "]\n[").splitlines()
        if len(lines) == 1:
            lines = lines[0].split(",")
    return [_numbers(line.strip("[] ").split(",")) for line in lines]


def _numbers(cells: Sequence[Any]) -> list[float]:
    return [float(cell) for cell in cells]


def _answer(recipe: Recipe | None, raw: _Raw) -> Answer:
    if raw.vector:
        return Answer(vector=raw.vector)
    if raw.cluster and raw.decided is not None:
        code = round(raw.decided)
        return Answer(raw.decided, code, f"cluster {code}", distance=raw.distance)
    labels = list(recipe.labels) if recipe else []
    if raw.names:
        words = (recipe.encoding.get("tokens") if recipe else None) or labels
        return _worded(labels, words, raw)
    if recipe is None or recipe.task not in ("binary", "multiclass"):
        near = tuple(Neighbour(f"{value:.6g}", distance) for distance, value in raw.near)
        return replace(_plain(raw), neighbours=near, is_anomaly=raw.is_anomaly)
    near = tuple(Neighbour(_name(labels, round(code)), distance) for distance, code in raw.near)
    return replace(_classified(recipe.task, labels, raw), neighbours=near)


def _plain(raw: _Raw) -> Answer:
    """Without classes: a number, or the place of the largest of several."""
    if raw.decided is not None and not raw.scores:
        return Answer(value=raw.decided)
    if len(raw.scores) == 1:
        return Answer(value=raw.scores[0])
    return Answer(code=_largest(raw.scores), probabilities=raw.scores)


def _classified(task: str, labels: list[Any], raw: _Raw) -> Answer:
    if len(raw.scores) > 1:
        code = _largest(raw.scores) if raw.decided is None else round(raw.decided)
        return Answer(code=code, label=_name(labels, code), probabilities=raw.scores)
    if raw.scores and task == "binary":
        return _binary(labels, raw.scores[0], raw.decided)
    single = raw.decided if raw.decided is not None else raw.scores[0]
    code = round(single)
    return Answer(value=single, code=code, label=_name(labels, code))


def _worded(labels: list[Any], words: Sequence[Any], raw: _Raw) -> Answer:
    """Words with probabilities, likeliest first; those the preparation does not know stay words."""
    codes = {str(word): code for code, word in enumerate(words)}
    best = codes.get(raw.names[0])
    spread = [0.0] * len(labels)
    for name, score in zip(raw.names, raw.scores, strict=True):
        if name in codes:
            spread[codes[name]] = score
    name = raw.names[0] if best is None else str(labels[best])
    return Answer(raw.scores[0], best, name, tuple(spread) if best is not None else ())


def _largest(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)


def _binary(labels: list[Any], score: float, decided: float | None) -> Answer:
    """A probability of code 1, with the model's own threshold where it decides by itself.

    A margin (binary:logitraw) shows itself by leaving [0, 1].
    """
    if math.isnan(score):
        raise Unreadable("The model answered NaN.")
    is_probability = 0 <= score <= 1
    code = int(score >= THRESHOLD if is_probability else score > 0)
    if decided is not None:
        code = round(decided)
    known = (1 - score, score) if is_probability else ()
    return Answer(score, code, _name(labels, code), known)


def _name(labels: Sequence[Any], code: int) -> str:
    return str(labels[code]) if 0 <= code < len(labels) else f"class {code}"

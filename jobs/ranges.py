"""What a tuning job may try, checked against the catalogue and the data. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from jobs.catalogue.definition import Algorithm, Data, Errors, Hyperparameter, Kind
from jobs.hyperparameters import checked, parsed

MOST_RANGES = 30  # https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
MOST_JOBS, MOST_PARALLEL = 750, 100
STRATEGIES = ("Bayesian", "Random", "Grid", "Hyperband")
SCALINGS = ("Auto", "Linear", "Logarithmic", "ReverseLogarithmic")
COUNTS_ROWS = frozenset({"k", "mini_batch_size", "sample_size"})
NUMERIC = {Kind.INTEGER: "integer", Kind.CONTINUOUS: "continuous"}


@dataclass(frozen=True)
class Span:
    """One hyperparameter's range: `low` to `high` as text, or one of `values`."""

    name: str
    kind: str  # integer, continuous or categorical
    low: str = ""
    high: str = ""
    scaling: str = "Auto"
    values: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "low": self.low,
            "high": self.high,
            "scaling": self.scaling,
            "values": list(self.values),
        }


@dataclass(frozen=True)
class Wish:
    """A checked search: the static hyperparameters as sent, the ranges, and every error by field.

    A range's errors stand under `ranges.<name>`, a hyperparameter's under `hyperparameters.<name>`.
    """

    texts: dict[str, str]
    spans: tuple[Span, ...]
    errors: Errors


def suggested(algorithm: Algorithm, rows: int = 0) -> list[Span]:
    """The ranges that Amazon recommends, for a form to begin with.

    What counts training rows ends at `rows` of them, when they are known.
    """
    found: list[Span] = []
    for one in algorithm.hyperparameters:
        if one.tunable:
            low, high = one.tunable.low, one.tunable.high
            if rows and one.name in COUNTS_ROWS:
                low, high = min(low, max(1, rows // 2)), min(high, rows)
            scale = one.tunable.scale
            found.append(Span(one.name, NUMERIC[one.kind], _figure(low), _figure(high), scale))
        elif one.tune_values:
            found.append(Span(one.name, "categorical", values=one.tune_values))
    return found


def listed(span: Span) -> tuple[str, ...]:
    """Values for a grid to begin with: the ends of a range of numbers, and the middle."""
    if span.values:
        return span.values
    low, high = float(span.low), float(span.high)
    middle = (low * high) ** 0.5 if span.scaling == "Logarithmic" else (low + high) / 2
    if span.kind == "integer":
        middle = round(middle)
    return tuple(dict.fromkeys((span.low, f"{middle:.4g}", span.high)))


def check(  # noqa: PLR0913  # a search's parts, all by name
    algorithm: Algorithm,
    data: Data,
    *,
    texts: Mapping[str, str],
    ranges: Sequence[Mapping[str, Any]],
    objective: str,
    strategy: str,
    max_jobs: int,
    max_parallel: int,
) -> Wish:
    """Everything that would fail at AWS, at once."""
    errors: Errors = {}
    spans = _spans(algorithm, ranges, errors)
    static = {name: text for name, text in texts.items() if name not in spans}
    # Every trial gets one value of each range: the lowest stands for them.
    whole = static | {span.name: span.low or span.values[0] for span in spans.values()}
    found = checked(algorithm, whole, data)
    for name, messages in found.errors.items():
        errors.setdefault(f"{'ranges' if name in spans else 'hyperparameters'}.{name}", messages)
    _check_limits(spans, strategy, max_jobs, max_parallel, errors)
    if strategy == "Hyperband":
        _check_rounds(algorithm, spans, errors)
    _check_objective(algorithm, data, objective, errors)
    sent = {name: text for name, text in found.texts.items() if name not in spans}
    return Wish(sent, tuple(spans.values()), errors)


def _spans(
    algorithm: Algorithm, ranges: Iterable[Mapping[str, Any]], errors: Errors
) -> dict[str, Span]:
    spans: dict[str, Span] = {}
    for given in ranges:
        name = str(given.get("name", ""))
        one = algorithm.by_name.get(name)
        if one is None or one.only_in:
            errors[f"ranges.{name}"] = [f"{algorithm.title} has no hyperparameter {name[:60]!r}."]
        elif one.name in spans:
            errors[f"ranges.{name}"] = [f"{one.name} has two ranges."]
        else:
            try:
                spans[one.name] = _span(one, given)
            except ValueError as problem:
                errors[f"ranges.{one.name}"] = [str(problem)]
    return spans


def _span(one: Hyperparameter, given: Mapping[str, Any]) -> Span:
    """ValueError with a sentence. Numbers may be listed, too."""
    low, high = (str(given.get(edge, "")).strip() for edge in ("low", "high"))
    values = _values(given.get("values", ()))
    lists = one.kind not in NUMERIC or "low" not in given or (values and not low and not high)
    if lists:
        if not values:
            raise ValueError(f"{one.name} needs at least one value to try.")
        return Span(one.name, "categorical", values=tuple(str(parsed(one, v)) for v in values))
    if not low or not high:
        raise ValueError(f"{one.name} needs a lowest and a highest value.")
    bottom, top = (float(parsed(one, text)) for text in (low, high))
    if bottom >= top:
        raise ValueError(f"{one.name}: the lowest value must be below the highest.")
    scaling = str(given.get("scaling") or "Auto")
    if scaling not in SCALINGS:
        raise ValueError(f"{one.name}: the scaling is one of {', '.join(SCALINGS)}.")
    if scaling == "Logarithmic" and bottom <= 0:
        raise ValueError(f"{one.name}: logarithmic scaling needs a lowest value above 0.")
    if scaling == "ReverseLogarithmic" and not (bottom >= 0 and top < 1):
        raise ValueError(f"{one.name}: reverse logarithmic scaling needs values from 0 to below 1.")
    return Span(one.name, NUMERIC[one.kind], low, high, scaling)


def _values(given: Any) -> list[str]:
    texts = re.split(r"[,\n]", given) if isinstance(given, str) else list(given)
    return list(dict.fromkeys(str(text).strip() for text in texts if str(text).strip()))


def _check_limits(
    spans: Mapping[str, Span], strategy: str, max_jobs: int, max_parallel: int, errors: Errors
) -> None:
    if not spans:
        errors.setdefault("ranges", []).append("Choose at least one hyperparameter to vary.")
    if len(spans) > MOST_RANGES:
        errors.setdefault("ranges", []).append(f"At most {MOST_RANGES} hyperparameters can vary.")
    if strategy not in STRATEGIES:
        errors["strategy"] = [f"Choose from {', '.join(STRATEGIES)}."]
    if strategy == "Grid":
        _check_grid(spans.values(), errors)
        max_jobs = min(points(spans.values()), MOST_JOBS)
    if not 1 <= max_jobs <= MOST_JOBS:
        errors["max_jobs"] = [f"Choose 1 to {MOST_JOBS}."]
    if not 1 <= max_parallel <= min(MOST_PARALLEL, max(1, max_jobs)):
        errors["max_parallel"] = [f"Choose 1 to {min(MOST_PARALLEL, max(1, max_jobs))}."]


def _check_grid(spans: Collection[Span], errors: Errors) -> None:
    numeric = [span.name for span in spans if span.kind != "categorical"]
    if numeric:
        errors["strategy"] = [
            f"A grid tries listed values only; {', '.join(numeric)} has a range of numbers."
        ]
    elif points(spans) > MOST_JOBS:
        errors["strategy"] = [f"{points(spans):,} combinations; AWS tries at most {MOST_JOBS}."]


def _check_rounds(algorithm: Algorithm, spans: Mapping[str, Span], errors: Errors) -> None:
    if not algorithm.steps:
        message = f"Hyperband compares trials round by round; {algorithm.title} has no rounds."
        errors.setdefault("strategy", [message])
    elif algorithm.steps in spans:
        errors.setdefault(
            f"ranges.{algorithm.steps}",
            [f"With Hyperband {algorithm.steps} stays the same: the most that a trial may do."],
        )


def rounds(algorithm: Algorithm, texts: Mapping[str, str]) -> int | None:
    """What Hyperband may give a trial at the most: AWS finds it by itself under few names only."""
    if not algorithm.steps:
        return None
    text = texts.get(algorithm.steps) or algorithm.by_name[algorithm.steps].default
    return int(text) if text.isascii() and text.isdigit() else None


def _check_objective(algorithm: Algorithm, data: Data, objective: str, errors: Errors) -> None:
    names = [metric.name for metric in algorithm.metrics if metric.is_objective]
    if objective not in names:
        offered = ", ".join(names[:12]) or "none: it cannot be tuned"
        errors["objective"] = [f"Choose a metric of {algorithm.title}: {offered}."]
        return
    wanted = objective.partition(":")[0]
    channel = next((one for one in algorithm.channels if one.name == wanted), None)
    splits = {channel.name, channel.split} if channel else {wanted}
    if not splits & set(data.channels):
        errors["objective"] = [f"{objective} needs {wanted} rows; the preparation has none."]


def points(spans: Iterable[Span]) -> int:
    """How many trials a grid has."""
    return prod(max(1, len(span.values)) for span in spans)


def points_of(texts: Iterable[str]) -> int:
    """The same of lists as they are typed."""
    return prod(max(1, len(_values(text))) for text in texts)


def _figure(edge: float) -> str:
    return f"{edge:.12g}" if abs(edge) < 1e12 else repr(edge)

"""What Amazon's own algorithms (not XGBoost) share: how they log, and what the data imply.

Source of the patterns: the metric definitions that Amazon records with a job.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jobs.catalogue.definition import Data, Errors, Implied, Metric, Point, Value, choice

RECORDIO = "application/x-recordio-protobuf"
CSV = "text/csv"
UNLABELLED = "text/csv;label_size=0"

_QUALITY = r"#quality_metric: host=\S+, "
_EPOCH = re.compile(r"\bepoch=(\d{1,9})\b")

Found = Iterator[tuple[str, str]]


def score(name: str, printed: str = "", *, objective: bool = True) -> Metric:
    """More is better. `printed` is what the log calls it, where that differs from its last part."""
    return _quality(name, printed, "score", "maximize", objective=objective)


def loss(name: str, printed: str = "", *, objective: bool = True) -> Metric:
    """Less is better."""
    return _quality(name, printed, "loss", "minimize", objective=objective)


def epoch_loss(name: str, printed: str, *, objective: bool = False) -> Metric:
    """A loss that is logged after each epoch."""
    channel = name.partition(":")[0]
    regex = rf"{_QUALITY}epoch=\S+, {channel} {printed} <loss>=(\S+)"
    return Metric(name, "minimize", regex, is_objective=objective)


def _quality(name: str, printed: str, kind: str, direction: str, *, objective: bool) -> Metric:
    channel, _, last = name.partition(":")
    regex = rf"{_QUALITY}{channel} {printed or last} <{kind}>=(\S+)"
    return Metric(name, direction, regex, is_objective=objective)


class Log:
    """Reads a line with the recorded definitions: the step is its epoch, 0 where it names none."""

    def __init__(self, metrics: Sequence[Metric], marks: Sequence[str] = ("#quality_metric",)):
        self._patterns = [(metric.name, re.compile(metric.regex)) for metric in metrics]
        self._marks = tuple(marks)

    def __call__(self, line: str) -> list[Point]:
        if not any(mark in line for mark in self._marks):
            return []
        epoch = _EPOCH.search(line)
        found: list[Point] = []
        for name, pattern in self._patterns:
            if match := pattern.search(line):
                try:
                    found.append((name, int(epoch[1]) if epoch else 0, float(match[1])))
                except ValueError:  # the log is the container's: what is no number is no point
                    continue
        return found


_WHY = {
    "feature_dim": "the data have {features} features",
    "num_classes": "the target has {labels} labels",
    "predictor_type": "the target is a {task} one",
    "sample_size": "there are {rows} training rows",
    "mini_batch_size": "there are {rows} training rows",
    "mode": "the rows are texts with labels",
}


def implied(data: Data) -> tuple[Implied, ...]:
    """What the preparation found out about hyperparameters, each with its reason."""
    facts = {"features": data.features, "labels": data.labels, "rows": data.rows, "task": data.task}
    return tuple(
        Implied(name, value, f"{_WHY[name].format(**facts).capitalize()}.")
        for name, value in data.implied.items()
        if name in _WHY
    )


def problems(*found: Iterator[tuple[str, str]]) -> Errors:
    """Rules' findings by field."""
    errors: Errors = {}
    for rule in found:
        for name, message in rule:
            errors.setdefault(name, []).append(message)
    return errors


def feature_dim(values: Mapping[str, Value], data: Data) -> Found:
    """Whether it is what the data have."""
    given = values.get("feature_dim")
    if isinstance(given, int) and data.features and given != data.features:
        yield "feature_dim", f"The data have {data.features} features; {given} would fail at AWS."


def batch(values: Mapping[str, Value], data: Data) -> Found:
    """Whether a batch can be filled: some algorithms fail where it is larger than the data."""
    size = values.get("mini_batch_size")
    if isinstance(size, int) and data.rows and size > data.rows:
        yield "mini_batch_size", f"There are only {data.rows} training rows; choose at most that."


def predictor(
    values: Mapping[str, Value], data: Data, fitting: Mapping[str, tuple[str, ...]]
) -> Found:
    """Whether `predictor_type` fits the task; `fitting` maps a task to the types that do."""
    given = str(values.get("predictor_type", ""))
    fits = fitting.get(data.task)
    if given and data.task and fits is None:
        yield "predictor_type", f"This algorithm cannot learn a {data.task} target."
    elif given and fits and given not in fits:
        yield "predictor_type", f"The target is a {data.task} one: use {' or '.join(fits)}."


def no_choice(_texts: Mapping[str, str]) -> str:
    """The headline of an algorithm that logs no quality."""
    return ""


DISTANCES = choice(
    "index_metric",
    *("L2", "INNER_PRODUCT", "COSINE"),
    default="L2",
    help="How near two rows are: the straight line between them (L2), or the angle (COSINE).",
)

"""What every file of a result says, in order: made once from the mapping, set by each format."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from results import matrix, report
from results.exports import grid
from results.matrix import Confusion
from results.report import Average, ClassRow, Figure

Result = Mapping[str, Any]

LARGE = 20  # classes; more are told by their most frequent mistakes
MISTAKES = 25
TASKS = {
    "binary": "two classes",
    "multiclass": "classes",
    "regression": "numbers",
    "clustering": "clusters",
    "anomaly": "unusual rows",
}
MISSING = "□"


@dataclass(frozen=True)
class Measure:
    """A metric beside what a constant guess reaches and the 95 % interval around it."""

    name: str
    label: str
    hint: str
    value: float
    baseline: float | None
    interval: tuple[float, float] | None
    is_share: bool

    @property
    def text_value(self) -> str:
        return self._text(self.value)

    @property
    def text_baseline(self) -> str:
        return "–" if self.baseline is None else self._text(self.baseline)

    def _text(self, value: float) -> str:
        return f"{100 * value:.1f} %" if self.is_share else number(value)

    @property
    def between(self) -> str:
        if self.interval is None:
            return "–"
        low, high = self.interval
        if self.is_share:
            return f"{100 * low:.1f} to {100 * high:.1f} %"
        return f"{number(low)} to {number(high)}"


@dataclass(frozen=True)
class Content:
    title: str
    facts: list[str]
    sentences: list[str]
    measures: list[Measure]
    labels: list[str]
    confusion: list[list[int]]
    classes: list[ClassRow]
    averages: list[Average]
    mistakes: list[Confusion]
    clusters: list[Mapping[str, Any]]
    slices: list[Mapping[str, Any]]
    numbers: list[tuple[str, float | None]]  # every metric as the API tells it

    @property
    def fits(self) -> bool:
        """Whether the whole matrix can be read."""
        return 0 < len(self.labels) <= LARGE

    @property
    def exact(self) -> list[tuple[str, str]]:
        """Every metric, not rounded."""
        return [(name, "–" if value is None else repr(value)) for name, value in self.numbers]


def content(result: Result, *, title: str, drawable: bool = False) -> Content:
    """All that can be told of `result`; `drawable`: only letters that DejaVu Sans has."""
    if not result["confusion"]:
        result = dict(result) | {"labels": []}  # known classes of clusters are told elsewhere
    if drawable:
        result = dict(result) | {"labels": [drawn(label, result) for label in result["labels"]]}
        title = settable(title)
    labels, counts = [str(label) for label in result["labels"]], grid.counts_of(result)
    found = report.report(result)
    outcome = result.get("outcome") or {}
    return Content(
        title=title,
        facts=_facts(result),
        sentences=[settable(one) for one in found.sentences] if drawable else found.sentences,
        measures=_measures(result, found.figures),
        labels=labels,
        confusion=counts,
        classes=found.classes,
        averages=found.averages if found.classes else [],
        mistakes=matrix.confusions(labels, counts, limit=MISTAKES) if len(labels) > 2 else [],
        clusters=outcome.get("clusters") or [],
        slices=outcome.get("slices") or [],
        numbers=sorted(result["metrics"].items()),
    )


def _facts(result: Result) -> list[str]:
    facts = []
    if result.get("algorithm"):
        facts.append(settable(str(result["algorithm"])))
    if (task := result.get("task")) in TASKS:
        facts.append(f"it answers with {TASKS[task]}")
    if result.get("rows"):
        facts.append(f"{result['rows']:,} rows")
    if result.get("split"):
        facts.append(f"split {result['split']}")
    if result.get("threshold") is not None:
        facts.append(f"a score from {number(result['threshold'])} on counts as {_second(result)}")
    if result.get("taken_at"):
        facts.append(f"frozen {str(result['taken_at'])[:16].replace('T', ' ')} UTC")
    return facts


def _second(result: Result) -> str:
    return settable(str(result["labels"][1])) if len(result["labels"]) == 2 else "the second class"


def _measures(result: Result, told: Sequence[Figure]) -> list[Measure]:
    """The metrics that people know first, then the rest but for what is told elsewhere."""
    found = [
        Measure(
            name=one.name,
            label=one.label,
            hint=one.hint,
            value=one.value,
            baseline=one.baseline,
            interval=one.interval,
            is_share=one.is_share,
        )
        for one in told
        if one.value is not None
    ]
    seen = {one.name for one in found}
    more = [
        Measure(name, name.replace("_", " "), "", value, None, None, is_share=False)
        for name, value in result["metrics"].items()
        if value is not None and name not in seen and not name.startswith("baseline_")
    ]
    return [*found, *(one for one in more if not one.name.endswith(("_macro", "_weighted")))]


def number(value: float) -> str:
    if value and not 1e-4 <= abs(value) < 1e7:
        return f"{value:.4g}"
    return f"{value:,.4f}" if abs(value) < 100 else f"{value:,.1f}"


def settable(text: str) -> str:
    """`text` with a box for each letter that DejaVu Sans does not have."""
    letters = _letters()
    return "".join(letter if ord(letter) in letters else MISSING for letter in text)


def drawn(label: object, result: Result) -> str:
    """A class's name in letters that can be drawn; its number where some cannot."""
    name = settable(str(label))
    if name == str(label):
        return name
    return f"{name} (class {result['labels'].index(label) + 1})"


@functools.cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(font("DejaVuSans.ttf"), lazy=True) as opened:
        return frozenset(opened.getBestCmap())


def font(name: str) -> Path:
    """One of the fonts that matplotlib brings along."""
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / name

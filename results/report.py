"""One result as a page shows it, made from plain numbers: live evaluations and frozen snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from results import matrix, scores, summary
from results.matrix import Confusion, Matrix
from results.scores import ClassScore

HELP = {
    "accuracy": ("Accuracy", "share of cases it gets right"),
    "precision": ("Precision", "of those it names, how many are"),
    "recall": ("Recall", "of those there are, how many it finds"),
    "f1": ("F1", "precision and recall in one number"),
    "rmse": ("RMSE", "typical error, large ones count more; lower is better"),
    "mae": ("MAE", "average error; lower is better"),
    "r2": ("R²", "1 is perfect, 0 is no better than the mean"),
}
SCORES = ("precision", "recall", "f1")
SMALL, LARGE = 4, 20  # classes
AVERAGES = {"macro": "Average over classes", "weighted": "Average over cases"}
NUMBERS = {"rmse", "mae", "r2"}
BASELINES = {"accuracy": "baseline_accuracy", "rmse": "baseline_rmse"}


@dataclass(frozen=True)
class Figure:
    """One metric; `baseline` is what a constant guess reaches, where that is defined."""

    name: str
    label: str
    hint: str
    value: float | None
    baseline: float | None

    @property
    def is_share(self) -> bool:
        return self.name not in NUMBERS


@dataclass(frozen=True)
class ClassRow:
    label: str
    score: ClassScore


@dataclass(frozen=True)
class Average:
    """Precision, recall and F1 over every class."""

    label: str
    values: list[float | None]


@dataclass(frozen=True)
class Report:
    sentences: list[str]
    figures: list[Figure]
    classes: list[ClassRow]
    averages: list[Average]
    matrix: Matrix | None  # None for numbers, and for more classes than a table can hold
    confusions: list[Confusion]

    @property
    def is_large(self) -> bool:
        """More classes than an eye can follow along a row."""
        return len(self.classes) > LARGE

    @property
    def is_small(self) -> bool:
        """Narrow enough to stand beside the sentences."""
        return len(self.classes) <= SMALL


def report(result: Mapping[str, Any], *, view: str = "counts") -> Report:
    """What to show of `result`, which holds `labels`, `confusion` and `metrics`."""
    labels, counts, metrics = result["labels"], result["confusion"], result["metrics"]
    fits = labels and len(labels) <= matrix.TABLE_LIMIT
    scored = scores.per_class(counts) if labels else []
    rows = [ClassRow(str(label), score) for label, score in zip(labels, scored, strict=True)]
    return Report(
        sentences=summary.sentences(labels, counts, metrics),
        figures=[_figure(name, metrics, labels) for name in HELP if metrics.get(name) is not None],
        classes=rows,
        averages=[
            Average(label, [metrics.get(f"{score}_{name}") for score in SCORES])
            for name, label in AVERAGES.items()
        ],
        matrix=matrix.table(labels, counts, view) if fits else None,
        confusions=matrix.confusions(labels, counts, limit=20),
    )


def _figure(name: str, metrics: Mapping[str, float | None], labels: list[Any]) -> Figure:
    label, hint = HELP[name]
    if name in SCORES:
        label = f"{label} of {labels[1]}"
    baseline = metrics.get(BASELINES.get(name, ""))
    return Figure(name, label, hint, metrics[name], baseline)

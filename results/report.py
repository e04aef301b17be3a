"""One result as a page shows it, made from plain numbers: live evaluations and frozen snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from results import matrix, scores, summary, threshold
from results.matrix import Confusion, Matrix
from results.scores import ClassScore
from results.threshold import Point

HELP = {
    "accuracy": ("Accuracy", "share of cases it gets right"),
    "balanced_accuracy": ("Balanced accuracy", "accuracy as if all classes were equally frequent"),
    "precision": ("Precision", "of those it names, how many are"),
    "recall": ("Recall", "of those there are, how many it finds"),
    "specificity": ("Specificity", "of the others, how many it leaves alone"),
    "f1": ("F1", "precision and recall in one number"),
    "f1_macro": ("F1, average over classes", "each class counts the same"),
    "f1_weighted": ("F1, average over cases", "each case counts the same"),
    "auc": ("ROC AUC", "how often a wanted case scores above another; 0.5 is guessing"),
    "average_precision": ("Average precision", "precision over all thresholds"),
    "mcc": ("Matthews' correlation", "1 is perfect, 0 is guessing, also with rare classes"),
    "log_loss": ("Log loss", "surprise at the truth; lower is better"),
    "brier": ("Brier score", "squared error of the scores; lower is better"),
    "rmse": ("RMSE", "typical error, large ones count more; lower is better"),
    "mae": ("MAE", "average error; lower is better"),
    "median_error": ("Median error", "half of the errors are smaller; lower is better"),
    "mape": ("MAPE", "average error in per cent of what is true; lower is better"),
    "r2": ("R²", "1 is perfect, 0 is no better than the mean"),
    "ari": ("Adjusted Rand index", "do clusters keep together what labels do; 0 is chance"),
    "nmi": ("Mutual information", "how much clusters and labels tell of each other, 0 to 1"),
    "homogeneity": ("Homogeneity", "1: no cluster mixes labels"),
    "completeness": ("Completeness", "1: no label is spread over clusters"),
    "mean_distance": ("Mean distance", "of a case from its cluster's center"),
    "mean_score": ("Mean score", "how strange a case is on average"),
    "score_deviation": ("Deviation of scores", "how much that differs"),
}
SCORES = ("precision", "recall", "f1")
AVERAGED = ("f1_macro", "f1_weighted")  # of two classes, one is the wanted one
AT_THRESHOLD = ("accuracy", "precision", "recall", "specificity", "f1")
SMALL, LARGE = 4, 20  # classes
AVERAGES = {"macro": "Average over classes", "weighted": "Average over cases"}
SHARES = {"accuracy", "balanced_accuracy", *SCORES, "specificity", *AVERAGED, "mape"}
BASELINES = {"accuracy": "baseline_accuracy", "rmse": "baseline_rmse"}


@dataclass(frozen=True)
class Figure:
    """One metric; `baseline` is the best that the same answer to every row reaches, if defined.

    `interval` holds the true value 95 times out of 100.
    """

    name: str
    label: str
    hint: str
    value: float | None
    baseline: float | None
    interval: tuple[float, float] | None = None

    @property
    def is_share(self) -> bool:
        return self.name in SHARES


@dataclass(frozen=True)
class ClassRow:
    label: str
    score: ClassScore
    code: int = 0
    href: str = ""  # the rows of the class
    examples: str = ""  # a few of them, the worst mistakes first


@dataclass(frozen=True)
class Average:
    """Precision, recall and F1 over every class."""

    label: str
    values: list[float | None]


@dataclass(frozen=True)
class Costs:
    """What mistakes cost at the chosen threshold, and where they would cost least."""

    false_positive: float
    false_negative: float
    here: float
    cheapest: Point | None

    @property
    def least(self) -> float | None:
        if self.cheapest is None:
            return None
        return self.cheapest.cost(self.false_positive, self.false_negative)


@dataclass(frozen=True)
class Report:
    sentences: list[str]
    figures: list[Figure]
    classes: list[ClassRow]
    averages: list[Average]
    matrix: Matrix | None  # None for numbers, and for more classes than a table can hold
    confusions: list[Confusion]
    task: str = ""
    labels: list[str] = field(default_factory=list)
    outcome: Mapping[str, Any] = field(default_factory=dict)
    point: Point | None = None  # of two classes with scores: what holds at the threshold
    costs: Costs | None = None

    @property
    def is_large(self) -> bool:
        """More classes than an eye can follow along a row."""
        return len(self.classes) > LARGE

    @property
    def is_small(self) -> bool:
        """Narrow enough to stand beside the sentences."""
        return len(self.classes) <= SMALL

    @property
    def known(self) -> dict[str, Any] | None:
        """Of clusters beside known labels: the labels, and (cluster, its rows of each label)."""
        counts = self.outcome.get("known")
        if not counts or not self.labels:
            return None
        rows = [(code, row) for code, row in enumerate(counts) if any(row)]
        return {"labels": self.labels, "rows": rows}

    @property
    def top_k(self) -> list[tuple[str, float]]:
        """(k, share of cases whose truth is among the k best guesses)."""
        return list(self.outcome.get("top_k", {}).items())


def report(
    result: Mapping[str, Any],
    *,
    view: str = "counts",
    order: str = "name",
    rows_url: str = "",
    point: Point | None = None,
) -> Report:
    """What to show of `result`, which holds `labels`, `confusion` and `metrics`, and more if it is
    newer: `Evaluation.result` says what. With `rows_url` everything leads to its rows; a `point` is
    what holds at the threshold, when somebody has counted it."""
    labels, metrics = result["labels"], result["metrics"]
    outcome = result.get("outcome") or {}
    point = point or _point(result)
    counts = point.confusion if point else result["confusion"]
    names = labels if counts else []
    cells = f"{rows_url}?threshold={point.threshold}" if rows_url and point else rows_url
    fits = names and len(names) <= matrix.TABLE_LIMIT
    told = [name for name in HELP if len(labels) > 2 or name not in AVERAGED]
    figures = [_figure(name, result, point) for name in told if metrics.get(name) is not None]
    return Report(
        sentences=summary.sentences(labels, counts, metrics, outcome),
        figures=figures,
        classes=_classes(names, counts, rows_url, outcome.get("examples", {})),
        averages=_averages(metrics, point) if names else [],
        matrix=matrix.table(names, counts, view, order=order, rows_url=cells) if fits else None,
        confusions=matrix.confusions(names, counts, limit=20, rows_url=cells) if names else [],
        task=result.get("task", ""),
        labels=[str(label) for label in labels],
        outcome=outcome,
        point=point,
        costs=_costs(result, point),
    )


def _point(result: Mapping[str, Any]) -> Point | None:
    outcome = result.get("outcome") or {}
    if result.get("task") != "binary" or "curve" not in outcome:
        return None
    return threshold.at(outcome, threshold.chosen(result))


def _costs(result: Mapping[str, Any], point: Point | None) -> Costs | None:
    given = result.get("costs") or {}
    first, second = given.get("false_positive"), given.get("false_negative")
    if point is None or first is None or second is None:
        return None
    cheapest = threshold.cheapest(result["outcome"], first, second)
    return Costs(first, second, point.cost(first, second), cheapest)


def _classes(
    labels: list[Any], counts: Any, rows_url: str, examples: Mapping[str, list[int]]
) -> list[ClassRow]:
    scored = scores.per_class(counts) if labels else []
    rows = []
    for code, (label, score) in enumerate(zip(labels, scored, strict=True)):
        told = examples.get(str(code), [])
        some = f"{rows_url}?rows={','.join(map(str, told))}" if rows_url and told else ""
        href = f"{rows_url}?actual={code}" if rows_url else ""
        rows.append(ClassRow(str(label), score, code, href, some))
    return rows


def _averages(metrics: Mapping[str, Any], point: Point | None) -> list[Average]:
    if point is not None:
        metrics = scores.classification(point.confusion)
    return [
        Average(label, [metrics.get(f"{score}_{name}") for score in SCORES])
        for name, label in AVERAGES.items()
    ]


def _figure(name: str, result: Mapping[str, Any], point: Point | None) -> Figure:
    metrics, outcome = result["metrics"], result.get("outcome") or {}
    label, hint = HELP[name]
    if name in SCORES and len(result["labels"]) > 1:
        label = f"{label} of {result['labels'][1]}"
    baseline = outcome.get("baseline", {}).get(name, metrics.get(BASELINES.get(name, "")))
    value, found = metrics[name], outcome.get("intervals", {}).get(name)
    if point is not None and point.confusion != result["confusion"]:
        value, found = _moved(name, point, value, found)
    interval = (found[0], found[1]) if found else None
    return Figure(name, label, hint, value, baseline, interval)


def _moved(
    name: str, point: Point, value: float | None, interval: list[float] | None
) -> tuple[float | None, list[float] | None]:
    """The figure and its interval at a threshold that is not the model's own."""
    from results import binary, intervals

    if name in ("balanced_accuracy", "mcc"):
        import numpy as np

        return binary.rates(np.array(point.confusion))[name], None
    if name not in AT_THRESHOLD:
        return value, interval
    parts = {
        "accuracy": (point.tp + point.tn, point.rows),
        "precision": (point.tp, point.alarms),
        "recall": (point.tp, point.tp + point.fn),
        "specificity": (point.tn, point.tn + point.fp),
    }
    here: float | None = getattr(point, name)
    return here, intervals.wilson(*parts[name]) if name in parts else None

"""The figures of a result by task: which there are, and each laid out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from results.exports import plot
from results.exports.grid import matrix
from results.exports.plot import Drawing, Figure, Series

Result = Mapping[str, Any]
Curve = tuple[Sequence[float], Sequence[float]]

WHOLE = (0.0, 1.0)
GUESS = Series("Guessing", [0, 1], [0, 1], tone="ink-soft", dash=(4, 3))
MOST_POINTS = 1_000
MOST_CLUSTERS = 100


def names(result: Result) -> list[str]:
    """The figures that can be made of `result`, the most telling first."""
    return [name for name, (needs, _) in FIGURES.items() if needs(result)]


def title(name: str) -> str:
    return TITLES[name]


def drawing(
    result: Result, name: str, *, width: float = plot.WIDTH, height: float = plot.HEIGHT
) -> Drawing:
    """KeyError for a figure that this result does not have. The matrix has a size of its own."""
    if name not in names(result):
        raise KeyError(name)
    made = FIGURES[name][1](result)
    return made if isinstance(made, Drawing) else plot.draw(made, width=width, height=height)


def roc(result: Result) -> Curve:
    """Shares of the negatives that are false alarms, and of the positives that are found."""
    outcome = result["outcome"]
    curve = outcome["curve"]
    return (
        [fp / max(1, outcome["negatives"]) for fp in curve["fp"]],
        [tp / max(1, outcome["positives"]) for tp in curve["tp"]],
    )


def pr(result: Result) -> Curve:
    """Recall and precision, where anything is said to be positive."""
    outcome = result["outcome"]
    pairs = zip(outcome["curve"]["tp"], outcome["curve"]["fp"], strict=True)
    said = [(tp, fp) for tp, fp in pairs if tp + fp]
    recall = [tp / max(1, outcome["positives"]) for tp, _ in said]
    return recall, [tp / (tp + fp) for tp, fp in said]


def roc_figure(curves: Sequence[tuple[str, Result]]) -> Figure:
    """The ROC curves of results by name, over each other when there are several."""
    lines = [_line(place, name, roc(one)) for place, (name, one) in enumerate(curves)]
    return Figure(
        name="roc",
        title=TITLES["roc"],
        note="Up: the share of the positive cases that are found. Right: the share of the others "
        "that are false alarms. The closer to the top left corner, the better.",
        x="False alarms among the negative",
        y="Found among the positive",
        series=[*lines, GUESS],
        x_range=WHOLE,
        y_range=WHOLE,
        x_percent=True,
        y_percent=True,
    )


def pr_figure(curves: Sequence[tuple[str, Result]]) -> Figure:
    """The curves of precision by recall."""
    lines = [_line(place, name, pr(one)) for place, (name, one) in enumerate(curves)]
    return Figure(
        name="pr",
        title=TITLES["pr"],
        note="Right: the share of the positive cases that are found. Up: how many of those it "
        "names are right. The closer to the top right corner, the better.",
        x="Recall: found among the positive",
        y="Precision: right among the named",
        series=lines,
        x_range=WHOLE,
        y_range=(0.0, 1.02),
        x_percent=True,
        y_percent=True,
    )


def calibration_figure(curves: Sequence[tuple[str, Result]]) -> Figure:
    lines = []
    for place, (name, one) in enumerate(curves):
        bins = [box for box in one["outcome"]["calibration"] if box.get("rows")]
        found = [box["mean"] for box in bins], [box["observed"] for box in bins]
        lines.append(_line(place, name, found))
        lines.append(Series("", *found, kind="dots", tone=plot.tone(place)))
    return Figure(
        name="calibration",
        title=TITLES["calibration"],
        note="Where the model says 70 %, are 70 % of the cases positive? On the dashed line "
        "the scores can be read as probabilities.",
        x="What the model says",
        y="How often it is so",
        series=[*lines, Series("As it should be", [0, 1], [0, 1], tone="ink-soft", dash=(4, 3))],
        x_range=WHOLE,
        y_range=(0.0, 1.02),
        x_percent=True,
        y_percent=True,
    )


def gain_figure(curves: Sequence[tuple[str, Result]]) -> Figure:
    lines = []
    for place, (name, one) in enumerate(curves):
        points = one["outcome"]["gain"]
        lines.append(_line(place, name, ([x for x, _ in points], [y for _, y in points])))
    return Figure(
        name="gain",
        title=TITLES["gain"],
        note="Look at the cases with the highest scores first: how many of the positive ones are "
        "found after looking at a share of all?",
        x="Share of the cases looked at",
        y="Found among the positive",
        series=[*lines, GUESS],
        x_range=WHOLE,
        y_range=(0.0, 1.02),
        x_percent=True,
        y_percent=True,
    )


def _line(place: int, name: str, curve: Curve) -> Series:
    xs, ys = curve
    return Series(name, xs, ys, tone=plot.tone(place), dash=plot.dash(place))


def _alone(make: Callable[[Sequence[tuple[str, Result]]], Figure]) -> Callable[[Result], Figure]:
    return lambda result: make([("This model", result)])


def _scores(result: Result) -> Figure:
    counts = result["outcome"]["score_counts"]
    labels = [str(label) for label in result["labels"]]
    parts = {
        "negative": labels[0] if len(labels) == 2 else "Usual",
        "positive": labels[1] if len(labels) == 2 else "Unusual",
        "counts": "Rows",
    }
    there = [(key, name) for key, name in parts.items() if counts.get(key)]
    series = [
        Series(name, counts["edges"], counts[key], kind="bars", tone=plot.tone(place))
        for place, (key, name) in enumerate(there)
    ]
    note = "How many rows got which score. The less the two overlap, the easier is the choice."
    return Figure("scores", TITLES["scores"], note, "Score", "Rows", series)


def _scatter(result: Result) -> Figure:
    points = result["outcome"]["points"][:MOST_POINTS]
    truth, guess = [point[0] for point in points], [point[1] for point in points]
    low, high = min([*truth, *guess], default=0.0), max([*truth, *guess], default=1.0)
    ideal = Series("As it should be", [low, high], [low, high], tone="ink-soft", dash=(4, 3))
    series = [Series("Rows", truth, guess, kind="dots", radius=1.8), ideal]
    note = "Each dot is a row: right what is true, up what the model says. On the dashed line it "
    note = f"{note}is exactly right."
    return Figure("scatter", TITLES["scatter"], note, "True", "Said", series)


def _residuals(result: Result) -> Figure:
    found = result["outcome"]["residuals"]
    series = [Series("", found["edges"], found["counts"], kind="bars")]
    note = "How far off the answers are, and how many rows are that far off. Best is narrow, at 0."
    return Figure("residuals", TITLES["residuals"], note, "Said − true", "Rows", series)


def _clusters(result: Result) -> Figure:
    found = result["outcome"]["clusters"][:MOST_CLUSTERS]
    edges = [place - 0.5 for place in range(len(found) + 1)]
    series = [Series("", edges, [one["rows"] for one in found], kind="bars")]
    return Figure(
        name="clusters",
        title=TITLES["clusters"],
        note="How many rows each cluster holds.",
        x="Cluster",
        y="Rows",
        series=series,
        x_range=(-0.5, len(found) - 0.5),
        x_names=[str(one["cluster"]) for one in found],
    )


def _precision_at(result: Result) -> Figure:
    points = result["outcome"]["precision_at"]
    xs, ys = [k for k, _ in points], [value for _, value in points]
    series = [Series("", xs, ys), Series("", xs, ys, kind="dots")]
    note = "Of the rows with the highest scores: how many are really unusual."
    return Figure(
        name="precision_at",
        title=TITLES["precision_at"],
        note=note,
        x="Rows looked at",
        y="Right among them",
        series=series,
        y_range=(0.0, 1.02),
        y_percent=True,
    )


def _has(*path: str) -> Callable[[Result], bool]:
    def there(result: Result) -> bool:
        found: Any = result.get("outcome") or {}
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return bool(found)

    return there


TITLES = {
    "matrix": "Confusion matrix",
    "roc": "ROC curve",
    "pr": "Precision and recall",
    "calibration": "Calibration",
    "gain": "Gain",
    "scores": "Scores",
    "scatter": "True and said",
    "residuals": "Errors",
    "clusters": "Sizes of the clusters",
    "precision_at": "Precision at the top",
}
FIGURES: dict[str, tuple[Callable[[Result], bool], Callable[[Result], Figure | Drawing]]] = {
    "matrix": (lambda result: bool(result.get("confusion")), matrix),
    "roc": (_has("curve", "tp"), _alone(roc_figure)),
    "pr": (_has("curve", "tp"), _alone(pr_figure)),
    "calibration": (_has("calibration"), _alone(calibration_figure)),
    "gain": (_has("gain"), _alone(gain_figure)),
    "scores": (_has("score_counts", "edges"), _scores),
    "scatter": (_has("points"), _scatter),
    "residuals": (_has("residuals", "counts"), _residuals),
    "clusters": (_has("clusters"), _clusters),
    "precision_at": (_has("precision_at"), _precision_at),
}

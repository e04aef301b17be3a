"""What each curve is drawn from, out of a result's outcome."""

from collections.abc import Mapping
from typing import Any

from results.exports import drawings

Result = Mapping[str, Any]

# The parts of `outcome` that a figure needs: `results.outcome` says what they hold.
OF_THRESHOLDS = ("curve", "positives", "negatives", "threshold")
PARTS = {
    "roc": OF_THRESHOLDS,
    "pr": OF_THRESHOLDS,
    "calibration": ("calibration",),
    "gain": ("gain",),
    "scores": ("score_counts",),
    "scatter": ("points",),
    "residuals": ("residuals",),
    "clusters": ("clusters",),
    "precision_at": ("precision_at",),
}
CURVES = {name: drawings.TITLES[name] for name in PARTS}


def available(result: Result) -> list[str]:
    """The curves that `result` has."""
    return [name for name in drawings.names(result) if name in PARTS]


def figures_of(result: Result) -> list[str]:
    """What can be shared of `result` by itself: the matrix and its curves."""
    return ["matrix", *available(result)] if result["confusion"] else available(result)


def kept_of(figure: str, result: Result) -> dict[str, Any] | None:
    """A result of no more than what `figure` is drawn from; None when it has nothing of it."""
    if figure not in available(result):
        return None
    whole = result["outcome"]
    outcome = {part: whole[part] for part in PARTS[figure] if part in whole}
    names = ("task", "labels", "threshold")
    return {name: result[name] for name in names if name in result} | {"outcome": outcome}

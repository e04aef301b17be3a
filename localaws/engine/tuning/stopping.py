"""When a trial is not worth going on, by TrainingJobEarlyStoppingType Auto. Low values are good.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html

The rule is our own: it compares a value with the median of the others' running averages, Optuna's
MedianPruner the best value so far with the median of the others' values at that epoch.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

Curve = Sequence[float]
"""The values of the objective of one trial, one per epoch."""

_FEWEST = 3


def below_median(curve: Curve, earlier: Sequence[Curve]) -> bool:
    """The value of any epoch is worse than the median of the earlier trials' running averages."""
    return any(_worse(epoch, value, earlier) for epoch, value in enumerate(curve, start=1))


def _worse(epoch: int, value: float, earlier: Sequence[Curve]) -> bool:
    reached = [fmean(curve[:epoch]) for curve in earlier if len(curve) >= epoch]
    return len(reached) >= _FEWEST and value > median(reached)

"""When a trial is not worth going on. Low values are good in all of this.

A curve holds the values of the objective of one trial, one per epoch.
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
https://docs.aws.amazon.com/sagemaker/latest/dg/multiple-algorithm-hpo-hyperband.html
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

Curve = Sequence[float]

_HALVING = 3
_FEWEST = 3


def below_median(curve: Curve, earlier: Sequence[Curve]) -> bool:
    """The value of any epoch is worse than the median of the earlier trials' running averages."""
    return any(_worse(epoch, value, earlier) for epoch, value in enumerate(curve, start=1))


def _worse(epoch: int, value: float, earlier: Sequence[Curve]) -> bool:
    reached = [fmean(curve[:epoch]) for curve in earlier if len(curve) >= epoch]
    return len(reached) >= _FEWEST and value > median(reached)


def rungs(least: int, most: int, bracket: int) -> list[int]:
    """Epochs at which a trial of a bracket has to be among the best: least · 3^(bracket), · 3 …"""
    found, at = [], least * _HALVING**bracket
    while at < most:
        found.append(at)
        at *= _HALVING
    return found


def brackets(least: int, most: int) -> int:
    """How many brackets there are: the last one stops nobody early."""
    return len(rungs(least, most, 0)) + 1


def loses(curve: Curve, others: Sequence[Curve], steps: Sequence[int]) -> bool:
    """Successive halving: at some rung the trial is not in the best third of those that got there.

    `others` are the other trials of all brackets; the first three at a rung always pass.
    """
    return any(_not_promoted(curve, others, step) for step in steps if len(curve) >= step)


def _not_promoted(curve: Curve, others: Sequence[Curve], step: int) -> bool:
    here = [other[step - 1] for other in others if len(other) >= step]
    better = sum(value < curve[step - 1] for value in here)
    return len(here) + 1 > _HALVING and better >= max(1, (len(here) + 1) // _HALVING)

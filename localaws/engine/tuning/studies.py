"""Optuna over our own trials: the records are the truth, a study is made in memory when asked.

Of Optuna's samplers TPESampler is the Bayesian one here, as GPSampler needs PyTorch. Import this
module late: a localaws without tuning jobs starts without Optuna.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import HyperbandPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import Trial, TrialState, create_trial

from localaws.engine.tuning.space import Categorical, Numeric, Space
from localaws.engine.tuning.stopping import Curve

optuna.logging.set_verbosity(optuna.logging.ERROR)

Values = Mapping[str, str]

_HALVING = 3


def random(seed: str) -> BaseSampler:
    return RandomSampler(seed=_number(seed))


def bayesian(seed: str, space: Space) -> BaseSampler:
    """Random values until there are a few scores to learn from; AWS does not say how many."""
    first = min(max(3, len(space) + 1), 10)
    return TPESampler(seed=_number(seed), n_startup_trials=first)


def _number(seed: str) -> int:
    return zlib.crc32(seed.encode())


def suggestions(
    sampler: BaseSampler,
    space: Space,
    scored: Iterable[tuple[Values, float]],
    pending: Iterable[Values],
) -> Iterator[dict[str, str]]:
    """Values for one more trial, and others when those will not do; low scores are good.

    Scored and pending values that have no place in the space are left out.
    """
    study = optuna.create_study(sampler=sampler)
    axes = {item.name: _distribution(item) for item in space}
    for values, score in scored:
        _add(study, space, axes, values, value=score)
    for values in pending:
        _add(study, space, axes, values, state=TrialState.RUNNING)
    while True:
        found = study.ask(fixed_distributions=axes).params
        yield {item.name: item.text(found[item.name]) for item in space}


def _add(
    study: Study,
    space: Space,
    axes: dict[str, BaseDistribution],
    values: Values,
    **members: Any,
) -> None:
    """A parent's trial may lie outside the ranges, or have values that are none here."""
    try:
        places = {item.name: item.place(values[item.name]) for item in space}
        study.add_trial(create_trial(params=places, distributions=axes, **members))
    except (ValueError, KeyError):
        return


def _distribution(item: Numeric | Categorical) -> BaseDistribution:
    if isinstance(item, Categorical):
        return CategoricalDistribution(item.values)
    logarithmic = item.scaling != "Linear"
    if item.integer:
        return IntDistribution(int(item.low), int(item.high), log=logarithmic)
    return FloatDistribution(*item.searched, log=logarithmic)


def losers(name: str, curves: Mapping[int, Curve], resources: tuple[int, int]) -> set[int]:
    """Numbers of the trials that Hyperband ends at some rung of their bracket.

    `curves` by the trials' numbers from 1, in the order in which they are judged: each against
    those before it. `resources` are MinResource and MaxResource in epochs. `name` and the number
    decide the bracket, so they must stay the same for a tuning job.
    """
    least, most = resources
    study = optuna.create_study(study_name=name, pruner=HyperbandPruner(least, most, _HALVING))
    trials = [study.ask() for _ in range(max(curves, default=0))]
    return {n for n, curve in curves.items() if _loses(trials[n - 1], curve, least)}


def _loses(trial: Trial, curve: Curve, least: int) -> bool:
    """Every rung is reported, also those after a lost one: later trials are compared there too."""
    verdicts, step = [], least
    while step <= len(curve):
        trial.report(curve[step - 1], step)
        verdicts.append(trial.should_prune())
        step *= _HALVING
    return any(verdicts)

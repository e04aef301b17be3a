"""Which hyperparameter mattered, by Optuna's functional analysis of variance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST = 4  # trials; below, every answer would be noise
SEED = 0


def importances(
    ranges: Sequence[Mapping[str, Any]], trials: Sequence[tuple[Mapping[str, str], float]]
) -> dict[str, float]:
    """The share of the objective's variance that each hyperparameter explains, largest first.

    `trials` are (hyperparameters as text, value). Empty with fewer than `FEWEST` of them, and when
    all have the same value. Deterministic.
    """
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    spread = {value for _, value in trials}
    if len(trials) < FEWEST or len(spread) < 2:
        return {}
    known = {one["name"]: _distribution(one) for one in ranges}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    for texts, value in trials:
        params = {name: _value(one, texts[name]) for name, one in known.items() if texts.get(name)}
        if set(params) == set(known):
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=dict(known), value=value)
            )
    if len(study.trials) < FEWEST:
        return {}
    found = get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=SEED))
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _distribution(one: Mapping[str, Any]) -> BaseDistribution:
    from optuna import distributions

    if one["kind"] == "categorical":
        return distributions.CategoricalDistribution(list(one["values"]))
    low, high = float(one["low"]), float(one["high"])
    is_log = one["scaling"] == "Logarithmic"
    if one["kind"] == "integer":
        return distributions.IntDistribution(int(low), int(high), log=is_log and low >= 1)
    return distributions.FloatDistribution(low, high, log=is_log)


def _value(distribution: BaseDistribution, text: str) -> Any:
    from optuna import distributions

    if isinstance(distribution, distributions.CategoricalDistribution):
        return text
    number = float(text)
    return int(number) if isinstance(distribution, distributions.IntDistribution) else number

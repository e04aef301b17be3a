"""Which hyperparameter mattered, by Optuna's functional analysis of variance. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST = 4  # trials; below, every answer would be noise
HINT, GUIDE = 10, 30  # trials for each hyperparameter: a rule of thumb, not a test
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
    shares = {name: float(share) for name, share in found.items()}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def sureness(trials: int, names: int) -> str:
    """How far the shares can be trusted, from finished trials of so many hyperparameters."""
    if trials < FEWEST:
        return f"It takes {FEWEST} finished trials to say; there {_are(trials)}."
    if names < 2:
        return "Only one hyperparameter varies, so all the difference is its own or chance."
    told = f"From {trials} finished trials of {names} hyperparameters: "
    if trials < HINT * names:
        return told + "a first hint, which the next trials may turn round."
    if trials < GUIDE * names:
        return told + "a guide; the order of close ones may still change."
    return told + "unlikely to change much."


def _are(trials: int) -> str:
    return {0: "is none yet", 1: "is one"}.get(trials, f"are {trials}")


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

"""Which values the next trial gets.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod
from random import Random

from localaws.engine.tuning import space as spaces
from localaws.engine.tuning.space import Categorical, Space

Values = dict[str, str]

_TRIES = 100
_CANDIDATES = 600
_NEIGHBOURS = 200


@dataclass(frozen=True)
class Knowledge:
    """What is known when the next trial is due. Low scores are good."""

    scored: list[tuple[Values, float]] = field(default_factory=list)
    pending: list[Values] = field(default_factory=list)
    failed: list[Values] = field(default_factory=list)

    def tried(self) -> list[Values]:
        return [*(values for values, _ in self.scored), *self.pending, *self.failed]


def propose(strategy: str, space: Space, number: int, seed: int, known: Knowledge) -> Values:
    """Values for trial `number` (from 1). The same arguments give the same values."""
    if strategy == "Grid":
        return cell(space, number - 1)
    chance = Random(f"{seed}/{number}")  # noqa: S311  repeatable on purpose
    if strategy == "Bayesian":
        return _expected_best(space, chance, known)
    return _unseen(space, chance, known.tried())


def grid_size(space: Space) -> int:
    return prod(len(item.values) for item in space if isinstance(item, Categorical))


def cell(space: Space, position: int) -> Values:
    """The combinations in order, the last parameter changing fastest."""
    axes = [item.values for item in space if isinstance(item, Categorical)]
    chosen = next(islice(product(*axes), position, None))
    return {item.name: value for item, value in zip(space, chosen, strict=True)}


def _first_random(space: Space) -> int:
    return min(max(3, len(space) + 1), 10)


def _unseen(space: Space, chance: Random, tried: list[Values]) -> Values:
    """A random set of values, not one that was tried unless almost all were."""
    for _ in range(_TRIES):
        values = spaces.sample(space, chance)
        if values not in tried:
            break
    return values


def _expected_best(space: Space, chance: Random, known: Knowledge) -> Values:
    from localaws.engine.tuning import gaussian  # numpy, wanted by this strategy only

    scored = _placed(space, known.scored)
    if len(scored) < _first_random(space):
        return _unseen(space, chance, known.tried())
    candidates = _candidates(space, chance, known)
    index = gaussian.most_promising(
        [where for where, _ in scored],
        [score for _, score in scored],
        [where for where, _ in _placed(space, ((values, 0.0) for values in known.pending))],
        [spaces.point(space, values) for values in candidates],
    )
    return candidates[index]


def _placed(
    space: Space, scored: Iterable[tuple[Values, float]]
) -> list[tuple[list[float], float]]:
    """A parent's trial may lie outside the ranges, or have values that are none here."""
    places = []
    for values, score in scored:
        try:
            places.append((spaces.point(space, values), score))
        except (ValueError, KeyError):
            continue
    return places


def _candidates(space: Space, chance: Random, known: Knowledge) -> list[Values]:
    """Random ones and neighbours of the best; none that was tried while there are others."""
    found = [spaces.sample(space, chance) for _ in range(_CANDIDATES)]
    best = sorted(known.scored, key=lambda item: item[1])[:5]
    for number in range(_NEIGHBOURS):
        values, _ = best[number % len(best)]
        found.append(_neighbour(space, chance, values))
    tried = {tuple(sorted(values.items())) for values in known.tried()}
    fresh = [values for values in found if tuple(sorted(values.items())) not in tried]
    return fresh or found


def _neighbour(space: Space, chance: Random, values: Values) -> Values:
    near = {}
    for item in space:
        if isinstance(item, Categorical):
            keep = item.name in values and values[item.name] in item.values
            kept = values[item.name] if keep and chance.random() < 0.8 else None
            near[item.name] = kept or item.text(chance.random())
        else:
            try:
                (at,) = item.coordinates(values[item.name])
            except (ValueError, KeyError):
                at = chance.random()
            near[item.name] = item.text(min(max(chance.gauss(at, 0.08), 0.0), 1.0))
    return near

"""Which values the next trial gets: Optuna's samplers say, but for Grid.

https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html

Grid is a product of our own: trials take its cells in order, by their number. Optuna's GridSampler
shuffles them and keeps what it visited in the study, which does not outlive the asking here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice, product
from math import prod

from localaws.engine.tuning.space import Categorical, Space

Values = dict[str, str]

_TRIES = 100


@dataclass(frozen=True)
class Knowledge:
    """What is known when the next trial is due. Low scores are good."""

    scored: list[tuple[Values, float]] = field(default_factory=list)
    pending: list[Values] = field(default_factory=list)
    failed: list[Values] = field(default_factory=list)

    def tried(self) -> list[Values]:
        return [*(values for values, _ in self.scored), *self.pending, *self.failed]


def propose(strategy: str, space: Space, number: int, seed: int, known: Knowledge) -> Values:
    """Values for trial `number` (from 1), not some that were tried unless almost all were.

    The same arguments give the same values.
    """
    if strategy == "Grid":
        return cell(space, number - 1)
    from localaws.engine.tuning import studies  # Optuna, wanted only when something is tuned

    own = f"{seed}/{number}"
    sampler = studies.bayesian(own, space) if strategy == "Bayesian" else studies.random(own)
    found = studies.suggestions(sampler, space, known.scored, known.pending)
    first, tried = next(found), known.tried()
    if first not in tried:
        return first
    return next((values for values in islice(found, _TRIES) if values not in tried), first)


def grid_size(space: Space) -> int:
    return prod(len(item.values) for item in space if isinstance(item, Categorical))


def cell(space: Space, position: int) -> Values:
    """The combinations in order, the last parameter changing fastest."""
    axes = [item.values for item in space if isinstance(item, Categorical)]
    chosen = next(islice(product(*axes), position, None))
    return {item.name: value for item, value in zip(space, chosen, strict=True)}

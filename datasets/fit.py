"""What the training rows decide: categories, medians, scales and vocabularies. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from datasets.formats.block import Block
from datasets.formats.sniff import MISSING, BadTable
from datasets.recipe import Recipe
from datasets.tables.encoding import BOOLEANS, Feature, figure
from datasets.tables.words import Vocabulary

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Training = Iterable[tuple[Block, npt.NDArray[np.bool_]]]

SAMPLED_CELLS = 20_000_000  # numbers kept for medians and modes, 160 MB


@dataclass(frozen=True)
class Fitted:
    """`fitted_on` n: medians and modes of numbers come from every n-th training row."""

    features: list[Feature]
    fitted_on: int = 1


def columns(recipe: Recipe) -> tuple[list[str], list[str]]:
    """The columns that `fit` has to read, and which of them as numbers; none, nothing to fit."""
    found = [feature for feature in recipe.features if _needs(recipe, feature)]
    numbers = [feature["name"] for feature in found if feature["kind"] == "number"]
    return [feature["name"] for feature in found], numbers


def fit(recipe: Recipe, training: Training) -> Fitted:
    """The recipe's features as the chosen rows of each block decide.

    BadTable for a column without a single value when it needs one.
    """
    fitters = {f["name"]: _fitter(recipe, f) for f in recipe.features if _needs(recipe, f)}
    kept = [fitter for fitter in fitters.values() if isinstance(fitter, _Numbers) and fitter.rule]
    thinning = _Thinning(kept)
    for block, chosen in training if fitters else ():
        picked = thinning.picked(chosen)
        for name, fitter in fitters.items():
            if isinstance(fitter, _Numbers):
                fitter.add(_numbers(block, name), chosen, picked)
            else:
                fitter.add(_chosen(block, name, chosen))
        thinning.thin()
    features = [_fitted(fitters, feature) for feature in recipe.features]
    return Fitted(features, thinning.stride)


def _fitted(fitters: Mapping[str, _Numbers | _Values | _Words], feature: Feature) -> Feature:
    fitter = fitters.get(feature["name"])
    return fitter.fitted(feature) if fitter else feature


def _needs(recipe: Recipe, feature: Feature) -> bool:
    kind, rule = feature["kind"], recipe.rules[feature["name"]]
    if kind == "number":
        return rule in ("median", "mode") or recipe.definition.scale != "none"
    if kind == "boolean":
        return rule == "mode"
    return kind != "text"


def _fitter(recipe: Recipe, feature: Feature) -> _Numbers | _Values | _Words:
    rule = recipe.rules[feature["name"]]
    scale = recipe.definition.scale
    if feature["kind"] == "number":
        return _Numbers(feature["name"], rule if rule in ("median", "mode") else "", scale)
    if feature["kind"] == "words":
        text = recipe.definition.text
        return _Words(lower=feature.get("lower", True), top=text.top if text else 0)
    return _Values(rule, scale)


def _numbers(block: Block, name: str) -> Floats:
    numbers = block.numbers(name)
    if numbers is None:
        raise BadTable(f"The column “{name}” holds text where numbers are expected.")
    return numbers


def _chosen(block: Block, name: str, chosen: npt.NDArray[np.bool_]) -> list[str]:
    import polars as pl

    cells: list[str] = block.series(name).filter(pl.Series(chosen)).to_list()
    return cells


class _Thinning:
    """Which training rows are kept: every `stride`-th, so that at most `SAMPLED_CELLS` are."""

    def __init__(self, fitters: Sequence[_Numbers]) -> None:
        self._fitters = fitters
        self._limit = SAMPLED_CELLS // max(1, len(fitters))
        self._rows = 0
        self._kept = 0
        self.stride = 1

    def picked(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        import numpy as np

        rows = np.flatnonzero(chosen)
        picked: npt.NDArray[np.intp] = rows[
            np.arange(self._rows, self._rows + len(rows)) % self.stride == 0
        ]
        self._rows += len(rows)
        self._kept += len(picked)
        return picked

    def thin(self) -> None:
        while self._fitters and self._kept > self._limit:
            self.stride *= 2
            for fitter in self._fitters:
                fitter.thin()
            self._kept = (self._kept + 1) // 2


class _Numbers:
    """A column of numbers: what fills its gaps, and its shift and scale with them filled."""

    def __init__(self, name: str, rule: str, scale: str) -> None:
        self.rule = rule
        self._name = name
        self._scale = scale
        self._moments = _Moments()
        self._kept: list[Floats] = []

    def add(
        self, numbers: Floats, chosen: npt.NDArray[np.bool_], picked: npt.NDArray[np.intp]
    ) -> None:
        if self.rule:
            self._kept.append(numbers[picked])
        if self._scale != "none":
            self._moments.add(numbers[chosen])

    def thin(self) -> None:
        import numpy as np

        self._kept = [np.concatenate(self._kept)[::2]]

    def fitted(self, feature: Feature) -> Feature:
        found: Feature = {**feature}
        if self.rule:
            found["fill"] = figure(self._middle())
            self._moments.add_missing(float(found["fill"]))
        if self._scale != "none":
            shift, scale = self._moments.scaling(self._scale)
            if not (isfinite(shift) and isfinite(scale)):
                raise BadTable(f"The numbers of “{self._name}” are too large to be scaled.")
            found["shift"], found["scale"] = shift, scale
        return found

    def _middle(self) -> float:
        import numpy as np

        values = np.concatenate(self._kept)
        values = values[~np.isnan(values)]
        if not len(values):
            raise BadTable(f"The column “{self._name}” has no value in the training rows.")
        if self.rule == "median":
            return float(np.median(values))
        distinct, counts = np.unique(values, return_counts=True)
        return float(distinct[counts.argmax()])


class _Moments:
    """Count, mean and squared deviations, merged block by block (Chan et al. 1979)."""

    def __init__(self) -> None:
        self._count = 0
        self._missing = 0
        self._mean = 0.0
        self._squares = 0.0
        self._low = float("inf")
        self._high = float("-inf")

    def add(self, numbers: Floats) -> None:
        import numpy as np

        present = numbers[~np.isnan(numbers)]
        self._missing += len(numbers) - len(present)
        if len(present):
            with np.errstate(over="ignore", invalid="ignore"):  # `scaling` is not finite then
                mean = float(present.mean())
                squares = float(((present - mean) ** 2).sum())
            self._merge(len(present), mean, squares)
            self._low = min(self._low, float(present.min()))
            self._high = max(self._high, float(present.max()))

    def add_missing(self, value: float) -> None:
        """Count each missing value as `value`."""
        if self._missing:
            self._merge(self._missing, value, 0.0)
            self._low, self._high = min(self._low, value), max(self._high, value)
            self._missing = 0

    def add_counted(self, values: Counter[float]) -> None:
        for value, count in values.items():
            self._merge(count, value, 0.0)
            self._low, self._high = min(self._low, value), max(self._high, value)

    def _merge(self, count: int, mean: float, squares: float) -> None:
        total = self._count + count
        delta = mean - self._mean
        self._squares += squares + delta * delta * self._count * count / total
        self._mean += delta * count / total
        self._count = total

    def scaling(self, how: str) -> tuple[float, float]:
        """What is taken off and what it is divided by: never zero, so a constant becomes 0."""
        if not self._count:
            return 0.0, 1.0
        if how == "minmax":
            return self._low, (self._high - self._low) or 1.0
        return self._mean, (self._squares / self._count) ** 0.5 or 1.0


class _Values:
    """A column of categories or flags: their names, the commonest, an ordinal's scale."""

    def __init__(self, rule: str, scale: str) -> None:
        self._rule = rule
        self._scale = scale
        self._counts: Counter[str] = Counter()

    def add(self, values: Sequence[str]) -> None:
        self._counts.update(values)

    def fitted(self, feature: Feature) -> Feature:
        found: Feature = {**feature}
        counts = {value: n for value, n in self._counts.items() if value not in MISSING}
        missing = sum(self._counts.values()) - sum(counts.values())
        if feature["kind"] == "boolean":
            counts = _flags(counts)
        else:
            found["categories"] = sorted(counts)
        if self._rule == "mode" and counts:
            found["fill"] = min(counts, key=lambda value: (-counts[value], value))
        if feature["kind"] == "ordinal" and self._scale != "none":
            found["shift"], found["scale"] = self._scaling(found, counts, missing)
        return found

    def _scaling(
        self, feature: Feature, counts: dict[str, int], missing: int
    ) -> tuple[float, float]:
        codes = {value: float(place) for place, value in enumerate(feature["categories"])}
        found = Counter({codes[value]: count for value, count in counts.items()})
        if "fill" in feature:
            found[codes[feature["fill"]]] += missing
        moments = _Moments()
        moments.add_counted(found)
        return moments.scaling(self._scale)


def _flags(counts: dict[str, int]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for value, count in counts.items():
        if flag := BOOLEANS.get(value.lower()):
            found[{"1": "true", "0": "false"}[flag]] += count
    return dict(found)


class _Words:
    """A column of texts: the most frequent words."""

    def __init__(self, *, lower: bool, top: int) -> None:
        self._vocabulary = Vocabulary(lower=lower, top=top)

    def add(self, values: Sequence[str]) -> None:
        self._vocabulary.add(value for value in values if value not in MISSING)

    def fitted(self, feature: Feature) -> Feature:
        return {**feature, "categories": self._vocabulary.most()}


def training_rows(
    blocks: Iterable[Block], assigned: npt.NDArray[np.uint8]
) -> Iterator[tuple[Block, npt.NDArray[np.bool_]]]:
    """Each block with which of its rows train. The blocks begin with the first row."""
    start = 0
    for block in blocks:
        yield block, assigned[start : start + len(block)] == 0
        start += len(block)

"""How many rows each split will get, foretold from the profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datasets import split
from datasets.recipe.definition import Rare
from datasets.recipe.targets import OTHER, Column, class_counts

if TYPE_CHECKING:
    from datasets.recipe.made import Recipe

Sizes = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Plan:
    """How many rows each split gets, in all and of each class (`classes` empty when not known).

    Exact unless `provisional` says what only reading the file will tell.
    """

    splits: dict[str, int]
    classes: dict[str, tuple[int, int, int]]
    dropped: int
    provisional: tuple[str, ...] = ()


def plan(recipe: Recipe, column: Column | None, rows: int, *, stratify: bool) -> Plan:
    """What `split` will do with a table of `rows` rows and the target `column`."""
    counts = class_counts(column) if column and recipe.has_classes else {}
    dropped = recipe.undivided + (column["missing"] if column else 0)
    rare, counts, lost = _without_rare(counts, recipe.definition.rare)
    dropped += lost
    by = recipe.definition.split.by
    if stratify and counts and by in ("random", "files"):
        each = split.class_sizes(list(counts.values()), recipe.shares)
        classes = dict(zip(counts, each, strict=True)) | {
            name: (count, 0, 0) for name, count in rare.items()
        }
        classes = _sampled(classes, recipe.definition.sample)
        totals = [sum(sizes[i] for sizes in classes.values()) for i in range(3)]
    else:
        classes = {}
        totals = list(split.sizes(rows - dropped - sum(rare.values()), recipe.shares))
        totals[0] += sum(rare.values())
    for name, count in recipe.files.items():
        totals[split.SPLITS.index(name)] += count
    named = dict(zip(split.SPLITS, totals, strict=True))
    provisional = _provisional(recipe, classes)
    if recipe.undivided and column and column["missing"]:
        provisional = (*provisional, by)  # a row may lack both
    return Plan(named, {} if recipe.files else classes, dropped, provisional)


def _without_rare(
    counts: dict[str, int], rule: Rare | None
) -> tuple[dict[str, int], dict[str, int], int]:
    """Rare classes that only train, the classes that are divided, and how many rows are lost."""
    few = {name: n for name, n in counts.items() if rule and n < rule.fewest}
    if not few or rule is None:
        return {}, counts, 0
    rest = {name: n for name, n in counts.items() if name not in few}
    if rule.do == "train":
        return few, rest, 0
    if rule.do == "drop":
        return {}, rest, sum(few.values())
    return {}, rest | {OTHER: rest.get(OTHER, 0) + sum(few.values())}, 0


def _sampled(classes: Sizes, how: str) -> dict[str, tuple[int, int, int]]:
    if how == "none" or not classes:
        return dict(classes)
    wanted = (min if how == "down" else max)(sizes[0] for sizes in classes.values())
    return {name: (wanted, *sizes[1:]) for name, sizes in classes.items()}


def _provisional(recipe: Recipe, classes: Sizes) -> tuple[str, ...]:
    wish = recipe.definition
    found = {
        "group": wish.split.by == "group",
        "missing": "drop" in recipe.rules.values(),
        "sample": wish.sample != "none" and not classes,
        "rare": wish.rare is not None and not classes,
    }
    return tuple(name for name, holds in found.items() if holds)

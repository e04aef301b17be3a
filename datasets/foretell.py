"""What a recipe will write, foretold from the profile and the first rows without reading on. Pure.

What training rows decide is taken from all rows' profile meanwhile, and named as provisional.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.channels import Lines
from datasets.formats.block import Block
from datasets.formats.sniff import MISSING, BadTable
from datasets.recipe import Plan, Recipe, class_counts, class_name, in_order, plan
from datasets.recipe.features import NUMBERS
from datasets.recipe.implied import implied
from datasets.recipe.targets import OTHER, Column
from datasets.tables.encoding import Encoding, Feature, figure
from datasets.tables.words import Vocabulary, one_word

SHOWN = 5


@dataclass(frozen=True)
class Foretold:
    """`lines` are the table's first rows as they will be written, whichever split they go to.

    `provisional` says in words which parts of lines, names and plan only the preparation knows.
    """

    lines: list[str]
    features: list[str]
    labels: list[str]
    implied: dict[str, str]
    plan: Plan
    notes: list[str]
    provisional: list[str]


def foretell(
    recipe: Recipe,
    columns: Sequence[Column],
    *,
    head: Block,
    stratify: bool,
    words: Mapping[str, Sequence[str]] | None = None,
) -> Foretold:
    """For a table with the profile `columns` that begins with `head`.

    `words` has the most frequent words of columns of texts, as far as they are known.
    """
    profile = {column["name"]: column for column in columns}
    features = [_fitted(recipe, f, profile[f["name"]], head, words or {}) for f in recipe.features]
    target = profile.get(recipe.target)
    labels, renamed = _labels(recipe, target, head)
    encoding: Encoding = {
        "features": features,
        "left_out": list(recipe.left_out),
        "dropped_rows": 0,
    }
    if recipe.format == "blazingtext":
        encoding["tokens"] = one_word(labels)
    planned = plan(recipe, target, recipe.rows, stratify=stratify)
    lines = Lines(recipe, encoding)
    names = lines.names
    return Foretold(
        lines=_lines(lines, head, labels, renamed),
        features=names,
        labels=labels,
        implied=implied(
            recipe, features=len(names), labels=len(labels), rows=planned.splits["train"]
        ),
        plan=planned,
        notes=recipe.notes,
        provisional=_provisional(recipe, planned),
    )


def _fitted(
    recipe: Recipe,
    feature: Feature,
    column: Column,
    head: Block,
    words: Mapping[str, Sequence[str]],
) -> Feature:
    found: Feature = {**feature}
    kind, rule = feature["kind"], recipe.rules[feature["name"]]
    if kind in ("onehot", "ordinal"):
        found["categories"] = sorted({str(top["value"]).strip() for top in column["top"]} - MISSING)
    if kind == "words" and recipe.definition.text:
        known = words.get(feature["name"]) or _words_of(recipe, feature, head)
        found["categories"] = list(known)[: recipe.definition.text.top]
    if rule in ("median", "mode"):
        found["fill"] = _fill(column, rule)
    how = recipe.definition.scale
    if how != "none" and kind == "number" and column["dtype"] in NUMBERS:
        low, high = column.get("min") or 0.0, column.get("max") or 0.0
        mean, deviation = column.get("mean") or 0.0, column.get("std") or 0.0
        if how == "minmax":
            found["shift"], found["scale"] = low, (high - low) or 1.0
        else:
            found["shift"], found["scale"] = mean, deviation or 1.0
    return found


def _fill(column: Column, rule: str) -> str:
    commonest = str(column["top"][0]["value"]) if column["top"] else ""
    if column["dtype"] not in NUMBERS:
        return commonest.lower() if column["dtype"] == "boolean" else commonest
    median = (column.get("quantiles") or {}).get("p50")
    if rule == "mode" and commonest:
        return commonest
    return figure(float(median)) if median is not None else commonest or "0"


def _words_of(recipe: Recipe, feature: Feature, head: Block) -> list[str]:
    text = recipe.definition.text
    vocabulary = Vocabulary(lower=feature.get("lower", True), top=text.top if text else 0)
    vocabulary.add(head.texts(feature["name"]))
    return vocabulary.most()


def _labels(
    recipe: Recipe, target: Column | None, head: Block
) -> tuple[list[str], Mapping[str, str]]:
    """The labels, and what classes are called in the end: "" when they are dropped."""
    if target is None or not recipe.has_classes:
        return [], {}
    counts = class_counts(target)
    met = {class_name(text, recipe.dtype) for text in head.texts(recipe.target)} - MISSING
    renamed = {name: name for name in {*counts, *met}}
    rule = recipe.definition.rare
    if rule and rule.do != "train":
        instead = OTHER if rule.do == "merge" else ""
        few = {name: instead for name, count in counts.items() if count < rule.fewest}
        renamed |= few
    return in_order(set(renamed.values()) - {""}, recipe.dtype), renamed


def _lines(
    lines: Lines, head: Block, labels: Sequence[str], renamed: Mapping[str, str]
) -> list[str]:
    import numpy as np

    recipe = lines.recipe
    codes = np.zeros(len(head), dtype=np.int32)
    kept = np.ones(len(head), dtype=np.bool_)
    if recipe.target:
        texts = head.texts(recipe.target)
        kept &= np.array([text not in MISSING for text in texts], dtype=np.bool_)
        if recipe.has_classes:
            places = {name: place for place, name in enumerate(labels)}
            named = (renamed.get(class_name(text, recipe.dtype), "") for text in texts)
            codes = np.array([places.get(name, -1) for name in named], dtype=np.int32)
            kept &= codes >= 0
    for name in (name for name, rule in recipe.rules.items() if rule == "drop"):
        kept &= np.array([text not in MISSING for text in head.texts(name)], dtype=np.bool_)
    shown: list[str] = []
    try:
        for here, marks, rows in lines.of(head, codes):
            chosen = np.flatnonzero(kept[here])[: SHOWN - len(shown)]
            shown += lines.head(marks[chosen], rows[chosen])
    except BadTable as problem:
        return [str(problem)]
    return shown


def _provisional(recipe: Recipe, planned: Plan) -> list[str]:
    kinds = {feature["kind"] for feature in recipe.features}
    rules = set(recipe.rules.values())
    holds: dict[str, Any] = {
        "columns of categories: those that only validation and test rows have will be gone": (
            kinds & {"onehot", "ordinal"}
        ),
        "medians and most frequent values: those of the training rows will be taken": (
            rules & {"median", "mode"}
        ),
        "scaling: mean and range of the training rows will be taken": (
            recipe.definition.scale != "none"
        ),
        "words: the most frequent ones of the training rows will be taken": kinds & {"words"},
        "sizes of the splits": planned.provisional,
    }
    return [text for text, applies in holds.items() if applies]


def head_of(preview: Mapping[str, Any]) -> Block:
    """The first rows as a dataset keeps them."""
    return Block(preview.get("columns", ()), preview.get("rows", ()))

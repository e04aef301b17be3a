"""Whether and how a profiled table can be prepared: checked here once, for page, API and worker."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets import split
from datasets.formats.sniff import MISSING
from datasets.tables.encoding import Feature

ALGORITHMS = ("xgboost",)
ONEHOT_VALUES = 50
CLASSES = 1_000
NUMERIC_CLASSES = 20  # a numeric target with more distinct values is a quantity
DROPPABLE = 0.01  # this share of rows may lack the target: they are left out, and counted
FEWEST_ROWS = 10

Column = Mapping[str, Any]


class BadRecipe(ValueError):
    """`errors` maps fields to messages."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


@dataclass(frozen=True)
class Recipe:
    fractions: split.Fractions
    task: str  # binary, multiclass or regression
    features: tuple[Feature, ...]  # one-hot categories still empty: they are fitted on training
    left_out: tuple[dict[str, str], ...]


def check(
    columns: Sequence[Column],
    rows: int,
    *,
    target: str,
    algorithm: str,
    fractions: tuple[float, float, float],
    stratify: bool = True,
) -> Recipe:
    """The recipe for a table of `rows` rows with the profile `columns`; BadRecipe by field."""
    errors: dict[str, list[str]] = {}
    if algorithm not in ALGORITHMS:
        errors["algorithm"] = [f"“{algorithm}” is not known. Known: {', '.join(ALGORITHMS)}."]
    shares = split.Fractions()
    try:
        shares = split.fractions(*fractions)
    except split.BadFractions as error:
        errors[error.field] = [error.message]
    column = next((column for column in columns if column["name"] == target), None)
    problem = _target_problem(column, rows) if column else _unknown(target, columns)
    if problem:
        errors["target"] = [problem]
    features, left_out = _features([c for c in columns if c["name"] != target], rows)
    if not features:
        errors.setdefault("target", []).append("No usable feature column is left besides it.")
    if errors or column is None:
        raise BadRecipe(errors)
    found = Recipe(shares, task_of(column), tuple(features), tuple(left_out))
    planned = plan(found, column, rows, stratify=stratify).splits
    if empty := {name for name, share in shares._asdict().items() if share and not planned[name]}:
        raise BadRecipe({name: ["Would get no row: give it more, or nothing."] for name in empty})
    return found


def _unknown(target: str, columns: Sequence[Column]) -> str:
    if not target:
        return "Choose the column to predict."
    names = {str(column["name"]).lower(): str(column["name"]) for column in columns}
    near = difflib.get_close_matches(target.lower(), names, n=3, cutoff=0.5)
    hint = " or ".join(f"“{names[match]}”" for match in near) if near else ""
    listed = ", ".join(list(names.values())[:8]) + (", …" if len(names) > 8 else "")
    ask = f"Did you mean {hint}?" if hint else f"The columns are {listed}."
    return f"There is no column “{target}”. {ask}"


def _target_problem(column: Column, rows: int) -> str:
    missing, unique = column["missing"], column["unique"]
    if rows < FEWEST_ROWS:
        return f"The table has {rows} rows; splitting needs at least {FEWEST_ROWS}."
    if missing > DROPPABLE * rows:
        return (
            f"{missing:,} of {rows:,} rows have no value here. Up to 1 % would be left out; fill "
            "them in or remove those rows, and upload the file again."
        )
    if unique < 2:
        only = column["top"][0]["value"] if column["top"] else ""
        return f"Only one class: every row is “{only}”. There is nothing to tell apart."
    if column["dtype"] not in ("integer", "number") and unique > CLASSES:
        more = "" if column["unique_exact"] else "more than "
        return f"{more}{unique:,} different texts; at most {CLASSES:,} classes are possible."
    return ""


def task_of(column: Column) -> str:
    """Text, booleans and numbers with few distinct values are classes; other numbers quantities."""
    numeric = column["dtype"] in ("integer", "number")
    if numeric and (column["unique"] > NUMERIC_CLASSES or not column["unique_exact"]):
        return "regression"
    return "binary" if (len(class_counts(column)) or column["unique"]) == 2 else "multiclass"


def class_name(value: str, dtype: str) -> str:
    """The label of a cell: numbers in one spelling (1, 1.0 and 1e0 are the class 1)."""
    text = value.strip()
    if dtype not in ("integer", "number") or text in MISSING:
        return text
    number = float(text)
    return str(int(number)) if number.is_integer() else repr(number)


def in_order(names: set[str], dtype: str) -> list[str]:
    """Labels by code: numbers by size, text by alphabet."""
    numeric = dtype in ("integer", "number")
    return sorted(names, key=float) if numeric else sorted(names)


def class_counts(column: Column) -> dict[str, int]:
    """Rows per label in the labels' order; empty when the profile does not list every value."""
    if not column["unique_exact"] or len(column["top"]) < column["unique"]:
        return {}
    counts: dict[str, int] = {}
    for top in column["top"]:
        name = class_name(top["value"], column["dtype"])
        counts[name] = counts.get(name, 0) + top["count"]
    return {name: counts[name] for name in in_order(set(counts), column["dtype"])}


def _features(columns: Sequence[Column], rows: int) -> tuple[list[Feature], list[dict[str, str]]]:
    features: list[Feature] = []
    left_out: list[dict[str, str]] = []
    for column in columns:
        name, dtype = column["name"], column["dtype"]
        if dtype in ("integer", "number"):
            features.append({"name": name, "kind": "number", "categories": []})
        elif dtype == "boolean":
            features.append({"name": name, "kind": "boolean", "categories": []})
        elif reason := _unusable(column, rows):
            left_out.append({"name": name, "reason": reason})
        else:
            features.append({"name": name, "kind": "onehot", "categories": []})
    return features, left_out


def _unusable(column: Column, rows: int) -> str:
    if column["dtype"] == "empty":
        return "no values"
    if column["dtype"] == "date":
        return "dates are not numbers"
    if not column["unique_exact"] or column["unique"] > ONEHOT_VALUES:
        more = "" if column["unique_exact"] else "more than "
        return f"text with {more}{column['unique']:,} different values"
    return "a different text in every row" if column["unique"] == rows else ""


@dataclass(frozen=True)
class Plan:
    """How many rows each split gets, in all and of each class (`classes` empty when not known)."""

    splits: dict[str, int]
    classes: dict[str, tuple[int, int, int]]
    dropped: int


def plan(recipe: Recipe, column: Column, rows: int, *, stratify: bool) -> Plan:
    """What `split.assign` will do with the target `column` of a table with `rows` rows."""
    counts = class_counts(column) if recipe.task != "regression" else {}
    dropped = column["missing"]
    if stratify and counts:
        each = split.class_sizes(list(counts.values()), recipe.fractions)
        classes = dict(zip(counts, each, strict=True))
        totals = [sum(sizes[i] for sizes in classes.values()) for i in range(3)]
    else:
        classes, totals = {}, list(split.sizes(rows - dropped, recipe.fractions))
    return Plan(dict(zip(split.SPLITS, totals, strict=True)), classes, dropped)


def likely_target(columns: Sequence[Column]) -> str:
    """The column people most likely want to predict: named so, else the last with few values."""
    words = {"target", "label", "class", "y", "outcome", "diagnosis", "species"}
    for column in columns:
        if column["name"].lower() in words:
            return str(column["name"])
    few = [c for c in columns if c["unique_exact"] and 2 <= c["unique"] <= NUMERIC_CLASSES]
    return str((few or list(columns))[-1]["name"]) if columns else ""

"""Which columns become features, of which kind, and what happens to their missing values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.recipe.algorithms import Algorithm
from datasets.recipe.definition import DEFAULT, Definition
from datasets.recipe.targets import Column, unknown
from datasets.tables.encoding import Feature, Kind

ONEHOT_VALUES = 50
ORDINAL_VALUES = 1_000
NUMBERS = ("integer", "number")
GAPPED = ("number", "boolean", "ordinal")  # kinds in which a missing value stays missing

Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Columns:
    """`rules` say of each feature what becomes of a missing value: leave, drop, median or mode."""

    features: tuple[Feature, ...]
    left_out: tuple[dict[str, str], ...]
    rules: Mapping[str, str]


def choose(
    columns: Sequence[Column],
    rows: int,
    wish: Definition,
    *,
    kept_out: Mapping[str, str],
    whole: Mapping[str, int],
    gaps: Algorithm | None,
) -> tuple[Columns, Errors]:
    """The features of a table and what is wrong with the wish for them, by field.

    `kept_out` names columns with the reason why they are none (the target has none); `whole` says
    how many values each column lacks; `gaps` is the algorithm when it refuses missing values.
    """
    errors = _unknown_columns(columns, wish)
    features: list[Feature] = []
    left_out: list[dict[str, str]] = []
    for column in columns:
        name = column["name"]
        kind = _kind(column, wish)
        known = kept_out.get(name)
        reason = _reason(column, kind, rows, wish) if known is None else known
        if reason:
            left_out.append({"name": name, "reason": reason})
            if name in wish.columns_in:
                errors.setdefault("columns_in", []).append(f"“{name}” cannot be used: {reason}.")
        elif known is None:
            features.append(_feature(name, kind, wish))
    rules = {f["name"]: _rule(f, wish, whole, gaps) for f in features}
    for found in (_bad_rules(features, wish), _bad_gaps(features, rules, whole, gaps)):
        for field, texts in found.items():
            errors.setdefault(field, []).extend(texts)
    return Columns(tuple(features), tuple(left_out), rules), errors


def _unknown_columns(columns: Sequence[Column], wish: Definition) -> Errors:
    names = {column["name"] for column in columns}
    named = {
        "columns_out": wish.columns_out,
        "columns_in": wish.columns_in,
        "missing": [name for name in wish.missing if name != DEFAULT],
        "categories": [name for name in wish.categories if name != DEFAULT],
        "text_column": [wish.text.column] if wish.text else [],
    }
    found = {
        field: [unknown(name, columns) for name in wanted if name not in names]
        for field, wanted in named.items()
    }
    return {field: texts for field, texts in found.items() if texts}


def _kind(column: Column, wish: Definition) -> Kind | None:
    """None for a column that is no feature of its own accord."""
    name, dtype = column["name"], column["dtype"]
    if wish.text and name == wish.text.column:
        return "text" if wish.text.do == "blazingtext" else "words"
    if dtype == "text" or (dtype in NUMBERS and name in wish.categories):
        rule = wish.categories.get(name) or wish.categories.get(DEFAULT)
        return "ordinal" if rule == "ordinal" else "onehot"
    if dtype in NUMBERS:
        return "number"
    return "boolean" if dtype == "boolean" else None


def _reason(column: Column, kind: Kind | None, rows: int, wish: Definition) -> str:
    """Why the column is left out; "" when it is used."""
    name = column["name"]
    if column["dtype"] == "empty":
        return "no values"
    if name in wish.columns_out:
        return "left out on request"
    if wish.columns_in and name not in wish.columns_in and kind not in ("words", "text"):
        return "not among the chosen columns"
    if wish.text and wish.text.do == "blazingtext" and kind != "text":
        return "BlazingText reads one column of texts"
    if kind is None:
        return "dates are not numbers"
    return _too_many(column, kind, rows) if kind in ("onehot", "ordinal") else ""


def _too_many(column: Column, kind: Kind, rows: int) -> str:
    most = ONEHOT_VALUES if kind == "onehot" else ORDINAL_VALUES
    what = "text" if column["dtype"] == "text" else "number"
    if not column["unique_exact"] or column["unique"] > most:
        more = "" if column["unique_exact"] else "more than "
        return f"{what} with {more}{column['unique']:,} different values"
    return f"a different {what} in every row" if column["unique"] == rows else ""


def _feature(name: str, kind: Kind | None, wish: Definition) -> Feature:
    feature: Feature = {"name": name, "kind": kind or "number", "categories": []}
    if wish.text and kind in ("words", "text"):
        feature["lower"] = wish.text.lower
    return feature


def _rule(
    feature: Feature, wish: Definition, whole: Mapping[str, int], gaps: Algorithm | None
) -> str:
    name, kind = feature["name"], feature["kind"]
    rule = wish.missing.get(name) or wish.missing.get(DEFAULT) or ""
    if not rule:
        # A number that is never missing needs no median, and the file one reading less.
        needed = gaps and kind in GAPPED and (kind != "number" or whole.get(name))
        rule = "median" if needed else "leave"
    if kind in ("words", "text"):
        return "drop" if rule == "drop" else "leave"
    return "mode" if rule == "median" and kind != "number" else rule


def _bad_rules(features: Sequence[Feature], wish: Definition) -> Errors:
    errors: Errors = {}
    for feature in features:
        name, kind = feature["name"], feature["kind"]
        if kind != "number" and wish.missing.get(name) == "median":
            errors.setdefault("missing", []).append(f"“{name}” holds no numbers: use the mode.")
        if name in wish.categories and kind not in ("onehot", "ordinal"):
            errors.setdefault("categories", []).append(f"“{name}” holds no categories.")
    return errors


def _bad_gaps(
    features: Sequence[Feature],
    rules: Mapping[str, str],
    whole: Mapping[str, int],
    gaps: Algorithm | None,
) -> Errors:
    texts = [
        f"{gaps.title} reads no missing values here, and “{f['name']}” lacks {whole[f['name']]:,}. "
        "Choose median, mode or drop."
        for f in features
        if gaps and f["kind"] in GAPPED and rules[f["name"]] == "leave" and whole.get(f["name"])
    ]
    return {"missing": texts} if texts else {}


def missing_of(tables: Sequence[Sequence[Column]]) -> dict[str, int]:
    """How many values each column lacks in all `tables` together."""
    found: dict[str, int] = {}
    for column in (column for table in tables for column in table):
        found[column["name"]] = found.get(column["name"], 0) + int(column["missing"])
    return found


def lacking(recipe_columns: Mapping[str, str], table: Sequence[Column]) -> str:
    """What `table` lacks of the columns {name: kind}; "" when it fits."""
    have: dict[str, Any] = {column["name"]: column for column in table}
    missing = [name for name in recipe_columns if name not in have]
    if missing:
        shown = ", ".join(f"“{name}”" for name in missing[:8]) + (", …" if missing[8:] else "")
        return f"It lacks the column{'s' * (len(missing) > 1)} {shown}."
    texts = [
        name
        for name, kind in recipe_columns.items()
        if kind == "number" and have[name]["dtype"] not in (*NUMBERS, "empty")
    ]
    return f"Its column “{texts[0]}” holds text where numbers are expected." if texts else ""

"""The column to predict: what it asks for, and what its classes are called."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from datasets.formats.sniff import MISSING

CLASSES = 1_000
NUMERIC_CLASSES = 20  # a numeric target with more distinct values is a quantity
DROPPABLE = 0.01  # this share of rows may lack the target: they are left out, and counted
FEWEST_ROWS = 10
TARGETS = frozenset(
    [
        "target",
        "label",
        "class",
        "y",
        "outcome",
        "response",
        "diagnosis",
        "species",
        "survived",
        "churn",
        "churned",
        "sentiment",
        "fraud",
        "progression",
        "digit",
    ]
)
OTHER = "other"  # the class that rare ones are merged into

Column = Mapping[str, Any]


def unknown(name: str, columns: Sequence[Column]) -> str:
    """Why there is no such column, with those that were perhaps meant."""
    names = {str(column["name"]).lower(): str(column["name"]) for column in columns}
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = " or ".join(f"“{names[match]}”" for match in near) if near else ""
    listed = ", ".join(list(names.values())[:8]) + (", …" if len(names) > 8 else "")
    ask = f"Did you mean {hint}?" if hint else f"The columns are {listed}."
    return f"There is no column “{name}”. {ask}"


def too_few(rows: int) -> str:
    if rows >= FEWEST_ROWS:
        return ""
    return f"The table has {rows} rows; splitting needs at least {FEWEST_ROWS}."


def problem(column: Column, rows: int) -> str:
    """Why nothing can be learned of this column; "" when it can."""
    missing, unique = column["missing"], column["unique"]
    if rows < FEWEST_ROWS:
        return too_few(rows)
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
    """Labels by code: numbers by size, text by alphabet; `OTHER` after numbers."""
    if dtype not in ("integer", "number"):
        return sorted(names)
    return sorted(names - {OTHER}, key=float) + [OTHER] * (OTHER in names)


def class_counts(column: Column) -> dict[str, int]:
    """Rows per label in the labels' order; empty when the profile does not list every value."""
    if not column["unique_exact"] or len(column["top"]) < column["unique"]:
        return {}
    counts: dict[str, int] = {}
    for top in column["top"]:
        name = class_name(top["value"], column["dtype"])
        counts[name] = counts.get(name, 0) + top["count"]
    return {name: counts[name] for name in in_order(set(counts), column["dtype"])}


def likely_target(columns: Sequence[Column]) -> str:
    """The column people most likely want to predict: named so, else the last with few values."""
    for column in columns:
        if column["name"].lower() in TARGETS:
            return str(column["name"])
    few = [c for c in columns if c["unique_exact"] and 2 <= c["unique"] <= NUMERIC_CLASSES]
    return str((few or list(columns))[-1]["name"]) if columns else ""

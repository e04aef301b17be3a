"""The checklist of columns: what speaks against each, and which to leave out to begin with."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.fitness import pixel_names

Facts = Mapping[str, Any]
KEYS = re.compile(r"(^|[_ .-])(id|uuid|guid|key|index|rownum|serial)$|^unnamed|^$", re.IGNORECASE)
CAMEL_KEY = re.compile(r"[a-z](Id|ID)$")
FEWEST = 20  # in fewer rows, different numbers say nothing


@dataclass(frozen=True)
class Mark:
    """A reason to leave a column out: `word` on the page, `why` in a sentence."""

    word: str
    why: str


@dataclass(frozen=True)
class Choice:
    """A line of the checklist."""

    name: str
    dtype: str
    missing: float  # share of the rows
    distinct: str
    marks: list[Mark]
    ticked: bool


def choices(
    columns: Sequence[Facts], rows: int, insights: Facts, *, target: str, ticked: Collection[str]
) -> list[Choice]:
    """Every column but the target, in the file's order."""
    marks = marked(columns, rows, insights, target=target)
    return [
        Choice(
            name=column["name"],
            dtype=column["dtype"],
            missing=column["missing"] / rows if rows else 0.0,
            distinct=f"{column['unique']:,}{'' if column['unique_exact'] else '+'}",
            marks=marks.get(column["name"], []),
            ticked=column["name"] in ticked,
        )
        for column in columns
        if column["name"] != target
    ]


def suggested(columns: Sequence[Facts], rows: int, insights: Facts, *, target: str) -> list[str]:
    """The columns that a person most likely wants to leave out when predicting `target`."""
    return list(marked(columns, rows, insights, target=target))


def marked(
    columns: Sequence[Facts], rows: int, insights: Facts, *, target: str
) -> dict[str, list[Mark]]:
    """What speaks against using a column, by its name; columns without a mark are not in it."""
    leaks = {
        leak["column"]: leak["why"]
        for leak in insights.get("targets", {}).get(target, {}).get("leaks", [])
    }
    pixels = pixel_names(columns, insights)
    found: dict[str, list[Mark]] = {}
    for column in columns:
        name = column["name"]
        marks = []
        if name in pixels:  # a dark corner is constant, and belongs to the picture all the same
            continue
        if name in leaks:
            marks.append(Mark("leak suspect", leaks[name]))
        if column["unique"] < 2 and column["unique_exact"] and not column["missing"]:
            marks.append(Mark("constant", "every row holds the same value"))
        elif is_identifier(column, rows):
            marks.append(Mark("identifier", "it numbers or names the rows"))
        if marks and name != target:
            found[name] = marks
    return found


def is_identifier(column: Facts, rows: int) -> bool:
    """Whole numbers without a gap, or different in every row and called like a key."""
    if rows < FEWEST or column["missing"] or column["dtype"] not in ("integer", "text"):
        return False
    if column["unique_exact"] and column["unique"] < rows:
        return False
    name = str(column["name"]).strip()
    if KEYS.search(name) or CAMEL_KEY.search(name):
        return True
    low, high = column.get("min"), column.get("max")
    return low is not None and high is not None and high - low + 1 == rows

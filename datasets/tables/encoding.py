"""From a table's columns to an algorithm's numeric columns: fitted once, applied everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from datasets.formats.sniff import MISSING, is_number

Kind = Literal["number", "boolean", "onehot", "ordinal", "words", "text"]


class Feature(TypedDict):
    """One source column: `onehot` becomes a 0/1 column per category, `words` a count per word.

    The others become one column: a number as it is, a flag as 1 or 0, an `ordinal` as the place of
    its category, a `text` as its tokens. What training rows decided is there when it applies:
    `fill` stands for a missing value; a number is written as (number - shift) / scale.
    """

    name: str
    kind: Kind
    categories: list[str]  # of `words`: the vocabulary
    fill: NotRequired[str]
    shift: NotRequired[float]
    scale: NotRequired[float]
    lower: NotRequired[bool]


class Encoding(TypedDict):
    """Kept as JSON on the preparation; `left_out` says which columns are not used, and why."""

    features: list[Feature]
    left_out: list[dict[str, str]]
    dropped_rows: int


class BadCell(ValueError):
    def __init__(self, column: str, value: str) -> None:
        super().__init__(f"“{value[:80]}” is not a number, but column “{column}” holds numbers.")
        self.column = column


def feature_names(encoding: Encoding) -> list[str]:
    """The channel's columns in order: `age`, `job=admin`, `job=clerk`, …"""
    names: list[str] = []
    for feature in encoding["features"]:
        if feature["kind"] == "onehot":
            names += [f"{feature['name']}={category}" for category in feature["categories"]]
        else:
            names.append(feature["name"])
    return names


def encode_columns(encoding: Encoding, columns: Mapping[str, Sequence[str]]) -> list[Sequence[str]]:
    """The channel's columns as text, in the order of `feature_names`.

    Numbers stay as they are written, a missing one is an empty field; a category that training had
    not seen is 0 in all its columns.
    """
    encoded: list[Sequence[str]] = []
    for feature in encoding["features"]:
        values = [value.strip() for value in columns[feature["name"]]]
        if feature["kind"] == "number":
            encoded.append(["" if value in MISSING else value for value in values])
        elif feature["kind"] == "boolean":
            encoded.append([BOOLEANS.get(value.lower(), "") for value in values])
        else:
            encoded += [
                ["1" if value == category else "0" for value in values]
                for category in feature["categories"]
            ]
    return encoded


BOOLEANS = {"true": "1", "false": "0", "1": "1", "0": "0"}


def encode_row(encoding: Encoding, row: Mapping[str, Any]) -> list[str]:
    """One row of original columns as one row of the channel (without the label).

    Columns that `row` lacks, or None, count as missing. BadCell for text in a column of numbers.
    """
    cells = {}
    for feature in encoding["features"]:
        value = row.get(feature["name"])
        text = "" if value is None else str(value).strip()
        if feature["kind"] == "number" and text not in MISSING and not is_number(text):
            raise BadCell(feature["name"], text)
        cells[feature["name"]] = [text]
    return [column[0] for column in encode_columns(encoding, cells)]

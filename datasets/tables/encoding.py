"""From a table's columns to an algorithm's columns: fitted once, applied everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from datasets.formats.sniff import MISSING, BadTable, is_number
from datasets.tables.words import counted, sentence

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from datasets.formats.block import Block

    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

Kind = Literal["number", "boolean", "onehot", "ordinal", "words", "text"]
BOOLEANS = {"true": "1", "false": "0", "1": "1", "0": "0"}
STRANGE = ["N", "n", "?", '"', "\r", "\n"]  # every missing value but "" has one of them
MOST_CELLS = 2**20  # of a matrix or of texts that are held at once


class Feature(TypedDict):
    """One source column: `onehot` becomes a 0/1 column per category, `words` a count per word.

    The others become one column: a number as it is, a flag as 1 or 0, an `ordinal` as the place of
    its category, a `text` as its tokens. What training rows decided is there when it applies:
    `fill` stands for a missing value (and for a category that an `ordinal` does not know); a number
    and an ordinal are written as (number - shift) / scale.
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
    dropped: NotRequired[dict[str, int]]  # why rows are in no split: target, time, group, rare, …
    # Of every how many training rows one was looked at for medians and the like; 1 is all.
    fitted_on: NotRequired[int]
    tokens: NotRequired[list[str]]  # BlazingText: the labels' words, by code


class BadCell(ValueError):
    def __init__(self, column: str, value: str) -> None:
        super().__init__(f"“{value[:80]}” is not a number, but column “{column}” holds numbers.")
        self.column = column


def feature_names(encoding: Encoding) -> list[str]:
    """The channel's columns in order: `age`, `job=admin`, `job=clerk`, …, `note:word`, …"""
    names: list[str] = []
    for feature in encoding["features"]:
        mark = {"onehot": "=", "words": ":"}.get(feature["kind"])
        if mark:
            names += [f"{feature['name']}{mark}{category}" for category in feature["categories"]]
        else:
            names.append(feature["name"])
    return names


def width_of(feature: Feature) -> int:
    """How many of the channel's columns it becomes."""
    return len(feature["categories"]) if feature["kind"] in ("onehot", "words") else 1


def encode_columns(encoding: Encoding, columns: Mapping[str, Sequence[str]]) -> list[Sequence[str]]:
    """The channel's columns as text, in the order of `feature_names`.

    Numbers that are not scaled stay as they are written. A missing one without a fill is an empty
    field; a category that training had not seen is 0 in all its columns.
    """
    encoded: list[Sequence[str]] = []
    for feature in encoding["features"]:
        values = [value.strip() for value in columns[feature["name"]]]
        encoded += _texts(feature, values)
    return encoded


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


def encode_block(encoding: Encoding, block: Block) -> Iterator[tuple[slice, Matrix]]:
    """The channel's columns as float32, some rows at a time: which rows, and their matrix.

    Each number is what `encode_columns` writes; a missing one is NaN. BadTable for text among
    numbers.
    """
    import numpy as np

    features = encoding["features"]
    width = sum(map(width_of, features))
    read = [_read(feature, block) for feature in features]
    step = max(1, MOST_CELLS // max(1, width))
    for start in range(0, len(block), step):
        here = slice(start, min(len(block), start + step))
        matrix = np.empty((here.stop - here.start, width), dtype=np.float32)
        place = 0
        for feature, values in zip(features, read, strict=True):
            columns = width_of(feature)
            _fill_in(matrix[:, place : place + columns], feature, values[here])
            place += columns
        yield here, matrix


def encode_lines(encoding: Encoding, block: Block) -> Iterator[tuple[slice, pl.Series]]:
    """The channel's columns as lines of comma-separated text: which rows, and their lines.

    The cells are those of `encode_columns`. BadTable for a cell that would need quotes.
    """
    features = encoding["features"]
    width = sum(map(width_of, features))
    read = [block.series(feature["name"]) for feature in features]
    step = max(1, MOST_CELLS // max(1, width))
    for start in range(0, len(block), step):
        here = slice(start, min(len(block), start + step))
        cells = [column[here] for column in read]
        # Looking at whole lines is five times as fast as looking for gaps in each column.
        lines = _joined(features, cells, plain=True)
        if lines.str.contains_any(STRANGE).any():
            lines = _joined(features, cells, plain=False)
        if (lines.str.count_matches(",", literal=True) != width - 1).any():
            raise BadTable("A column of numbers holds text with a comma.")
        if lines.str.contains_any(['"', "\r", "\n"]).any():
            raise BadTable("A column of numbers holds text with a quote or a line end.")
        yield here, lines


def _joined(features: Sequence[Feature], read: Sequence[pl.Series], *, plain: bool) -> pl.Series:
    """The lines; `plain` takes for granted that a number without a fill is never missing."""
    import polars as pl

    columns: list[pl.Series] = []
    for feature, cells in zip(features, read, strict=True):
        kind, fill = feature["kind"], feature.get("fill", "")
        if kind == "number" and "scale" not in feature:
            columns.append(cells if plain and not fill else _filled(cells, fill))
        elif kind == "onehot":
            whole = _filled(cells, fill)
            columns += [
                (whole == category).cast(pl.UInt8).cast(pl.String)
                for category in feature["categories"]
            ]
        else:
            texts = _texts(feature, cells.to_list())
            columns += [pl.Series(column, dtype=pl.String) for column in texts]
    named = [column.rename(str(place)) for place, column in enumerate(columns)]
    return pl.select(pl.concat_str(named, separator=",")).to_series()


def _filled(cells: pl.Series, fill: str) -> pl.Series:
    missing = cells.is_in(list(MISSING))
    return cells.set(missing, fill) if missing.any() else cells


def figure(number: float) -> str:
    """The shortest spelling that reads back as the same number; "" for NaN."""
    if number != number:  # noqa: PLR0124  # NaN is what differs from itself
        return ""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _texts(feature: Feature, values: Sequence[str]) -> list[Sequence[str]]:
    """A feature's columns as text."""
    kind, fill = feature["kind"], feature.get("fill", "")
    if kind == "text":
        lower = feature.get("lower", True)
        return [[sentence(value, lower=lower) for value in _whole(values, "")]]
    if kind == "words":
        return _word_texts(feature, values)
    if kind == "onehot":
        whole = _whole(values, fill)
        return [
            ["1" if value == category else "0" for value in whole]
            for category in feature["categories"]
        ]
    if kind == "number" and "scale" not in feature:
        return [_whole(values, fill)]
    if kind == "boolean":
        missing = BOOLEANS.get(fill.lower(), "")
        return [[BOOLEANS.get(value.lower(), missing) for value in values]]
    return [list(map(figure, _numbers(feature, values).tolist()))]


def _whole(values: Sequence[str], fill: str) -> Sequence[str]:
    """The values with `fill` in place of the missing ones."""
    if MISSING.isdisjoint(values):
        return values
    return [fill if value in MISSING else value for value in values]


def _word_texts(feature: Feature, values: Sequence[str]) -> list[Sequence[str]]:
    places = {word: place for place, word in enumerate(feature["categories"])}
    columns = [["0"] * len(values) for _ in places]
    for row, value in enumerate(_whole(values, "")):
        for place, count in counted(value, places, lower=feature.get("lower", True)).items():
            columns[place][row] = str(count)
    return list(columns)


def _numbers(feature: Feature, values: Sequence[str]) -> Floats:
    """A number's or an ordinal's values as they are written."""
    import numpy as np

    if feature["kind"] == "ordinal":
        return _scaled(feature, _codes(feature, values))
    missing = float(feature.get("fill") or "nan")
    found = [missing if value in MISSING else float(value) for value in values]
    return _scaled(feature, np.array(found, dtype=np.float64))


def _codes(feature: Feature, values: Sequence[str]) -> Floats:
    """The places of an ordinal's categories: of the fill where there is none, NaN without one."""
    import numpy as np

    places = {name: float(place) for place, name in enumerate(feature["categories"])}
    missing = places.get(feature.get("fill", ""), float("nan"))
    return np.array([places.get(value, missing) for value in values], dtype=np.float64)


def _scaled(feature: Feature, numbers: Floats) -> Floats:
    if "scale" not in feature:
        return numbers
    found: Floats = (numbers - feature.get("shift", 0.0)) / feature["scale"]
    return found


def _read(feature: Feature, block: Block) -> Any:
    """A feature's cells of a block: numbers as they are written, else texts."""
    import numpy as np

    name, kind = feature["name"], feature["kind"]
    if kind != "number":
        return block.texts(name)
    numbers = block.numbers(name)
    if numbers is None:
        raise BadTable(f"The column “{name}” holds text where numbers are expected.")
    if feature.get("fill"):
        numbers = np.where(np.isnan(numbers), float(feature["fill"]), numbers)
    return _scaled(feature, numbers)


def _fill_in(into: Matrix, feature: Feature, values: Any) -> None:
    """Write a feature's columns of some rows."""
    kind = feature["kind"]
    if kind == "number":
        into[:, 0] = values
    elif kind == "words":
        into[:] = 0
        places = {word: place for place, word in enumerate(feature["categories"])}
        for row, value in enumerate(_whole(values, "")):
            for place, count in counted(value, places, lower=feature.get("lower", True)).items():
                into[row, place] = count
    elif kind == "onehot":
        _fill_in_categories(into, feature, values)
    elif kind == "ordinal":
        into[:, 0] = _numbers(feature, values)
    else:
        texts = _texts(feature, values)[0]
        into[:, 0] = [float(text or "nan") for text in texts]


def _fill_in_categories(into: Matrix, feature: Feature, values: Sequence[str]) -> None:
    import numpy as np

    places = {name: place for place, name in enumerate(feature["categories"])}
    found = np.array([places.get(v, -1) for v in _whole(values, feature.get("fill", ""))])
    into[:] = 0
    rows = np.flatnonzero(found >= 0)
    into[rows, found[rows]] = 1

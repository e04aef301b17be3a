"""From what a person typed to the rows a model reads: the channel's columns, in its order."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets.formats.sniff import MISSING, is_number
from datasets.tables import BadCell, Encoding, encode_row
from datasets.tables.encoding import Feature, width_of

MAX_ROWS = 1_000
NAMED = 8  # columns named in a message
FLAGS = {"true": 1, "false": 0}

Row = Sequence[str]


class Misfit(ValueError):
    """The rows do not fit; says which row, and what was expected."""


@dataclass(frozen=True)
class Columns:
    """What a model was trained on; all empty when nobody knows (others made it).

    `features` are the channel's columns; `originals` the dataset's columns in file order, the
    target among them; `encoding` leads from these to those.
    """

    features: Sequence[str] = ()
    originals: Sequence[str] = ()
    target: str = ""
    encoding: Encoding | None = None
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset([*self.features, *self.originals, self.target]))

    @property
    def is_text(self) -> bool:
        """Whether the model reads one text, commas and all."""
        kinds = [feature["kind"] for feature in (self.encoding or {"features": []})["features"]]
        return kinds == ["text"]

    @property
    def inputs(self) -> list[str]:
        """The dataset's columns that a person fills in."""
        return [name for name in self.originals if name != self.target]


def rows_of_csv(text: str) -> list[list[str]]:
    """The non-empty lines of comma- (or tab- or semicolon-) separated text."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in ",\t;" if mark in first), ",")
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise Misfit(f"This is not CSV: {error}.") from error
    return [[cell.strip() for cell in row] for row in _bounded(rows)]


def rows_of_instances(instances: Sequence[Any]) -> list[list[str]] | list[dict[str, str]]:
    """Lists of values, or objects with a value per column; all of one kind."""
    _bounded(instances)
    if all(isinstance(row, Mapping) for row in instances):
        return [{str(name): _text(value) for name, value in row.items()} for row in instances]
    if all(isinstance(row, Sequence) and not isinstance(row, str) for row in instances):
        return [[_text(value) for value in row] for row in instances]
    raise Misfit("Instances are lists of values, or objects with a value per column.")


def instances_of(text: str) -> list[Any]:
    """A JSON list of rows, or an object that has it under `instances`. Misfit otherwise."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misfit(f"This is not JSON: {error}.") from error
    found = document.get("instances") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise Misfit('Write a list of rows, or {"instances": [rows]}.')
    return found


def fit(rows: Sequence[Row] | Sequence[Mapping[str, str]], columns: Columns) -> list[list[str]]:
    """`rows` as the channel's rows. Accepted are, by width or by name:

    the channel's own columns; the dataset's columns, with or without the target; either with a
    header line in any order. Misfit otherwise, with the names that were expected.
    """
    named = [row for row in rows if isinstance(row, Mapping)]
    plain = [list(row) for row in rows if not isinstance(row, Mapping)]
    if not columns.features:
        return _unchecked(plain or [list(row.values()) for row in named])
    if plain and _is_header(plain, columns):
        header, *plain = plain
        named, plain = [_named(header, row, n) for n, row in enumerate(plain, 1)], []
    if named:
        return [_from_names(row, columns, number) for number, row in enumerate(named, 1)]
    return [_from_cells(row, columns, number) for number, row in enumerate(plain, 1)]


def original_of(columns: Columns, row: Row) -> dict[str, str]:
    """The dataset's columns back from a row of the channel (without its label)."""
    if columns.encoding is None:
        return dict(zip(columns.features, row, strict=True))
    cells = iter(row)
    return {
        feature["name"]: _original(feature, [next(cells) for _ in range(width_of(feature))])
        for feature in columns.encoding["features"]
    }


def _original(feature: Feature, cells: Row) -> str:
    """The cell of the dataset that became `cells`; of counted words those that the model knows."""
    kind, categories = feature["kind"], feature["categories"]
    if kind == "onehot":
        return next((c for c, cell in zip(categories, cells, strict=True) if _is(cell, 1)), "")
    if kind == "words":
        counts = (round(float(cell or 0)) for cell in cells)
        return " ".join(
            word for word, count in zip(categories, counts, strict=True) for _ in range(count)
        )
    if kind == "boolean":
        return next((name for name, n in FLAGS.items() if _is(cells[0], n)), "")
    if kind == "text" or ("scale" not in feature and kind == "number"):
        return cells[0]
    return _unscaled(feature, cells[0])


def _is(cell: str, number: int) -> bool:
    return is_number(cell) and float(cell) == number


def _unscaled(feature: Feature, cell: str) -> str:
    """A scaled number or the place of a category, as it was; digits that float32 lacks cut off."""
    if not is_number(cell):
        return ""
    number = float(cell) * feature.get("scale", 1.0) + feature.get("shift", 0.0)
    if feature["kind"] == "ordinal":
        place = round(number)
        known = feature["categories"]
        return known[place] if 0 <= place < len(known) else ""
    return f"{number:.6g}"


def _bounded(rows: Sequence[Any]) -> Sequence[Any]:
    if not rows:
        raise Misfit("There is no row to ask about.")
    if len(rows) > MAX_ROWS:
        raise Misfit(f"{len(rows):,} rows; at most {MAX_ROWS:,} at once. Evaluate a split instead.")
    return rows


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _unchecked(rows: list[list[str]]) -> list[list[str]]:
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise Misfit(f"Row {number} has {len(row)} values, row 1 has {len(rows[0])}.")
    return rows


def _is_header(rows: list[list[str]], columns: Columns) -> bool:
    """Names of columns, each once; a single line is data, whatever it holds."""
    first = rows[0]
    return len(rows) > 1 and len(set(first)) == len(first) and columns.known.issuperset(first)


def _named(header: Row, row: Row, number: int) -> dict[str, str]:
    if len(row) != len(header):
        raise Misfit(f"Row {number} has {len(row)} values, the header {len(header)}.")
    return dict(zip(header, row, strict=True))


def _from_names(row: Mapping[str, str], columns: Columns, number: int) -> list[str]:
    unknown = [name for name in row if name not in columns.known]
    if unknown:
        raise Misfit(f"Row {number}: there is no column {listed(unknown)}. {_expected(columns)}")
    if columns.encoding is not None:
        sources = [feature["name"] for feature in columns.encoding["features"]]
        if all(name in row for name in sources):
            return _encoded(columns.encoding, row, number)
    missing = [name for name in columns.features if name not in row]
    if missing:
        raise Misfit(f"Row {number} lacks {listed(missing)}. {_expected(columns)}")
    return _checked([row[name] for name in columns.features], columns, number)


def _from_cells(row: Row, columns: Columns, number: int) -> list[str]:
    for names in (columns.inputs, columns.originals):
        if columns.encoding is not None and len(row) == len(names):
            cells = dict(zip(names, row, strict=True))
            if len(row) != len(columns.features) or _is_known(columns.encoding, cells):
                return _encoded(columns.encoding, cells, number)
    if len(row) == len(columns.features):
        return _checked(row, columns, number)
    raise Misfit(f"Row {number} has {len(row)} value{'s' * (len(row) != 1)}. {_expected(columns)}")


def _is_known(encoding: Encoding, row: Mapping[str, str]) -> bool:
    """Whether every category is one of training's: it tells tables of the same width apart."""
    return all(
        row[feature["name"]] in feature["categories"] or row[feature["name"]] in MISSING
        for feature in encoding["features"]
        if feature["kind"] == "onehot"
    )


def _encoded(encoding: Encoding, row: Mapping[str, str], number: int) -> list[str]:
    try:
        return encode_row(encoding, row)
    except BadCell as error:
        raise Misfit(f"Row {number}: {error}") from error


def _checked(row: Row, columns: Columns, number: int) -> list[str]:
    for name, cell in zip(columns.features, row, strict=True):
        if cell not in MISSING and not is_number(cell):
            raise Misfit(f"Row {number}: “{cell[:80]}” is not a number (column “{name}”).")
    return ["" if cell in MISSING else cell for cell in row]


def _expected(columns: Columns) -> str:
    names = columns.inputs if columns.encoding is not None else columns.features
    return f"Expected are {len(names)} columns: {listed(names)}."


def listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more

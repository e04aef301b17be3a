"""The rows of a batch: a split of a preparation, or a file, as what its model is asked, in order.

A file is read as datasets are; its columns are found by name, or by their number without a header.
"""

import csv
import io
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from aws import s3
from datasets.formats import detect, registry
from datasets.formats.block import Block
from datasets.formats.peek import peek
from datasets.formats.sniff import (
    HEAD_BYTES,
    MISSING,
    BadTable,
    Dialect,
    encoding_of,
    is_number,
)
from datasets.formats.stream import Plain, buffered, lines
from datasets.models import Preparation
from datasets.prepare import split_lines, split_stream
from datasets.tables.encoding import Encoding, encode_columns, encode_lines
from endpoints import inputs
from endpoints.batches import Row, coded, labelled, unlabelled
from endpoints.models import BatchPrediction

if TYPE_CHECKING:
    import polars as pl

NAN = float("nan")
TEXT_FORMATS = ("csv", "jsonl", "labelled")


class BadRow(ValueError):
    """Row `number` (from 1) cannot be asked about; the message says why."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True)
class Fit:
    """How a file's columns become a model's: which are read, as they are or encoded."""

    columns: Sequence[str] = ()
    encoding: Encoding | None = None
    target: str = ""
    ignored: Sequence[str] = ()
    renamed: dict[str, str] = field(default_factory=dict)  # a model's column to the file's


def of(batch: BatchPrediction) -> Generator[Row]:
    """Every row, streamed. Close it to end early.

    BadRow, batches.BadLine and BadTable say what cannot be asked about; AwsError when S3 fails.
    """
    if batch.split and batch.preparation:
        yield from _of_split(batch.preparation, batch.split, has_truth=batch.has_truth)
    else:
        yield from _of_file(batch)


def _of_split(preparation: Preparation, split: str, *, has_truth: bool) -> Generator[Row]:
    if tokens := preparation.encoding.get("tokens"):
        with split_stream(preparation, split) as stream:
            yield from labelled(coded(stream, tokens))
        return
    found = split_lines(preparation, split, needs_labels=has_truth)
    with closing(found) as texts:
        if has_truth:
            yield from _known(labelled(texts), len(preparation.labels))
        else:
            yield from unlabelled(_features_of(texts, len(preparation.features)))


def _known(rows: Iterator[Row], classes: int) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if classes and row.label not in range(classes):
            text = f"its label is {row.label:g}, and there are classes from 0 to {classes - 1}"
            raise BadRow(number, text)
        yield row


def _features_of(lines: Iterator[bytes], width: int) -> Iterator[bytes]:
    """The lines without what stands before the features, where something does."""
    for line in lines:
        yield line.partition(b",")[2] if line.count(b",") >= width else line


def _of_file(batch: BatchPrediction) -> Generator[Row]:
    recipe, dialect = batch.preparation, dialect_of(batch)
    with _opened(batch) as stream:
        if recipe is None:
            yield from unlabelled(_lines_of(stream, dialect))
            return
        if is_lines(recipe, dialect):
            yield from _texts(recipe.encoding, _lines_of(stream, dialect), dialect.encoding)
            return
        with registry.opened(stream, dialect) as table:
            fit = fitted(recipe, table.names, dialect, has_truth=batch.has_truth)
            first = 1
            for block in registry.blocks_of(table):
                yield from _asked(recipe, fit, block, first)
                first += len(block)


@contextmanager
def _opened(batch: BatchPrediction) -> Iterator[BinaryIO]:
    workspace = batch.workspace
    with s3.open_object(workspace.account, workspace.bucket, batch.source) as stream:
        yield cast("BinaryIO", stream)


def dialect_of(batch: BatchPrediction) -> Dialect:
    """How its file is read, from its first bytes; BadTable when it cannot be, AwsError."""
    workspace = batch.workspace
    head = s3.get_object(
        workspace.account, workspace.bucket, batch.source, range=(0, HEAD_BYTES - 1)
    )
    return dialect_in(head, batch.source_name, batch.preparation)


def dialect_in(head: bytes, name: str, recipe: Preparation | None) -> Dialect:
    """`detect.inspect`, knowing the model's columns: a line of their names is a header.

    Without one, each line is a text to a model that reads texts.
    """
    complete = len(head) < HEAD_BYTES
    text = text_column(recipe)
    try:
        found = detect.inspect(head, complete=complete, filename=name)
    except BadTable:
        if not text or not head.strip():
            raise
        return Dialect(",", encoding_of(head, complete=complete), header=False)
    if recipe is None or found.format != "csv" or (found.header and not text):
        return found
    known = {*recipe.features, recipe.target, *(one["name"] for one in recipe.dataset.columns)}
    names: list[str] = []
    titled = replace(found, header=True)
    with suppress(BadTable):
        names = peek(head, titled, complete=complete, most=1)[0]
    if text:
        return titled if text in names else replace(found, header=False)
    return titled if names and known.issuperset(names) else found


def text_column(recipe: Preparation | None) -> str:
    """The column that a model of texts reads; "" of others."""
    features = recipe.encoding.get("features") if recipe else None
    return features[0]["name"] if features and features[0]["kind"] == "text" else ""


def is_lines(recipe: Preparation, dialect: Dialect) -> bool:
    """Whether each line is one text."""
    return bool(text_column(recipe)) and dialect.format == "csv" and not dialect.header


def _texts(encoding: Encoding, lines: Iterator[bytes], codec: str) -> Iterator[Row]:
    """Each line as training read its texts."""
    (feature,) = encoding["features"]
    for line in lines:
        if text := line.decode(codec, "replace").strip():
            (found,) = encode_columns(encoding, {feature["name"]: [text]})
            yield Row(NAN, found[0].encode())


def _lines_of(stream: BinaryIO, dialect: Dialect) -> Iterator[bytes]:
    if dialect.format not in TEXT_FORMATS:
        raise BadTable("This model takes lines of text.", "Write the rows as CSV or JSON lines.")
    with ExitStack() as kept:
        plain = Plain(stream, dialect.compression, kept, is_text=True)
        found = iter(buffered(plain))
        if dialect.format == "csv" and dialect.header:
            next(found, b"")
        yield from found


def fitted(recipe: Preparation, names: Sequence[str], dialect: Dialect, *, has_truth: bool) -> Fit:
    """Which of a file's columns the model reads; BadTable with those that it lacks."""
    columns = [column["name"] for column in recipe.dataset.columns]
    wanted = inputs.Columns(recipe.features, columns, recipe.target, recipe.encoding or None)
    has_names = dialect.header or dialect.format != "csv"
    given = list(names) if has_names else _by_number(wanted, names, has_truth=has_truth)
    renamed = dict(zip(given, names, strict=True))
    target = recipe.target if has_truth else ""
    if target and target not in renamed:
        raise BadTable(
            f"There is no column “{target}”, which tells what is true.",
            "Add it, or choose that the file has no truth.",
        )
    sources = [one["name"] for one in recipe.encoding.get("features", [])]
    encoding = recipe.encoding if sources and renamed.keys() >= set(sources) else None
    used = sources if encoding else list(recipe.features)
    if missing := [name for name in used if name not in renamed]:
        expected = sources or recipe.features
        raise BadTable(
            f"The file lacks the column {inputs.listed(missing)}.",
            f"Expected are {len(expected)} columns: {inputs.listed(expected)}.",
        )
    ignored = [name for name in given if name not in {*used, target}]
    return Fit(used, encoding, target, ignored, renamed=renamed)


def _by_number(wanted: inputs.Columns, names: Sequence[str], *, has_truth: bool) -> list[str]:
    """The names of columns without a header, by how many they are."""
    layouts = [wanted.originals] if has_truth else [wanted.inputs, wanted.originals]
    layouts += [[wanted.target, *wanted.features]] if has_truth else [wanted.features]
    for layout in layouts:
        if len(layout) == len(names):
            return list(layout)
    expected = wanted.originals if has_truth else wanted.inputs or wanted.features
    raise BadTable(
        f"The rows have {len(names)} values and no header.",
        f"Expected are {len(expected)} columns: {inputs.listed(expected)}.",
    )


def _asked(recipe: Preparation, fit: Fit, block: Block, first: int) -> Iterator[Row]:
    """The rows of a block, the first of which has this number."""
    truths = _truths(recipe, fit, block, first) if fit.target else repeat(NAN, len(block))
    yield from map(Row, truths, map(str.encode, _features(fit, block, first)))


def _features(fit: Fit, block: Block, first: int) -> Iterator[str]:
    named = _Renamed(block, fit.renamed)
    if fit.encoding is None:
        for name in fit.columns:
            _check_numbers(named, name, first)
        plain: Any = [{"name": name, "kind": "number", "categories": []} for name in fit.columns]
        encoding: Encoding = {"features": plain, "left_out": [], "dropped_rows": 0}
    else:
        encoding = fit.encoding
    kinds = {one["name"]: one["kind"] for one in encoding["features"]}
    for name, kind in kinds.items():
        if kind == "number":
            _check_numbers(named, name, first)
    if "text" in kinds.values():
        texts = {name: named.texts(name) for name in kinds}
        yield from map(",".join, zip(*encode_columns(encoding, texts), strict=True))
        return
    for _, found in encode_lines(encoding, named):
        yield from found


class _Renamed(Block):
    """A block under the names that the model knows."""

    def __init__(self, block: Block, renamed: dict[str, str]) -> None:
        self.names = tuple(renamed)
        self._length = len(block)
        self._block, self._renamed = block, renamed

    def raw(self, name: str) -> "pl.Series":
        return self._block.raw(self._renamed[name])

    def series(self, name: str) -> "pl.Series":
        return self._block.series(self._renamed[name])

    def texts(self, name: str) -> list[str]:
        return self._block.texts(self._renamed[name])

    def numbers(self, name: str) -> Any:
        return self._block.numbers(self._renamed[name])


def _check_numbers(block: Block, name: str, first: int) -> None:
    if block.numbers(name) is not None:
        return
    for number, cell in enumerate(block.texts(name), start=first):
        if cell not in MISSING and not is_number(cell):
            raise BadRow(number, f"“{cell[:80]}” is not a number (column “{name}”)")
    raise BadRow(first, f"the column “{name}” holds what is no number")


def _truths(recipe: Preparation, fit: Fit, block: Block, first: int) -> Sequence[float]:
    """What is true of each row: a code where there are labels. BadRow without one."""
    named = _Renamed(block, fit.renamed)
    if not recipe.labels:
        _check_numbers(named, fit.target, first)
        numbers = named.numbers(fit.target)
        for place, number in enumerate(numbers):
            if number != number:  # noqa: PLR0124  # NaN is what differs from itself
                raise BadRow(first + place, f"the target “{fit.target}” is empty")
        return cast("Sequence[float]", numbers)
    codes = {str(label): float(code) for code, label in enumerate(recipe.labels)}
    truths = []
    for number, cell in enumerate(named.texts(fit.target), start=first):
        if cell not in codes:
            raise BadRow(number, f"“{cell[:80]}” is no class of “{fit.target}” that is known")
        truths.append(codes[cell])
    return truths


def line_of(batch: BatchPrediction, number: int) -> int | None:
    """The line of the file in which row `number` begins; None where rows have no lines."""
    if not batch.source:
        return None
    dialect = dialect_of(batch)
    if dialect.format not in TEXT_FORMATS:
        return None
    with _opened(batch) as stream, ExitStack() as kept:
        plain = Plain(stream, dialect.compression, kept, is_text=True)
        text = io.TextIOWrapper(buffered(plain), encoding=dialect.encoding, newline="")
        if dialect.format != "csv" or batch.preparation is None:
            has_header = dialect.format == "csv" and dialect.header
            found: Iterator[int] = (line for line, _ in lines(text))
        else:
            has_header = dialect.header
            found = _records(text, dialect)
        return next((line for n, line in enumerate(found, 1 - has_header) if n == number), None)


def _records(text: io.TextIOWrapper, dialect: Dialect) -> Iterator[int]:
    """The line in which each record begins."""
    reader = csv.reader(
        text,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
    )
    line = 1
    for record in reader:
        if record:
            yield line
        line = reader.line_num + 1


def counted(batch: BatchPrediction) -> int | None:
    """About how many rows there are: the lines of a text; None where counting means reading."""
    if batch.split and batch.preparation:
        rows: int = batch.preparation.channels[batch.split]["rows"]
        return rows
    dialect = dialect_of(batch)
    if dialect.format not in TEXT_FORMATS:
        return None
    with _opened(batch) as stream, ExitStack() as kept:
        plain = Plain(stream, dialect.compression, kept, is_text=True)
        ends, last = 0, b"\n"
        while data := plain.read(2**20):
            ends, last = ends + data.count(b"\n"), data[-1:]
    found = ends + (last != b"\n") - (dialect.format == "csv" and dialect.header)
    return max(found, 1)

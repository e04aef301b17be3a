"""A channel's bytes as label-first CSV lines, whatever format they are in."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from datasets.formats import recordio
from datasets.formats.sniff import Dialect
from datasets.formats.stream import Plain
from datasets.writing.registry import FORMATS, RECORDIO


class NoLabels(ValueError):
    """The rows have no labels, or none that are numbers."""


def lines_of(
    content_type: str, stream: BinaryIO, width: int, *, needs_labels: bool = True
) -> Iterator[bytes]:
    """The rows of `width` features in `stream`, without line ends.

    NoLabels when they have none, unless it `needs_labels` not: then these are empty. CSV comes as
    it stands. What RecordIO leaves out is 0, and what libsvm leaves out is missing.
    """
    if content_type == "text/csv":
        return (line.rstrip(b"\n") for line in stream)
    if content_type == FORMATS["csv-unlabelled"].content_type and not needs_labels:
        return (b"," + line.rstrip(b"\n") for line in stream)
    if content_type == RECORDIO:
        return _records(stream, needs_labels=needs_labels)
    if content_type == FORMATS["libsvm"].content_type:
        return (_dense(line, width) for line in stream)
    raise NoLabels(f"Rows of {content_type} have no labels that are numbers.")


def _records(stream: BinaryIO, *, needs_labels: bool) -> Iterator[bytes]:
    with ExitStack() as kept:
        plain = Plain(stream, "", kept, is_text=False)
        table = _Records(plain, Dialect(",", "utf-8", format="recordio"), kept)
        is_labelled = table.names[0] == "label"
        if needs_labels and not is_labelled:
            raise NoLabels("These records have no labels.")
        for block in table:
            for row in block:
                yield ",".join(row if is_labelled else ["", *row]).encode()


class _Records(recordio.Reader):
    """Our own records, which may be wider than those that people upload: counted words are."""

    most = 1_000_000


def _dense(line: bytes, width: int) -> bytes:
    label, *pairs = line.split()
    cells = [b""] * width
    for index, _, value in (pair.partition(b":") for pair in pairs):
        cells[int(index)] = value
    return b",".join([label, *cells])

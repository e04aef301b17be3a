"""Every format that channels are written in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from datasets.writing import blazingtext, csv, libsvm, recordio
from datasets.writing.rows import Unwritable

PIECE_CELLS = 2**18  # a megabyte of float32: memory that is used again, instead of new memory


@dataclass(frozen=True)
class Format:
    """`encode(labels, rows)` gives the bytes of a block of rows; blocks may be put together.

    | rows | what they are | labels |
    |---|---|---|
    | texts | sequences of cells, as they shall stand there | texts |
    | numbers | a 2-D array of any numbers; a SciPy sparse matrix where `sparse` | a 1-D array |
    | sentences | texts | the class's names, one word each |

    Labels are None where `label` is "none" or, if the rows have none, where it is "optional".
    `encode` raises `rows.Unwritable` with the place of what the format cannot hold: NaN and
    infinity among numbers (libsvm leaves NaN out), separators in cells, spaces in class names.
    """

    suffix: str
    content_type: str
    rows: Literal["texts", "numbers", "sentences"]
    label: Literal["needed", "optional", "none"]
    encode: Callable[[Any, Any], bytes]
    sparse: bool = False

    def pieces(self, labels: Any, rows: Any, width: int) -> Iterator[bytes]:
        """What `encode` gives, in pieces of about a megabyte; `width` is the columns of a row."""
        count = rows.shape[0] if self.rows == "numbers" else len(rows)
        step = max(1, PIECE_CELLS // max(1, width))
        for start in range(0, count, step):
            here = slice(start, start + step)
            try:
                yield self.encode(None if labels is None else labels[here], rows[here])
            except Unwritable as error:
                row = start + error.row
                raise Unwritable(row, error.column, error.value, error.why) from error


RECORDIO = "application/x-recordio-protobuf"

FORMATS = {
    "csv": Format(".csv", "text/csv", "texts", "needed", csv.labelled),
    "csv-unlabelled": Format(".csv", "text/csv;label_size=0", "texts", "none", csv.unlabelled),
    "recordio": Format(".pbr", RECORDIO, "numbers", "optional", recordio.dense),
    "recordio-sparse": Format(
        ".pbr", RECORDIO, "numbers", "optional", recordio.sparse, sparse=True
    ),
    "libsvm": Format(".libsvm", "text/libsvm", "numbers", "needed", libsvm.lines, sparse=True),
    "blazingtext": Format(".txt", "text/plain", "sentences", "optional", blazingtext.sentences),
}

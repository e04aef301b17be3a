"""Every format that channels are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from datasets.writing import blazingtext, csv, libsvm, recordio

if TYPE_CHECKING:
    from datasets.writing.rows import Take


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
    chunks: Callable[[Any, Any, Take], None] | None = None

    def write(self, labels: Any, rows: Any, take: Take) -> None:
        """Give `take` what `encode` gives, perhaps in chunks of memory that is used again.

        `rows.Unwritable` may come after the first chunks.
        """
        if self.chunks:
            self.chunks(labels, rows, take)
        else:
            take(self.encode(labels, rows))


RECORDIO = "application/x-recordio-protobuf"

FORMATS = {
    "csv": Format(".csv", "text/csv", "texts", "needed", csv.labelled),
    "csv-unlabelled": Format(".csv", "text/csv;label_size=0", "texts", "none", csv.unlabelled),
    "recordio": Format(
        ".pbr", RECORDIO, "numbers", "optional", recordio.dense, chunks=recordio.write_dense
    ),
    "recordio-sparse": Format(
        ".pbr", RECORDIO, "numbers", "optional", recordio.sparse, sparse=True
    ),
    "libsvm": Format(".libsvm", "text/libsvm", "numbers", "needed", libsvm.lines, sparse=True),
    "blazingtext": Format(".txt", "text/plain", "sentences", "optional", blazingtext.sentences),
}

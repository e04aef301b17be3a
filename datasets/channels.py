"""Writing an algorithm's channels: label-first CSV without a header, one object a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws import s3
from aws.clients import Account
from datasets.formats.sniff import MISSING, BadTable
from datasets.parts import PartWriter
from datasets.recipe import Recipe
from datasets.split import NOWHERE, SPLITS
from datasets.tables.encoding import Encoding, encode_columns, feature_names

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

CONTENT_TYPE = "text/csv"
HEAD_LINES = 5

Rows = Sequence[Sequence[str]]
Block = tuple[Sequence[str], Rows]  # the table's column names, some of its rows


@dataclass(frozen=True)
class Fitted:
    target: str
    encoding: Encoding
    names: list[str]


def fit(
    recipe: Recipe, target: str, blocks: Iterable[Block], assigned: npt.NDArray[np.uint8]
) -> Fitted:
    """The recipe with the categories of its one-hot columns, as the training rows have them."""
    found: dict[str, set[str]] = {
        f["name"]: set() for f in recipe.features if f["kind"] == "onehot"
    }
    start = 0
    for names, rows in blocks if found else ():
        training = assigned[start : start + len(rows)] == 0
        start += len(rows)
        places = {name: names.index(name) for name in found}
        for row in (row for row, chosen in zip(rows, training, strict=True) if chosen):
            for name, place in places.items():
                found[name].add(row[place].strip())
    encoding: Encoding = {
        "features": [
            {**feature, "categories": sorted(found.get(feature["name"], set()) - MISSING)}
            for feature in recipe.features
        ],
        "left_out": list(recipe.left_out),
        "dropped_rows": int((assigned == NOWHERE).sum()),
    }
    return Fitted(target, encoding, feature_names(encoding))


@dataclass
class Channel:
    """One split on its way to S3: rows, rows per class, and its first lines."""

    split: str
    uri: str
    writer: PartWriter
    rows: int = 0
    size: int = 0
    counts: Counter[int] = field(default_factory=Counter)
    head: list[str] = field(default_factory=list)

    def add(self, lines: Sequence[str], classes: Sequence[int]) -> None:
        self.head += lines[: HEAD_LINES - len(self.head)]
        self.rows += len(lines)
        self.counts.update(classes)
        if lines:
            self.writer.write(("\n".join(lines) + "\n").encode())

    def close(self) -> None:
        self.size = self.writer.close()


def write(  # noqa: PLR0913  # where from, how, where to
    fitted: Fitted,
    blocks: Iterable[Block],
    *,
    assigned: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.int32] | None,
    account: Account,
    bucket: str,
    prefix: str,
) -> list[Channel]:
    """The channels in the order of `SPLITS`, those without rows left out.

    They replace what an earlier attempt wrote; a failure leaves none of this attempt's unfinished.
    """
    written: list[Channel] = []
    try:
        for number, name in enumerate(SPLITS):
            if (assigned == number).any():
                key = f"{prefix}{name}/part-0.csv"
                writer = PartWriter(account, bucket, key)
                written.append(Channel(name, s3.uri(bucket, key), writer))
        _fill(written, fitted, blocks, assigned, classes)
        for channel in written:
            channel.close()
    except BaseException:
        for channel in written:
            channel.writer.abort()
        raise
    return written


def _fill(
    written: Sequence[Channel],
    fitted: Fitted,
    blocks: Iterable[Block],
    assigned: npt.NDArray[np.uint8],
    classes: npt.NDArray[np.int32] | None,
) -> None:
    import numpy as np

    start = 0
    for names, rows in blocks:
        here = slice(start, start + len(rows))
        start += len(rows)
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        codes = classes[here] if classes is not None else None
        lines = list(_lines(fitted, columns, codes))
        for channel in written:
            chosen = np.flatnonzero(assigned[here] == SPLITS.index(channel.split))
            counted = codes[chosen].tolist() if codes is not None else []
            channel.add([lines[i] for i in chosen], counted)
    if start != len(assigned):
        raise BadTable("The file changed while it was read.", "Prepare it again.")


def _lines(
    fitted: Fitted, columns: Mapping[str, Sequence[str]], codes: npt.NDArray[np.int32] | None
) -> Iterator[str]:
    labels: Iterable[str]
    if codes is None:
        labels = (value.strip() for value in columns[fitted.target])
    else:
        labels = map(str, codes.tolist())
    features = encode_columns(fitted.encoding, columns)
    return map(",".join, zip(labels, *features, strict=True))


def described(written: Sequence[Channel], labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The channels as the preparation row keeps them, with rows per label's name."""
    return {
        channel.split: {
            "uri": channel.uri,
            "rows": channel.rows,
            "bytes": channel.size,
            "content_type": CONTENT_TYPE,
            "counts": {label: channel.counts[code] for code, label in enumerate(labels)},
        }
        for channel in written
    }

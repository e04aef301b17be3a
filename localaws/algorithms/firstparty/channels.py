"""A channel directory to a table; recordio-protobuf when the channel says nothing."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, issparse, vstack

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio import tables
from localaws.algorithms.recordio.tables import Features, Floats, Table

CSV = "text/csv"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MediaType:
    """`text/csv; label_size=0` -> kind `text/csv`, label_size 0."""

    kind: str
    parameters: dict[str, str]

    def label_size(self, default: int) -> int:
        """Raises ValueError for anything but 0 and 1."""
        text = self.parameters.get("label_size", str(default))
        if text not in {"0", "1"}:
            raise ValueError(f"label_size must be 0 or 1, not {text}")
        return int(text)


def media_type(text: str) -> MediaType:
    """Names and values of parameters in any case, with or without spaces."""
    kind, *parameters = (part.strip() for part in text.lower().split(";"))
    pairs = (part.partition("=") for part in parameters if part)
    return MediaType(kind, {name.strip(): value.strip(" \"'") for name, _, value in pairs})


def check(job: Container, *, optional: tuple[str, ...], sharded: tuple[str, ...] = ()) -> None:
    """`train` is there, and nothing beside it and `optional`. Raises UserError."""
    given = job.channels()
    if "train" not in given:
        raise _invalid("'train' is a required property")
    for name, settings in given.items():
        if name not in {"train", *optional}:
            raise _invalid(f"Additional properties are not allowed ('{name}' was unexpected)")
        kind = settings.get("S3DistributionType", "FullyReplicated")
        if name in sharded and kind != "ShardedByS3Key":
            raise _invalid(f"'{kind}' is not one of ['ShardedByS3Key'] (channel {name})")


def _invalid(cause: str) -> UserError:
    return UserError(
        "Unable to initialize the algorithm. Failed to validate input data configuration. "
        f"(caused by ValidationError)\n\nCaused by: {cause}"
    )


def read(job: Container, name: str, *, kinds: tuple[str, ...] = (RECORDIO, CSV)) -> Table | None:
    """All files of the channel as one table; None when the job has no such channel.

    A CSV's first column is the label unless the content type says `label_size=0`. Raises UserError.
    """
    settings = job.channels().get(name)
    if settings is None:
        return None
    declared = settings.get("ContentType") or RECORDIO
    media = media_type(declared)
    if media.kind not in kinds:
        raise UserError(
            f"The content type {declared} of the channel {name} is not supported. "
            f"Supported: {', '.join(kinds)}."
        )
    log.info("Loaded iterator creator %s for content type %s", media.kind, (declared, "1.0"))
    try:
        parts = [_table(path, media) for path in _files(job.channel(name))]
        return _checked(_joined(parts))
    except ValueError as error:
        how = f"{error} (read as {declared})"
        raise UserError(f"Unable to read data channel '{name}': {how}") from error


def labelled(table: Table, name: str) -> Floats:
    """Raises UserError when the rows of the channel have no labels."""
    if table.labels is None:
        raise UserError(f"The data of the channel {name} has no labels.")
    return table.labels


def dense(features: Features) -> Floats:
    """As a contiguous array."""
    rows = features.toarray() if isinstance(features, csr_matrix) else features
    return np.ascontiguousarray(rows, np.float32)


def check_width(table: Table, feature_dim: int | None, name: str) -> int:
    """The number of features; `feature_dim` None takes what comes. Raises UserError."""
    width = int(table.features.shape[1])
    if feature_dim not in {None, width}:
        raise UserError(
            f"The feature dimension of the data in the channel {name}, {width}, does not match the "
            f"feature_dim of {feature_dim}."
        )
    return width


def _files(folder: Path) -> Iterator[Path]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    if not found:
        raise ValueError("there is no data")
    yield from found


def _table(path: Path, media: MediaType) -> Table:
    if media.kind == RECORDIO:
        return tables.read(path)
    size = media.label_size(default=1)
    rows = pd.read_csv(path, header=None, dtype=np.float32).to_numpy(np.float32)
    if rows.shape[1] <= size:
        raise ValueError(f"{path.name} has no feature next to the label")
    return Table(rows[:, size:], rows[:, 0] if size else None)


def _joined(parts: list[Table]) -> Table:
    if len(parts) == 1:
        return parts[0]
    labels = [part.labels for part in parts if part.labels is not None]
    if len({part.features.shape[1] for part in parts}) > 1:
        raise ValueError("the files differ in their number of features")
    if len(labels) not in {0, len(parts)}:
        raise ValueError("some files have labels, others have none")
    features: Features
    if any(issparse(part.features) for part in parts):
        features = vstack([csr_matrix(part.features) for part in parts], format="csr")
    else:
        features = np.concatenate([part.features for part in parts])
    return Table(features, np.concatenate(labels) if labels else None)


def _checked(table: Table) -> Table:
    """Not a number is no data: none of these algorithms can leave it out."""
    cells = table.features.data if issparse(table.features) else table.features
    if not np.isfinite(cells).all():
        raise ValueError("a value is missing, not a number, or infinite")
    if table.labels is not None and not np.isfinite(table.labels).all():
        raise ValueError("a label is missing, not a number, or infinite")
    return table

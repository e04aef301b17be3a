"""A channel directory to a DMatrix, by the container's rules.

Source: aws/sagemaker-xgboost-container, data_utils.py and channel_validation.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import xgboost as xgb
from scipy.sparse import csr_matrix, vstack

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.recordio import tables
from localaws.algorithms.xgboost.formats import Floats, Sparse, csv_matrix, libsvm_matrix

_CSV = ("csv", "text/csv")
_LIBSVM = ("libsvm", "text/libsvm", "text/x-libsvm")
_PARQUET = ("parquet", "application/x-parquet")
_RECORDIO = ("recordio-protobuf", "application/x-recordio-protobuf")
_FORMS = {"csv": _CSV, "libsvm": _LIBSVM, "parquet": _PARQUET, "recordio": _RECORDIO}


def matrices(job: Container, *, weighted: bool) -> dict[str, xgb.DMatrix]:
    """`train` and, when its channel exists, `validation`. Raises UserError."""
    channels = job.channels()
    for name in channels:
        if name not in {"train", "validation", "code"}:
            raise UserError(f"Extraneous channel found: {name}")
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    return {
        name: _matrix(job.channel(name), _format(channels[name]), weighted=weighted)
        for name in ("train", "validation")
        if name in channels
    }


def _format(channel: dict[str, str]) -> str:
    """A name among _FORMS; libsvm is the container's default. Raises UserError."""
    declared = channel.get("ContentType", "text/libsvm")
    kind, *parameters = (part.strip().lower() for part in declared.split(";"))
    for parameter in parameters:
        if parameter.startswith("label_size") and parameter.replace(" ", "") != "label_size=1":
            raise UserError(f"{declared} is not an accepted csv ContentType. label_size must be 1.")
    for form, names in _FORMS.items():
        if kind in names:
            return form
    accepted = ", ".join(f"'{name}'" for names in _FORMS.values() for name in names)
    raise UserError(f"{declared} is not an accepted ContentType: {accepted}.")


def _matrix(folder: Path, form: str, *, weighted: bool) -> xgb.DMatrix:
    files = list(_files(folder))
    if not files:
        raise UserError(f"No files found in the channel {folder.name}.")
    try:
        if form == "csv":
            return _dense([csv_matrix(path) for path in files], weighted=weighted)
        if form == "parquet":
            from localaws.algorithms.xgboost import parquet

            return _dense([parquet.matrix(path) for path in files], weighted=False)
        return _sparse(files) if form == "libsvm" else _records(files)
    except (ValueError, xgb.core.XGBoostError) as error:
        raise UserError(f"Failed to load {form} data with exception:\n{error}") from error


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.name.startswith((".", "_")):
            raise UserError(
                f"Hidden file found in the data path! Remove that before training: {path.name}"
            )
        if path.is_file():
            yield path


def _dense(parts: list[Floats], *, weighted: bool) -> xgb.DMatrix:
    """Label in column 0, with `csv_weights` the row's weight in column 1."""
    table = parts[0] if len(parts) == 1 else np.concatenate(parts)
    lead = 2 if weighted else 1
    if table.shape[1] <= lead:
        raise UserError(f"The data has {table.shape[1]} columns: no feature next to the label.")
    weight = table[:, 1] if weighted else None
    return xgb.DMatrix(table[:, lead:], label=table[:, 0], weight=weight)


def _sparse(files: list[Path]) -> xgb.DMatrix:
    parts = [_read_libsvm(path) for path in files]
    width = max(part.features.shape[1] for part in parts)
    rows = [_widened(part.features, width) for part in parts]
    return xgb.DMatrix(
        vstack(rows, format="csr"),
        label=np.concatenate([part.labels for part in parts]),
        weight=np.concatenate([part.weights for part in parts]),
    )


def _records(files: list[Path]) -> xgb.DMatrix:
    """Raises ValueError when a record has no label."""
    parts = [tables.read(path) for path in files]
    labels = [part.labels for part in parts if part.labels is not None]
    if len(labels) < len(parts):
        raise ValueError("the records have no labels")
    matrix = np.concatenate if all(isinstance(p.features, np.ndarray) for p in parts) else vstack
    features = matrix([part.features for part in parts])
    return xgb.DMatrix(features, label=np.concatenate(labels))


def _read_libsvm(path: Path) -> Sparse:
    with path.open(encoding="utf-8") as lines:
        return libsvm_matrix(lines, labelled=True)


def _widened(rows: csr_matrix, width: int) -> csr_matrix:
    return csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], width))

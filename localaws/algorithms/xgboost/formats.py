"""CSV and libsvm text to matrices; the same rules for channels and for payloads."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]

_DELIMITERS = ",;\t|"


def csv_matrix(source: Path | bytes) -> Floats:
    """A headerless table of numbers; an empty cell is NaN. Raises ValueError.

    The first line decides the delimiter, as in the container.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            first = file.readline()
    else:
        first = source.split(b"\n", 1)[0]
    text = first.decode("utf-8")
    delimiter = max(_DELIMITERS, key=text.count)
    table = pd.read_csv(
        source if isinstance(source, Path) else io.BytesIO(source),
        header=None,
        sep=delimiter,
        dtype=np.float32,
        skipinitialspace=True,
    )
    return table.to_numpy(dtype=np.float32)


@dataclass(frozen=True)
class Sparse:
    """Rows of a libsvm file. Rows to predict may have label NaN; a weight is 1 unless given."""

    features: csr_matrix
    labels: Floats
    weights: Floats


def libsvm_matrix(lines: Iterable[str], *, labelled: bool) -> Sparse:
    """`label[:weight] index:value ...`, zero-based indices. Raises ValueError.

    Rows to predict need no label: without `labelled` a first token with a colon is a pair.
    """
    labels: list[float] = []
    weights: list[float] = []
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for line in lines:
        tokens = line.split("#", 1)[0].split()
        if not tokens:
            continue
        label, weight, pairs = _head(tokens, labelled=labelled)
        labels.append(label)
        weights.append(weight)
        for token in pairs:
            index, _, value = token.partition(":")
            columns.append(int(index))
            values.append(float(value))
        ends.append(len(columns))
    cells = (np.array(values, np.float32), np.array(columns, np.int32), np.array(ends))
    width = max(columns, default=-1) + 1
    features = csr_matrix(cells, shape=(len(labels), width))
    return Sparse(features, np.array(labels, np.float32), np.array(weights, np.float32))


def _head(tokens: list[str], *, labelled: bool) -> tuple[float, float, list[str]]:
    if not labelled and ":" in tokens[0]:
        return float("nan"), 1.0, tokens
    label, _, weight = tokens[0].partition(":")
    return float(label), float(weight or 1), tokens[1:]

"""fastText's classifier trained one epoch at a time, which fastText itself cannot.

The same model: the mean of the vectors of words and hashed word n-grams, then a softmax; the same
steps, with the gradients of a few texts at once. Source: fastText's dictionary.cc, model.cc.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from localaws.algorithms.blazingtext.corpus import LABEL
from localaws.algorithms.container import AlgorithmError

_END = "</s>"
_BATCH = 16


@dataclass(frozen=True)
class Texts:
    rows: csr_matrix
    """A text's row holds 1/n at each of its n words and n-grams."""
    labels: list[list[int]]


@dataclass
class Reader:
    """Lines to the row numbers of fastText's input matrix."""

    words: dict[str, int]
    labels: dict[str, int]
    ngrams: int
    buckets: int
    _hashes: dict[str, int] = field(default_factory=dict)

    def read(self, path: Path) -> Texts:
        columns: list[NDArray[np.int64]] = []
        labels: list[list[int]] = []
        with path.open(encoding="utf-8") as file:
            for line in file:
                words = line.split()
                columns.append(self._columns([w for w in words if not w.startswith(LABEL)]))
                labels.append([self.labels[word] for word in words if word in self.labels])
        sizes = np.array([len(part) for part in columns])
        values = np.repeat(1 / np.maximum(sizes, 1), sizes).astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        shape = (len(columns), len(self.words) + self.buckets)
        return Texts(csr_matrix((values, np.concatenate(columns), starts), shape), labels)

    def _columns(self, words: list[str]) -> NDArray[np.int64]:
        words = [*words, _END]
        known = [self.words[word] for word in words if word in self.words]
        hashes = np.array([self._hash(word) for word in words], np.int64).view(np.uint64)
        parts = [np.array(known, np.int64)]
        rolled = hashes
        for size in range(2, self.ngrams + 1):
            rolled = rolled[:-1] * np.uint64(116049371) + hashes[size - 1 :]
            parts.append((rolled % np.uint64(self.buckets)).astype(np.int64) + len(self.words))
        return np.concatenate(parts)

    def _hash(self, word: str) -> int:
        """FNV-1a over signed characters, as a signed number of 32 bits."""
        if word not in self._hashes:
            value = 2166136261
            for byte in word.encode():
                signed = byte if byte < 128 else byte | 0xFFFFFF00
                value = (value ^ signed) * 16777619 & 0xFFFFFFFF
            self._hashes[word] = value - (1 << 32) if value >= 1 << 31 else value
        return self._hashes[word]


class Network:
    """Vectors of `size` numbers for `inputs` rows, and an output for each of `classes`."""

    def __init__(self, inputs: int, classes: int, size: int) -> None:
        self._random = random.Random(0)  # noqa: S311  which label and text comes next is no secret
        spread = np.random.default_rng(0)
        self.vectors = spread.uniform(-1 / size, 1 / size, (inputs, size)).astype(np.float32)
        self.outputs = np.zeros((classes, size), np.float32)

    def epochs(self, texts: Texts, count: int, rate: float) -> Iterator[float]:
        """One pass over the texts per step, at a rate that falls to 0; yields the rate.

        Raises AlgorithmError when the numbers overflow.
        """
        steps, done = count * len(texts.labels), 0
        for _ in range(count):
            order = list(range(len(texts.labels)))
            self._random.shuffle(order)
            for first in range(0, len(order), _BATCH):
                chosen = order[first : first + _BATCH]
                labels = [self._random.choice(texts.labels[row]) for row in chosen]
                self._step(texts.rows[chosen], labels, rate * (1 - done / steps))
                done += len(chosen)
            if not np.isfinite(self.outputs).all():
                raise AlgorithmError("Encountered NaN.")
            yield rate * (1 - done / steps)

    def accuracy(self, texts: Texts) -> float:
        """Share of the texts whose likeliest class is one of their labels."""
        best = np.argmax(texts.rows @ self.vectors @ self.outputs.T, axis=1)
        return float(np.mean([b in given for b, given in zip(best, texts.labels, strict=True)]))

    def _step(self, rows: Any, labels: list[int], rate: float) -> None:
        used, places = np.unique(rows.indices, return_inverse=True)
        local = csr_matrix((rows.data, places, rows.indptr), (len(labels), len(used)))
        with np.errstate(over="ignore", invalid="ignore"):
            hidden = local @ self.vectors[used]
            scores = hidden @ self.outputs.T
            chances = np.exp(scores - scores.max(axis=1, keepdims=True))
            wrong = -chances / chances.sum(axis=1, keepdims=True)
            wrong[np.arange(len(labels)), labels] += 1
            back = rate * wrong @ self.outputs
            self.outputs += rate * wrong.T @ hidden
            self.vectors[used] += local.T @ back

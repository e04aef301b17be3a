"""The model: a faiss index over the sampled rows, their labels, and how they vote."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from localaws.algorithms.container import UserError
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.knn import projection
from localaws.algorithms.recordio.tables import Floats

_SEED = 0
_BATCH = 1024
_SMALLEST_FOR_A_BYTE = 256


@dataclass(frozen=True)
class Neighbours:
    """`projected` is None without dimension reduction."""

    index: Any
    labels: Floats
    k: int
    classifier: bool
    cosine: bool
    width: int
    projected: Floats | None

    def predict(self, rows: Floats) -> tuple[Floats, Floats, Floats]:
        """(predicted label, distances, neighbours' labels), a row each; nearest first.

        Distances are faiss's: squared for L2, inner products otherwise, which fall. Where an
        inverted file finds fewer than k neighbours, its last one stands for the missing.
        """
        batches = [self._batch(rows[at : at + _BATCH]) for at in range(0, len(rows), _BATCH)]
        found, distances, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
        return found, distances, labels

    def _batch(self, rows: Floats) -> tuple[Floats, Floats, Floats]:
        distances, places = self.index.search(_prepared(self, rows), self.k)
        last = np.maximum((places >= 0).sum(axis=1) - 1, 0)
        order = np.minimum(np.arange(self.k), last[:, None])
        places = np.maximum(np.take_along_axis(places, order, 1), 0)
        labels = self.labels[places]
        found = _majority(labels) if self.classifier else labels.mean(axis=1, dtype=np.float32)
        return found, np.take_along_axis(distances, order, 1), labels


def _prepared(model: Neighbours, rows: Floats) -> Floats:
    cells = rows if model.projected is None else np.dot(rows, model.projected)
    return _padded(_unit(cells) if model.cosine else cells, model.index.d)


def _padded(rows: Floats, width: int) -> Floats:
    return np.ascontiguousarray(np.pad(rows, ((0, 0), (0, width - rows.shape[1]))), np.float32)


def _unit(rows: Floats) -> Floats:
    unit = rows.copy()
    faiss.normalize_L2(unit)
    return unit


def _majority(labels: Floats) -> Floats:
    """The most frequent label of each row; of equals, the one with the nearer neighbours."""
    names, numbers = np.unique(labels, return_inverse=True)
    count, k = labels.shape
    weights = 1 + (k - np.arange(k)) / (4.0 * k * k)
    cells = np.arange(count)[:, None] * len(names) + numbers.reshape(labels.shape)
    votes = np.bincount(
        cells.ravel(), np.tile(weights, count), minlength=count * len(names)
    ).reshape(count, len(names))
    best: Floats = names[votes.argmax(axis=1)]
    return best


def build(rows: Floats, labels: Floats, values: Values) -> Neighbours:
    """Over a uniform sample of `sample_size` rows. Raises UserError."""
    random = np.random.default_rng(_SEED)
    if len(rows) > values["sample_size"]:
        kept = np.sort(random.choice(len(rows), values["sample_size"], replace=False))
        rows, labels = rows[kept], labels[kept]
    if values["k"] > len(rows):
        raise UserError(f"k is {values['k']}, but the index has only {len(rows)} rows")
    projected = _projected(values, rows.shape[1], random)
    width = rows.shape[1] if projected is None else projected.shape[1]
    model = Neighbours(
        index=_index(values, width, len(rows)),
        labels=np.ascontiguousarray(labels, np.float32),
        k=values["k"],
        classifier=values["predictor_type"] == "classifier",
        cosine=values["index_metric"] == "COSINE",
        width=rows.shape[1],
        projected=projected,
    )
    prepared = _prepared(model, rows)
    model.index.train(prepared)
    model.index.add(prepared)
    return model


def _projected(values: Values, width: int, random: np.random.Generator) -> Floats | None:
    kind, target = values["dimension_reduction_type"], values["dimension_reduction_target"]
    if kind is None:
        return None
    if target >= width:
        raise UserError(f"dimension_reduction_target must be below the feature_dim of {width}")
    return projection.matrix(kind, width, target, random)


def _index(values: Values, width: int, rows: int) -> Any:
    near = values["index_metric"] == "L2"
    if values["index_type"] == "faiss.Flat":
        return faiss.IndexFlatL2(width) if near else faiss.IndexFlatIP(width)
    lists = min(values["faiss_index_ivf_nlists"] or int(np.sqrt(rows)), rows)
    metric = faiss.METRIC_L2 if near else faiss.METRIC_INNER_PRODUCT
    if values["index_type"] == "faiss.IVFFlat":
        coarse = faiss.IndexFlatL2(width) if near else faiss.IndexFlatIP(width)
        index: Any = faiss.IndexIVFFlat(coarse, width, lists, metric)
    else:
        parts = int(values["faiss_index_pq_m"])
        width += -width % parts
        bits = 8 if rows >= _SMALLEST_FOR_A_BYTE else max(1, int(np.log2(rows)))
        coarse = faiss.IndexFlatL2(width)
        index = faiss.IndexIVFPQ(coarse, width, lists, parts, bits)
    index.cp.min_points_per_centroid = 1  # few rows are no reason to warn
    index.nprobe = values["_faiss_index_nprobe"]
    return index


def save(model: Neighbours, folder: Path) -> None:
    """The faiss index, the labels and settings beside it, as the image names them."""
    faiss.write_index(model.index, str(folder / ARTIFACT))
    _save_array(folder / f"{ARTIFACT}.labels", model.labels)
    if model.projected is not None:
        _save_array(folder / f"{ARTIFACT}.projection", model.projected)
    settings = {
        "version": 1.0,
        "k": model.k,
        "predictor_type": "classifier" if model.classifier else "regressor",
        "normalize": model.cosine,
        "feature_dim": model.width,
        "dimension_reduction": model.projected is not None,
    }
    (folder / f"{ARTIFACT}.json").write_text(json.dumps(settings))


def load(folder: Path) -> Neighbours:
    """What `save` left. Raises OSError, ValueError and RuntimeError (faiss) for anything else."""
    settings = json.loads((folder / f"{ARTIFACT}.json").read_text())
    projected = folder / f"{ARTIFACT}.projection"
    return Neighbours(
        index=faiss.read_index(str(folder / ARTIFACT)),
        labels=_load_array(folder / f"{ARTIFACT}.labels"),
        k=settings["k"],
        classifier=settings["predictor_type"] == "classifier",
        cosine=settings["normalize"],
        width=settings["feature_dim"],
        projected=_load_array(projected) if settings["dimension_reduction"] else None,
    )


def _save_array(path: Path, array: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def _load_array(path: Path) -> Floats:
    array: Floats = np.load(path, allow_pickle=False)
    return array

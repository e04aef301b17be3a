"""The trained model: plain weights, and for two classes a threshold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from localaws.algorithms.firstparty import ndarrays
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.linear_learner.hyperparameters import BINARY, REGRESSOR
from localaws.algorithms.linear_learner.losses import Array, sigmoid, softmax
from localaws.algorithms.recordio.tables import Features


@dataclass(frozen=True)
class LinearModel:
    """`weights` (features, outputs), `bias` (outputs,)."""

    weights: Array
    bias: Array
    kind: str
    loss: str
    threshold: float = 0.5

    def outputs(self, rows: Features) -> Array:
        return np.asarray(rows @ self.weights) + self.bias

    def scores(self, rows: Features) -> Array:
        """(rows,): probability or value; (rows, classes) for several classes."""
        outputs = self.outputs(rows)
        if self.loss == "softmax_loss":
            return softmax(outputs)
        return sigmoid(outputs[:, 0]) if self.loss == "logistic" else outputs[:, 0]

    def classes(self, scores: Array) -> Array:
        """Of what `scores` gave."""
        if self.kind == BINARY:
            return (scores >= self.threshold).astype(np.int64)
        best: Array = scores.argmax(axis=1)
        return best

    @property
    def is_classifier(self) -> bool:
        return self.kind != REGRESSOR


def middle(loss: str) -> float:
    """The threshold of a binary classifier that was not calibrated."""
    return 0.5 if loss == "logistic" else 0.0


def save(model: LinearModel, folder: Path) -> None:
    arrays = {"weight": model.weights.astype(np.float32), "bias": model.bias.astype(np.float32)}
    ndarrays.write(folder / ARTIFACT, arrays)
    settings = {"predictor_type": model.kind, "loss": model.loss, "threshold": model.threshold}
    (folder / f"{ARTIFACT}.json").write_text(json.dumps(settings))


def load(folder: Path) -> LinearModel:
    """Raises OSError and ValueError."""
    settings = json.loads((folder / f"{ARTIFACT}.json").read_text())
    arrays = ndarrays.read(folder / ARTIFACT)
    return LinearModel(
        *(arrays["weight"], arrays["bias"], settings["predictor_type"], settings["loss"]),
        threshold=settings["threshold"],
    )

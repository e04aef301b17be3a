"""`serve`: the score, and the class for classifiers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.linear_learner import model as models
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    model = models.load(folder)

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        del verbose
        scores = model.scores(rows).astype(np.float32)
        if not model.is_classifier:
            return {"score": scores}
        return {"score": scores, "predicted_label": model.classes(scores)}

    return Model(model.weights.shape[0], predict)

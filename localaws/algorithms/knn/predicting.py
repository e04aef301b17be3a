"""`serve`: the label, and with `verbose=true` the neighbours."""

from __future__ import annotations

from pathlib import Path

from localaws.algorithms.firstparty import channels
from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.knn import neighbours
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    model = neighbours.load(folder)

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        found, distances, labels = model.predict(channels.dense(rows))
        answer = {"predicted_label": found}
        return answer | {"distances": distances, "labels": labels} if verbose else answer

    return Model(model.width, predict)

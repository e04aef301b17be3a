"""`serve`: an anomaly score per row."""

from __future__ import annotations

from pathlib import Path

from localaws.algorithms.firstparty import channels
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.randomcutforest import forest as forests
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    forest = forests.load(folder / ARTIFACT)

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        del verbose
        return {"score": forest.scores(channels.dense(rows))}

    return Model(forest.low.shape[1], predict, key="scores")

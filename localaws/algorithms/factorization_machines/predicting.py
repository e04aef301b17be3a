"""`serve`: a score, and for binary classifiers the label. CSV is not read, as in the image."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from localaws.algorithms.factorization_machines import machine as machines
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.firstparty.requests import JSON, JSONLINES
from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    machine = machines.load(folder / ARTIFACT)

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        del verbose
        outputs = machine.outputs(machine.compact(rows))
        if not machine.is_binary:
            return {"score": outputs.astype(np.float32)}
        shares = np.exp(-np.logaddexp(0, -outputs)).astype(np.float32)
        return {"score": shares, "predicted_label": (outputs >= 0).astype(np.int64)}

    return Model(machine.width, predict, reads=(JSON, JSONLINES, RECORDIO))

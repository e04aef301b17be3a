"""`serve`: projections, in the order of the components: the strongest last."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from localaws.algorithms.firstparty import ndarrays
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    """Reads the images' own artifacts as well."""
    arrays = ndarrays.read(folder / ARTIFACT)
    vectors = arrays["v"]
    shift = arrays["mean"].ravel() @ vectors

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        del verbose
        return {"projection": np.asarray(rows @ vectors) - shift}

    return Model(vectors.shape[0], predict, key="projections")

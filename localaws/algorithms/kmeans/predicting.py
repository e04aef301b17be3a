"""`serve`: the nearest centre and the Euclidean distance to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from localaws.algorithms.firstparty import channels, ndarrays
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.firstparty.responses import Columns
from localaws.algorithms.firstparty.server import Model
from localaws.algorithms.kmeans import centers
from localaws.algorithms.recordio.tables import Features


def load(folder: Path) -> Model:
    """Reads the images' own artifacts as well."""
    (known,) = ndarrays.read(folder / ARTIFACT).values()

    def predict(rows: Features, verbose: bool) -> Columns:  # noqa: FBT001  Predict's shape
        del verbose
        found, squares = centers.nearest(channels.dense(rows), known)
        return {
            "closest_cluster": found.astype(np.float32),
            "distance_to_cluster": np.sqrt(squares),
        }

    return Model(known.shape[1], predict)

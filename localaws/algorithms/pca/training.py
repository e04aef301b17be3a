"""`train`: `mean`, `v` and `s` as in the image's artifact."""

from __future__ import annotations

import logging
import time

import numpy as np

from localaws.algorithms.container import Container
from localaws.algorithms.firstparty import channels, ndarrays
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.pca import components, hyperparameters

log = logging.getLogger(__name__)


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.parse(job.hyperparameters())
    channels.check(job, optional=("test",))
    journal = Journal("PCA")
    started = time.monotonic()
    table = channels.read(job, "train")
    assert table is not None  # noqa: S101  `check` saw it
    channels.check_width(table, values["feature_dim"], "train")
    size = values["mini_batch_size"]
    batches = components.of(table.features, size, subtract_mean=values["subtract_mean"])
    count = values["num_components"]
    if values["algorithm_mode"] == "regular":
        found = components.regular(batches, count)
    else:
        found = components.randomized(batches, count, values["extra_components"])
    journal.epoch(0, 1, table.features.shape[0], time.monotonic() - started)
    arrays = {"mean": found.mean[None, :], "v": found.vectors, "s": found.singular}
    ndarrays.write(
        job.model / ARTIFACT, {name: array.astype(np.float32) for name, array in arrays.items()}
    )
    if (test := channels.read(job, "test")) is not None:
        channels.check_width(test, values["feature_dim"], "test")
        log.info("The test channel is not scored: the image documents no metric of it.")
    journal.finish()

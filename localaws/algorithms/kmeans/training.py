"""`train`: stream the rows through k times `extra_center_factor` centres, then shrink to k.

https://docs.aws.amazon.com/sagemaker/latest/dg/algo-kmeans-tech-notes.html
"""

from __future__ import annotations

import logging
import time

import numpy as np

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.firstparty import channels, hyperparameters, ndarrays
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.kmeans import centers
from localaws.algorithms.kmeans.hyperparameters import RULES
from localaws.algorithms.recordio.tables import Features, Floats

log = logging.getLogger(__name__)

_SEED = 0
_AUTO = 10
"""What `auto` became in real logs, both for extra centres and for trials."""


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.resolve(job.hyperparameters(), RULES)
    channels.check(job, optional=("test",))
    journal = Journal("AWS/KMeansWebscale")
    table = channels.read(job, "train")
    assert table is not None  # noqa: S101  `check` saw it
    channels.check_width(table, values["feature_dim"], "train")
    found = _clustered(table.features, values, journal)
    ndarrays.write(job.model / ARTIFACT, {"": found})
    _score("train", table.features, found, values, journal)
    test = channels.read(job, "test")
    if test is None:
        log.info("Test data is not provided.")
    else:
        channels.check_width(test, found.shape[1], "test")
        _score("test", test.features, found, values, journal)
    journal.finish()


def _clustered(rows: Features, values: Values, journal: Journal) -> Floats:
    random = np.random.default_rng(_SEED)
    if values["k"] > rows.shape[0]:
        raise UserError(f"k is {values['k']}, but there are only {rows.shape[0]} rows")
    stream = Stream(rows, values, random)
    for epoch in range(values["epochs"]):
        started = time.monotonic()
        stream.epoch()
        journal.epoch(epoch, values["epochs"], rows.shape[0], time.monotonic() - started)
    return _shrunk(stream.centers, stream.weights, values, random)


class Stream:
    """Centres as running means of the rows nearest to them."""

    def __init__(self, rows: Features, values: Values, random: np.random.Generator) -> None:
        self._rows, self._size = rows, values["mini_batch_size"]
        self._half_life = values["half_life_time_size"]
        count = min(values["k"] * (values["extra_center_factor"] or _AUTO), rows.shape[0])
        first = channels.dense(rows[: max(self._size, count)])
        weights = np.ones(len(first), np.float32)
        self.centers = centers.start(first, weights, count, values["init_method"], random)
        self.weights = np.zeros(count)

    def epoch(self) -> None:
        for at in range(0, self._rows.shape[0], self._size):
            self._batch(channels.dense(self._rows[at : at + self._size]))

    def _batch(self, rows: Floats) -> None:
        if self._half_life:
            self.weights *= 0.5 ** (len(rows) / self._half_life)
        ones = np.ones(len(rows), np.float32)
        found, _ = centers.nearest(rows, self.centers)
        totals, counts = centers.sums(rows, ones, found, len(self.centers))
        moved = counts > 0
        weights = (self.weights + counts)[moved, None]
        old = self.centers[moved] * self.weights[moved, None]
        self.centers[moved] = (old + totals[moved]) / weights
        self.weights += counts


def _shrunk(points: Floats, counts: Floats, values: Values, random: np.random.Generator) -> Floats:
    """The best of several runs of Lloyd's algorithm on the centres, weighted by their rows."""
    used = counts > 0
    if used.sum() < values["k"]:  # rows repeat: some centres have none of their own
        return points[np.argsort(-counts, kind="stable")[: values["k"]]]
    points, weights = points[used], counts[used].astype(np.float32)
    log.info("shrinking %d centers into %d", len(points), values["k"])
    best, least = points, np.inf
    for attempt in range(values["local_lloyd_num_trials"] or _AUTO):
        begin = centers.start(
            points, weights, values["k"], values["local_lloyd_init_method"], random
        )
        found, loss = centers.lloyd(
            *(points, weights, begin),
            iterations=values["local_lloyd_max_iter"],
            tolerance=values["local_lloyd_tol"],
        )
        log.info("local kmeans attempt #%d. Current mean square distance %f", attempt, loss)
        if loss < least:
            best, least = found, loss
    log.info("finished shrinking process. Mean Square Distance = %f", least)
    return best


def _score(channel: str, rows: Features, found: Floats, values: Values, journal: Journal) -> None:
    total = 0.0
    for at in range(0, rows.shape[0], values["mini_batch_size"]):
        block = channels.dense(rows[at : at + values["mini_batch_size"]])
        total += float(centers.nearest(block, found)[1].sum(dtype=np.float64))
    scores = {"msd": total / rows.shape[0], "ssd": total}
    for metric in dict.fromkeys(values["eval_metrics"]):
        journal.announce(channel, metric, scores[metric])
        journal.loss(channel, metric, scores[metric])

"""`train`: sample, index, and score the test channel."""

from __future__ import annotations

import logging
import time

from localaws.algorithms.container import Container
from localaws.algorithms.firstparty import channels, scores
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.knn import hyperparameters, neighbours
from localaws.algorithms.knn.neighbours import Neighbours
from localaws.algorithms.recordio.tables import Table

log = logging.getLogger(__name__)


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.parse(job.hyperparameters())
    channels.check(job, optional=("test",))
    journal = Journal("AWS/KNN")
    started = time.monotonic()
    table = channels.read(job, "train")
    assert table is not None  # noqa: S101  `check` saw it
    channels.check_width(table, values["feature_dim"], "train")
    labels = channels.labelled(table, "train")
    model = neighbours.build(channels.dense(table.features), labels, values)
    journal.epoch(0, 1, len(labels), time.monotonic() - started)
    neighbours.save(model, job.model)
    _score(model, channels.read(job, "test"), journal)
    journal.finish()


def _score(model: Neighbours, test: Table | None, journal: Journal) -> None:
    if test is None:
        log.info("Test data is not provided.")
        return
    channels.check_width(test, model.width, "test")
    labels = channels.labelled(test, "test")
    found, _, _ = model.predict(channels.dense(test.features))
    if not model.classifier:
        error = scores.mse(labels, found)
        journal.announce("test", "mse", error)
        journal.loss("test", "mse", error)
        return
    macro = float(scores.Classes(labels, found).f(1).mean())
    results = {"accuracy": scores.accuracy(labels, found), "macro_f_1.000": macro}
    for name, value in results.items():
        journal.announce("test", name, value)
    for name, value in results.items():
        journal.score("test", name, value)

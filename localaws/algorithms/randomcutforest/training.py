"""`train`: grow the forest; score the labelled test channel by the three-sigma rule."""

from __future__ import annotations

import logging
import time

import numpy as np

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.firstparty import channels, hyperparameters, scores
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.randomcutforest import forest as forests
from localaws.algorithms.randomcutforest.forest import Forest
from localaws.algorithms.randomcutforest.hyperparameters import RULES
from localaws.algorithms.recordio.tables import Table

log = logging.getLogger(__name__)


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.resolve(job.hyperparameters(), RULES)
    channels.check(job, optional=("test",), sharded=("train",))
    journal = Journal("RandomCutForest")
    started = time.monotonic()
    table = channels.read(job, "train")
    assert table is not None  # noqa: S101  `check` saw it
    channels.check_width(table, values["feature_dim"], "train")
    rows = channels.dense(table.features)
    forest = forests.grow(rows, values["num_trees"], values["num_samples_per_tree"])
    journal.epoch(0, 1, len(rows), time.monotonic() - started)
    forests.save(forest, job.model / ARTIFACT)
    _score(forest, channels.read(job, "test"), values, journal)
    journal.finish()


def _score(forest: Forest, test: Table | None, values: Values, journal: Journal) -> None:
    if test is None:
        log.info("Test data is not provided.")
        return
    channels.check_width(test, values["feature_dim"], "test")
    labels = channels.labelled(test, "test")
    if not np.isin(labels, (0, 1)).all():
        raise UserError("The labels of the channel test must be 0, or 1 for an anomaly.")
    given = forest.scores(channels.dense(test.features))
    found = (given > given.mean() + 3 * given.std()).astype(np.float32)
    results: dict[str, float] = {}
    if "accuracy" in values["eval_metrics"]:
        results["accuracy"] = scores.accuracy(labels, found)
    if "precision_recall_fscore" in values["eval_metrics"]:
        hits = float((found * labels).sum())
        precision, recall = scores.ratio(hits, found.sum()), scores.ratio(hits, labels.sum())
        results |= {"precision": float(precision), "recall": float(recall)}
        results["f1"] = float(scores.f_beta(precision, recall, 1.0))
    for name, value in results.items():
        journal.announce("test", name, value)
    for name, value in results.items():
        journal.score("test", name, value)

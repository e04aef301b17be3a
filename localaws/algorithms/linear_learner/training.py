"""`train`: epochs of mini-batches on all candidates, then the best one with its threshold."""

from __future__ import annotations

import json
import logging
import time

import numpy as np
from scipy.sparse import issparse

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.firstparty import channels
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.linear_learner import (
    calibration,
    evaluation,
    hyperparameters,
    losses,
    scaling,
)
from localaws.algorithms.linear_learner import model as models
from localaws.algorithms.linear_learner.candidates import Candidates
from localaws.algorithms.linear_learner.hyperparameters import BINARY, MULTICLASS, REGRESSOR
from localaws.algorithms.linear_learner.losses import Array
from localaws.algorithms.linear_learner.model import LinearModel
from localaws.algorithms.recordio.tables import Features, Floats

log = logging.getLogger(__name__)

Data = tuple[Features, Floats]
_CHANNELS = ("train", "validation", "test")
_BLOCK = 8192


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.parse(job.hyperparameters())
    channels.check(job, optional=_CHANNELS[1:])
    journal = Journal("Linear Learner")
    data = _data(job, values)
    if values["mini_batch_size"] > len(data["train"][1]):
        raise UserError(
            f"mini_batch_size is {values['mini_batch_size']}, but there are only "
            f"{len(data['train'][1])} rows in the channel train"
        )
    model = Search(data, values, journal).run()
    models.save(model, job.model)
    for channel, given in data.items():
        evaluation.report(channel, model, given, values, journal)
    if "test" not in data:
        log.info("Test data is not provided.")
    journal.finish()


def _data(job: Container, values: Values) -> dict[str, Data]:
    found: dict[str, Data] = {}
    for name in _CHANNELS:
        table = channels.read(job, name)
        if table is None:
            continue
        width = values["feature_dim"] if name == "train" else found["train"][0].shape[1]
        channels.check_width(table, width, name)
        labels = channels.labelled(table, name)
        _check_labels(labels, values, name)
        rows = table.features if issparse(table.features) else channels.dense(table.features)
        found[name] = rows, labels.astype(np.float32)
    return found


def _check_labels(labels: Floats, values: Values, channel: str) -> None:
    kind = values["predictor_type"]
    if kind == REGRESSOR:
        return
    classes = values["num_classes"] if kind == MULTICLASS else 2
    if (labels != np.floor(labels)).any() or labels.min() < 0 or labels.max() >= classes:
        raise UserError(
            f"The labels of the channel {channel} must be the whole numbers 0 to {classes - 1} "
            f"for the predictor_type {kind}; found {labels.min():g} to {labels.max():g}."
        )


class Search:
    """`validation` decides when there is one, else `train`."""

    def __init__(self, data: dict[str, Data], values: Values, journal: Journal) -> None:
        self._data, self._values, self._journal = data, values, journal
        self._loss = losses.make(values["loss"], values)
        rows, labels = data["train"]
        is_regression = values["predictor_type"] == REGRESSOR
        self._scaling = scaling.of(rows, labels, values, regression=is_regression)
        outputs = values["num_classes"]
        self._candidates = Candidates(rows.shape[1], outputs, values)
        self._judge = "validation" if "validation" in data else "train"

    def run(self) -> LinearModel:
        values, best, waited = self._values, np.inf, 0
        rows = self._scaling.features(self._data["train"][0])
        labels = self._scaling.labels(self._data["train"][1])
        importance = _importance(self._data["train"][1], values)
        for epoch in range(values["epochs"]):
            started = time.monotonic()
            self._epoch(epoch, rows, labels, importance)
            current = self._measure(epoch)
            seconds = time.monotonic() - started
            self._journal.epoch(epoch, values["epochs"], len(labels), seconds)
            improved = best - current > values["early_stopping_tolerance"] * abs(current)
            waited = 0 if improved else waited + 1
            best = min(best, current)
            if waited >= values["early_stopping_patience"]:
                log.info("Early stop condition met. Stopping training.")
                break
        return self._chosen()

    def _epoch(self, epoch: int, rows: Features, labels: Floats, importance: Floats) -> None:
        order = np.random.default_rng(epoch).permutation(len(labels))
        size = self._values["mini_batch_size"]
        for at in range(0, len(order), size):
            batch = order[at : at + size]
            self._candidates.step(rows[batch], labels[batch], importance[batch], self._loss)

    def _measure(self, epoch: int) -> float:
        """The best candidate's loss on the judging channel; logs it for both channels."""
        name, lowest = losses.objective(self._values["loss"]), np.inf
        for channel in ("train", "validation"):
            if channel in self._data:
                lowest = float(self._lost(channel).min())
                self._journal.loss(channel, name, lowest, epoch)
        self._journal.early_stopping(epoch, name, lowest)
        if not np.isfinite(lowest):
            raise UserError(
                "The loss is no longer a finite number: try a smaller learning_rate, or "
                "normalize_data"
            )
        return lowest

    def _lost(self, channel: str) -> Array:
        """Mean loss of each candidate, on plain rows and labels."""
        rows, labels = self._data[channel]
        total = np.zeros(len(self._candidates.rates))
        for at in range(0, len(labels), _BLOCK):
            block = slice(at, at + _BLOCK)
            values, _ = self._loss(self._outputs(rows[block]), labels[block])
            total += values.sum(axis=0)
        mean: Array = np.nan_to_num(total / len(labels), nan=np.inf)
        return mean

    def _outputs(self, rows: Features) -> Array:
        weights, bias = self._folded()
        flat = np.asarray(rows @ weights.reshape(weights.shape[0], -1))
        return flat.reshape(-1, *bias.shape) + bias

    def _folded(self) -> tuple[Array, Array]:
        return self._scaling.folded(self._candidates.weights, self._candidates.bias)

    def _chosen(self) -> LinearModel:
        weights, bias = self._folded()
        kind, loss = self._values["predictor_type"], self._values["loss"]
        made = [
            LinearModel(weights[:, number], bias[number], kind, loss)
            for number in range(bias.shape[0])
        ]
        lost = self._lost(self._judge)
        merits = [(0.0, 0.0)] * len(made)
        if kind == BINARY:
            merits = [self._calibrated(model) for model in made]
        best = max(range(len(made)), key=lambda number: (merits[number][1], -lost[number]))
        setting = {
            "learning_rate": float(self._candidates.rates[best]),
            "wd": float(self._candidates.decays[best]),
        }
        log.info("Best model found for hyperparameters: %s", json.dumps(setting))
        return LinearModel(weights[:, best], bias[best], kind, loss, merits[best][0])

    def _calibrated(self, model: LinearModel) -> tuple[float, float]:
        count = self._values["num_calibration_samples"]
        rows, labels = self._data[self._judge]
        scores = model.scores(rows[:count])
        middle = models.middle(model.loss)
        return calibration.threshold(labels[:count], scores, self._values, middle)


def _importance(labels: Floats, values: Values) -> Floats:
    """How much each row weighs."""
    if values["predictor_type"] == MULTICLASS and values["balance_multiclass_weights"]:
        counts = np.bincount(labels.astype(np.intp), minlength=values["num_classes"])
        shares = len(labels) / np.maximum(counts, 1) / max(1, (counts > 0).sum())
        weights: Floats = shares.astype(np.float32)[labels.astype(np.intp)]
        return weights
    weight = values["positive_example_weight_mult"]
    if values["predictor_type"] != BINARY or weight == 1:
        return np.ones(len(labels), np.float32)
    positives = max(1, int((labels == 1).sum()))
    if weight is None or weight < 0:  # auto, balanced
        weight = max(1, len(labels) - positives) / positives
    return np.where(labels == 1, np.float32(weight), np.float32(1))

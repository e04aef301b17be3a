"""`train`: mini-batches with Adam, each part of the machine at its own pace."""

from __future__ import annotations

import logging
import time

import numpy as np
from scipy.sparse import csr_matrix

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.factorization_machines import machine as machines
from localaws.algorithms.factorization_machines.hyperparameters import RULES
from localaws.algorithms.factorization_machines.machine import Array, Machine
from localaws.algorithms.firstparty import channels, hyperparameters, scores
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.firstparty.program import ARTIFACT
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio.tables import Features, Floats

log = logging.getLogger(__name__)

_PARTS = ("bias", "linear", "factors")
_BETAS = (0.9, 0.999)
_EPSILON = 1e-8
_BLOCK = 8192

Score = tuple[str, float, bool]
"""Name, value, and whether more is better."""


def train(job: Container) -> None:
    """Raises UserError."""
    values = hyperparameters.resolve(job.hyperparameters(), RULES)
    channels.check(job, optional=("test",))
    journal = Journal("factorization-machines")
    data = {name: _data(job, name, values) for name in ("train", "test") if name in job.channels()}
    machine = _new(data["train"][0], values)
    rows, labels = machine.compact(data["train"][0]), data["train"][1]
    optimizer = Adam(machine, values)
    for epoch in range(values["epochs"]):
        started = time.monotonic()
        optimizer.epoch(rows, labels, epoch)
        for name, value, is_score in _scores(machine, rows, labels):
            (journal.score if is_score else journal.loss)("train", name, value, epoch)
        journal.epoch(epoch, values["epochs"], len(labels), time.monotonic() - started)
    machines.save(machine, job.model / ARTIFACT)
    for channel, (features, given) in data.items():
        _report(channel, _scores(machine, machine.compact(features), given), journal)
    if "test" not in data:
        log.info("Test data is not provided.")
    journal.finish()


def _data(job: Container, name: str, values: Values) -> tuple[Features, Floats]:
    table = channels.read(job, name, kinds=(RECORDIO,))
    assert table is not None  # noqa: S101  the caller saw it
    channels.check_width(table, values["feature_dim"], name)
    labels = channels.labelled(table, name).astype(np.float32)
    if values["predictor_type"] == "binary_classifier" and not np.isin(labels, (0, 1)).all():
        raise UserError(f"The labels of the channel {name} must be 0 or 1.")
    return table.features, labels


def _new(rows: Features, values: Values) -> Machine:
    columns = np.unique(csr_matrix(rows).indices).astype(np.int64)
    random = np.random.default_rng(0)
    count = len(columns)
    shapes: dict[str, tuple[int, ...]] = {"bias": (1,), "linear": (count,)}
    shapes["factors"] = (count, values["num_factors"])
    start = {name: _start(name, shapes[name], values, random) for name in _PARTS}
    is_binary = values["predictor_type"] == "binary_classifier"
    return Machine(width=rows.shape[1], columns=columns, is_binary=is_binary, **start)


def _start(
    name: str, shape: tuple[int, ...], values: Values, random: np.random.Generator
) -> Floats:
    method = values[f"{name}_init_method"]
    if method == "constant":
        return np.full(shape, values[f"{name}_init_value"] or 0, np.float32)
    if method == "uniform":
        scale = values[f"{name}_init_scale"] or 0
        return random.uniform(-scale, scale, shape).astype(np.float32)
    return random.normal(0, values[f"{name}_init_sigma"], shape).astype(np.float32)


class Adam:
    def __init__(self, machine: Machine, values: Values) -> None:
        self._machine, self._values, self._steps = machine, values, 0
        self._first = {name: np.zeros_like(getattr(machine, name)) for name in _PARTS}
        self._second = {name: np.zeros_like(getattr(machine, name)) for name in _PARTS}

    def epoch(self, rows: csr_matrix, labels: Floats, number: int) -> None:
        """Raises UserError when the numbers run away."""
        order = np.random.default_rng(number).permutation(len(labels))
        size = self._values["mini_batch_size"]
        for at in range(0, len(order), size):
            batch = order[at : at + size]
            self._step(rows[batch], labels[batch])
        if not all(np.isfinite(getattr(self._machine, name)).all() for name in _PARTS):
            raise UserError(
                "The parameters are no longer finite numbers: try smaller learning rates"
            )

    def _step(self, rows: csr_matrix, labels: Floats) -> None:
        machine, values = self._machine, self._values
        self._steps += 1
        outputs = machine.outputs(rows)
        errors = _sigmoid(outputs) - labels if machine.is_binary else 2 * (outputs - labels)
        scale = values["rescale_grad"] or 1 / len(labels)
        for name, slope in zip(_PARTS, machine.slopes(rows, errors * scale), strict=True):
            self._move(name, slope)

    def _move(self, name: str, slope: Array) -> None:
        values, part = self._values, getattr(self._machine, name)
        if limit := values["clip_gradient"]:
            slope = np.clip(slope, -abs(limit), abs(limit))
        slope = (slope + values[f"{name}_wd"] * part).astype(np.float32)
        one, two = _BETAS
        self._first[name] = one * self._first[name] + (1 - one) * slope
        self._second[name] = two * self._second[name] + (1 - two) * slope**2
        first = self._first[name] / (1 - one**self._steps)
        second = self._second[name] / (1 - two**self._steps)
        part -= values[f"{name}_lr"] * first / (np.sqrt(second) + (values["eps"] or _EPSILON))


def _sigmoid(outputs: Array) -> Array:
    found: Array = np.exp(-np.logaddexp(0, -outputs))
    return found


def _scores(machine: Machine, rows: csr_matrix, labels: Floats) -> list[Score]:
    blocks = range(0, len(labels), _BLOCK)
    outputs = np.concatenate([machine.outputs(rows[at : at + _BLOCK]) for at in blocks])
    if not machine.is_binary:
        error = scores.mse(labels, outputs)
        absolute = float(np.abs(labels - outputs).mean())
        return [
            ("rmse", error**0.5, False),
            ("mse", error, False),
            ("absolute_loss", absolute, False),
        ]
    found = (outputs >= 0).astype(np.float32)
    entropy = float((np.logaddexp(0, outputs) - labels * outputs).mean())
    hits = float((found * labels).sum())
    f1 = scores.ratio(2 * hits, found.sum() + labels.sum())
    return [
        ("binary_classification_accuracy", scores.accuracy(labels, found), True),
        ("binary_classification_cross_entropy", entropy, False),
        ("binary_f_1.000", float(f1), True),
    ]


def _report(channel: str, found: list[Score], journal: Journal) -> None:
    for name, value, _ in found:
        journal.announce(channel, name, value)
    for name, value, is_score in found:
        (journal.score if is_score else journal.loss)(channel, name, value)

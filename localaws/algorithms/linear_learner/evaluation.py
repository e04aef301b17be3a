"""The scores of a model on a channel, in the order of the image's log."""

from __future__ import annotations

import numpy as np

from localaws.algorithms.firstparty import scores
from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.firstparty.journal import Journal
from localaws.algorithms.linear_learner import losses
from localaws.algorithms.linear_learner.hyperparameters import BINARY, MULTICLASS
from localaws.algorithms.linear_learner.losses import Array
from localaws.algorithms.linear_learner.model import LinearModel
from localaws.algorithms.recordio.tables import Features, Floats

Score = tuple[str, float, bool]
"""Name, value, and whether more is better."""


def report(
    channel: str, model: LinearModel, data: tuple[Features, Floats], values: Values, log: Journal
) -> None:
    rows, labels = data
    outputs = model.outputs(rows)[:, None, :]
    lost, _ = losses.make(model.loss, values)(outputs, labels)
    found = [(losses.objective(model.loss), float(lost.mean()), False)]
    found += _scores(model, model.scores(rows), labels, values)
    for name, value, _ in found:
        log.announce(channel, name, value)
    for name, value, is_score in found:
        (log.score if is_score else log.loss)(channel, name, value)


def _scores(model: LinearModel, given: Array, labels: Floats, values: Values) -> list[Score]:
    if model.kind == BINARY:
        return _binary(model, given, labels, values["f_beta"])
    if model.kind == MULTICLASS:
        return _multiclass(model, given, labels, values)
    error = scores.mse(labels, given)
    return [
        ("mse", error, False),
        ("absolute_loss", float(np.abs(given - labels).mean()), False),
        ("rmse", float(np.sqrt(error)), False),
    ]


def _binary(model: LinearModel, given: Array, labels: Floats, beta: float) -> list[Score]:
    found = model.classes(given)
    hits = float(((found == 1) & (labels == 1)).sum())
    precision = scores.ratio(hits, (found == 1).sum())
    recall = scores.ratio(hits, (labels == 1).sum())
    return [
        ("binary_classification_accuracy", scores.accuracy(labels, found), True),
        (f"binary_f_{beta:.3f}", float(scores.f_beta(precision, recall, beta)), True),
        ("precision", float(precision), True),
        ("recall", float(recall), True),
        ("roc_auc_score", scores.roc_auc(labels, given), True),
    ]


def _multiclass(model: LinearModel, given: Array, labels: Floats, values: Values) -> list[Score]:
    found, numbers = model.classes(given), labels.astype(np.intp)
    own = given[np.arange(len(labels)), numbers]
    ranks = (given > own[:, None]).sum(axis=1) + 1
    top, beta = values["accuracy_top_k"], values["f_beta"]
    by_class = scores.Classes(labels, found.astype(np.float32))
    return [
        ("multiclass_accuracy", scores.accuracy(labels, found), True),
        (f"multiclass_top_k_accuracy_{top}", float((ranks <= top).mean()), True),
        ("dcg", float((1 / np.log2(1 + ranks)).mean()), True),
        ("macro_recall", float(by_class.recall().mean()), True),
        ("macro_precision", float(by_class.precision().mean()), True),
        (f"macro_f_{beta:.3f}", float(by_class.f(beta).mean()), True),
        ("multiclass_balanced_accuracy", by_class.balanced_accuracy(), True),
        ("multiclass_log_loss", float(-np.log(np.maximum(own, 1e-30)).mean()), True),
    ]

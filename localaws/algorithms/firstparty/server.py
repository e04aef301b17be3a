"""`serve` of these algorithms: a model's `predict` between requests and responses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from localaws.algorithms.firstparty import requests, responses
from localaws.algorithms.recordio.tables import Features
from localaws.algorithms.serving import Answer

log = logging.getLogger(__name__)

Predict = Callable[[Features, bool], responses.Columns]
"""Rows as wide as the model, and whether `verbose=true` was asked for."""


@dataclass(frozen=True)
class Model:
    """`key` names the list of answers in JSON; `reads` the content types it takes."""

    width: int
    predict: Predict
    key: str = "predictions"
    reads: tuple[str, ...] = requests.ALL

    def answer(self, payload: bytes, content_type: str, accept: str) -> Answer:
        """415, 406 and 400 with the reason."""
        try:
            rows = self._fitting(requests.features(payload, content_type, self.reads))
            wanted = responses.accepted(accept)
            verbose = wanted.parameters.get("verbose") == "true"
            return responses.answer(self.predict(rows, verbose), wanted.kind, self.key)
        except requests.UnsupportedContent as error:
            return _refused(415, str(error))
        except responses.UnsupportedAccept as error:
            return _refused(406, str(error))
        except ValueError as error:
            return _refused(400, f"unable to evaluate payload provided: {error}")

    def _fitting(self, rows: Features) -> Features:
        if rows.shape[1] != self.width:
            raise ValueError(f"the model has {self.width} features, the payload {rows.shape[1]}")
        if not np.isfinite(rows.data if isinstance(rows, csr_matrix) else rows).all():
            raise ValueError("a value is not a number, or infinite")
        return rows


def _refused(status: int, reason: str) -> Answer:
    log.error("%s", reason)
    return Answer(reason.encode(), status=status)

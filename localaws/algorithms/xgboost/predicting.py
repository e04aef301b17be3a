"""`serve` of the container: payload decoding, prediction, encoding per Accept and version.

Source: aws/sagemaker-xgboost-container, algorithm_mode/serve.py and serve_utils.py.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.recordio import CONTENT_TYPE as RECORDIO
from localaws.algorithms.recordio import tables
from localaws.algorithms.serving import Answer, run
from localaws.algorithms.xgboost.formats import csv_matrix, libsvm_matrix

log = logging.getLogger(__name__)

Predictions = NDArray[np.float32]

_CSV, _JSON = "text/csv", "application/json"
_LIBSVM = ("text/libsvm", "text/x-libsvm")
_ONE_LINE = ("1", "latest", "0.90-1", "0.90-2", "1.0-1", "1.2-1")


class Undecodable(Exception):
    """415: the payload is not what its Content-Type says."""


class UnsupportedAccept(Exception):
    """406: no requested type can be answered."""


def serve(server: Container) -> None:
    """Raises UserError when the model directory holds no readable model."""
    model = Model(load(server.model), one_line=_is_old(os.environ.get("LOCALAWS_IMAGE_TAG", "")))
    log.info("Model loaded successfully for worker : %d", os.getpid())
    run(model.answer)


def _is_old(tag: str) -> bool:
    """Up to 1.2-1 every CSV answer is one comma-joined line."""
    return any(tag == old or tag.startswith(f"{old}-") for old in _ONE_LINE)


def load(folder: Path) -> xgb.Booster:
    """The Booster in `folder`. Pickles, which older containers wrote, are refused."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise UserError("Unable to load model: the model directory is empty.")
    named = [path for path in files if path.name == "xgboost-model"]
    content = (named or files)[0].read_bytes()
    if content.startswith(b"\x80"):
        raise UserError("Unable to load model: it is a Python pickle; save it with save_model.")
    booster = xgb.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
    except xgb.core.XGBoostError as error:
        raise UserError(f"Unable to load model: {error}") from error
    return booster


@dataclass(frozen=True)
class Model:
    booster: xgb.Booster
    one_line: bool

    def answer(self, payload: bytes, content_type: str, accept: str) -> Answer:
        """204 for no payload, 406, 415 and 400 as the container words them."""
        if not payload:
            return Answer(status=204)
        try:
            encode = self._encoder(accept)
            rows = decoded(payload, content_type)
        except UnsupportedAccept as error:
            return _refused(406, error)
        except Undecodable as error:
            return _refused(415, error)
        try:
            return encode(self._predictions(rows, content_type))
        except (ValueError, xgb.core.XGBoostError) as error:
            return _refused(400, f"Unable to evaluate payload provided: {error}")

    def _predictions(self, rows: xgb.DMatrix, content_type: str) -> Predictions:
        known, given = self.booster.num_features(), rows.num_col()
        if _kind(content_type) == _CSV and given != known:
            raise ValueError(
                f"Feature size of csv inference data {given} is not consistent with feature size "
                f"of trained model {known}."
            )
        if given > known:
            raise ValueError(
                f"Feature size of libsvm inference data {given} is larger than feature size of "
                f"trained model {known}."
            )
        predictions: Predictions = self.booster.predict(rows, validate_features=False)
        return predictions

    def _encoder(self, accept: str) -> Callable[[Predictions], Answer]:
        if self.one_line:
            return _one_line
        for wanted in _accepted(accept):
            if wanted in {_CSV, "*/*", "text/*"}:
                return _lines
            if wanted in {_JSON, "application/*"}:
                return _scores
        raise UnsupportedAccept(
            f"Accept type {accept} is not supported. Please use supported accept types: "
            f"{_CSV}, {_JSON}."
        )


def _refused(status: int, reason: object) -> Answer:
    log.error("%s", reason)
    return Answer(str(reason).encode(), status=status)


def _kind(content_type: str) -> str:
    return (content_type or _CSV).partition(";")[0].strip().lower()


def _accepted(accept: str) -> list[str]:
    """Media types in order of preference; without a header the model's default, then CSV."""
    if not accept or accept == "*/*":
        accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", _CSV)
    return [part.partition(";")[0].strip().lower() for part in accept.split(",")]


def decoded(payload: bytes, content_type: str) -> xgb.DMatrix:
    """Raises Undecodable."""
    kind = _kind(content_type)
    if kind not in {_CSV, *_LIBSVM, RECORDIO}:
        raise Undecodable(
            f"Content-type {kind} not supported. Supported content-type is text/csv, text/libsvm, "
            f"{RECORDIO}"
        )
    name = {_CSV: "csv", RECORDIO: "recordio-protobuf"}.get(kind, "libsvm")
    try:
        return xgb.DMatrix(_rows(payload, name), nthread=1)
    except ValueError as error:
        raise Undecodable(
            f"Loading {name} data failed with Exception, please ensure data is in {name} format:\n"
            f" {type(error)}\n {error}"
        ) from error


def _rows(payload: bytes, name: str) -> tables.Features:
    if name == "csv":
        return csv_matrix(payload.strip())
    if name == "recordio-protobuf":
        return tables.read(payload).features
    return libsvm_matrix(payload.decode("utf-8").splitlines(), labelled=False).features


def _one_line(predictions: Predictions) -> Answer:
    return Answer(",".join(map(str, predictions.tolist())).encode(), _CSV)


def _lines(predictions: Predictions) -> Answer:
    rows = predictions.tolist()
    if predictions.ndim == 2:
        rows = [",".join(map(str, row)) for row in rows]
    return Answer("".join(f"{row}\n" for row in rows).encode(), _CSV)


def _scores(predictions: Predictions) -> Answer:
    scores = [{"score": score} for score in predictions.tolist()]
    return Answer(json.dumps({"predictions": scores}).encode(), _JSON)

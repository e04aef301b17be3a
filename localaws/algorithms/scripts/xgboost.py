"""XGBoost's container with a script; localaws.algorithms.xgboost hands over to it."""

from __future__ import annotations

import os
from typing import Any

import xgboost

from localaws.algorithms import container
from localaws.algorithms.scripts import codecs, handlers, training
from localaws.algorithms.xgboost import predicting

train = training.trainer("sagemaker_xgboost_container")


class Defaults:
    def model_fn(self, folder: str) -> Any:
        raise container.UserError("Please provide a model_fn implementation.")

    def input_fn(self, payload: Any, content_type: str) -> Any:
        body = payload.encode() if isinstance(payload, str) else payload
        try:
            return predicting.decoded(body, content_type)
        except predicting.Undecodable as error:
            raise codecs.Unsupported(content_type, 415) from error

    def predict_fn(self, data: Any, model: Any) -> Any:
        if isinstance(model, xgboost.Booster):
            return model.predict(data, validate_features=False)
        return model.predict(data)

    def output_fn(self, prediction: Any, accept: str) -> Any:
        return codecs.encode(prediction, accept), accept


def serve(server: container.Container) -> None:
    os.environ.setdefault("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", codecs.CSV)
    handlers.serve(server, Defaults())

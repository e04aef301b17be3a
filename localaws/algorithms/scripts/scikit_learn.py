"""`python -m localaws.algorithms.scripts.scikit_learn train|serve`."""

from __future__ import annotations

from typing import Any

import numpy as np

from localaws.algorithms import container
from localaws.algorithms.scripts import codecs, handlers, training


class Defaults:
    def model_fn(self, folder: str) -> Any:
        raise container.UserError("Please provide a model_fn implementation.")

    def input_fn(self, payload: Any, content_type: str) -> Any:
        rows = codecs.decode(payload, content_type)
        return rows if content_type in codecs.TEXT else rows.astype(np.float32)

    def predict_fn(self, data: Any, model: Any) -> Any:
        return model.predict(data)

    def output_fn(self, prediction: Any, accept: str) -> Any:
        return codecs.encode(prediction, accept), accept


def _serve(server: container.Container) -> None:
    handlers.serve(server, Defaults())


if __name__ == "__main__":
    container.main(training.trainer("sagemaker_sklearn_container"), _serve)

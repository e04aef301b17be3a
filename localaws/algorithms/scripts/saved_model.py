"""A TensorFlow SavedModel behind the REST API of TensorFlow Serving.

https://www.tensorflow.org/tfx/serving/api_rest#predict_api
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from localaws.algorithms.container import UserError


class BadRequest(Exception):
    """The text is what TensorFlow Serving answers as `error`."""


def load(folder: Path) -> Served:
    """The highest version below `folder`: a numeric directory that holds saved_model.pb.

    Raises UserError when there is none.
    """
    found = [path.parent for path in folder.rglob("saved_model.pb") if path.parent.name.isdigit()]
    if not found:
        raise UserError(
            "No SavedModel version found: model.tar.gz must hold a numbered directory with "
            "saved_model.pb, such as 1/saved_model.pb. Keras writes one with model.export."
        )
    model = tf.saved_model.load(str(max(found, key=lambda path: int(path.name))))
    if not model.signatures:
        raise UserError("The SavedModel has no signature, so nothing can be asked of it.")
    return Served(model)


@dataclass(frozen=True)
class Served:
    model: Any

    def predict(self, body: bytes) -> bytes:
        """`instances` to `predictions` by rows, `inputs` to `outputs` by columns.

        Raises BadRequest.
        """
        try:
            asked = json.loads(body)
        except ValueError as error:
            raise BadRequest(f"JSON Parse error: {error}") from error
        if not isinstance(asked, dict) or len({"instances", "inputs"} & set(asked)) != 1:
            raise BadRequest("Missing 'inputs' or 'instances' key")
        function = self._function(asked.get("signature_name"))
        columns = _columns(function, asked)
        try:
            outputs = {name: value.numpy() for name, value in function(**columns).items()}
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise BadRequest(str(error)) from error
        return _answer(outputs, by_rows="instances" in asked)

    def _function(self, name: str | None) -> Any:
        signatures = self.model.signatures
        if name is None:
            name = "serving_default" if "serving_default" in signatures else next(iter(signatures))
        if name not in signatures:
            raise BadRequest(f"Serving signature name: '{name}' not found in signature def")
        return signatures[name]


def _columns(function: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """A tensor for every input of the signature."""
    wanted = function.structured_input_signature[1]
    given = asked.get("inputs")
    if "instances" in asked:
        given = _transposed(asked["instances"], list(wanted))
    elif not isinstance(given, dict):
        given = dict.fromkeys(wanted, given)
    if set(given) != set(wanted):
        raise BadRequest(
            f"Inputs {sorted(given)} do not match the signature, which has {sorted(wanted)}"
        )
    return {name: _tensor(name, given[name], spec) for name, spec in wanted.items()}


def _transposed(instances: Any, names: list[str]) -> dict[str, Any]:
    if not isinstance(instances, list) or not instances:
        raise BadRequest("'instances' must be a list with at least one element")
    if all(isinstance(row, dict) for row in instances):
        if any(set(row) != set(instances[0]) for row in instances):
            raise BadRequest("Every element of 'instances' must have the same names")
        return {name: [row[name] for row in instances] for name in instances[0]}
    if len(names) > 1:
        raise BadRequest(f"'instances' must be objects with the inputs {sorted(names)}")
    return {names[0]: instances}


def _tensor(name: str, values: Any, spec: Any) -> Any:
    try:
        tensor = tf.constant(values, dtype=spec.dtype)
    except (ValueError, TypeError) as error:
        raise BadRequest(f"Failed to process the values of {name}: {error}") from error
    if not spec.shape.is_compatible_with(tensor.shape):
        if tf.TensorShape(spec.shape).rank == tensor.shape.rank + 1:
            tensor = tf.expand_dims(tensor, -1)  # scalars for inputs of shape [None, 1]
        if not spec.shape.is_compatible_with(tensor.shape):
            raise BadRequest(f"{name} has shape {tensor.shape}, the model takes {spec.shape}")
    return tensor


def _answer(outputs: dict[str, Any], *, by_rows: bool) -> bytes:
    plain = {name: _plain(value) for name, value in outputs.items()}
    if not by_rows:
        return _json({"outputs": next(iter(plain.values())) if len(plain) == 1 else plain})
    if len(plain) == 1:
        return _json({"predictions": next(iter(plain.values()))})
    rows = zip(*plain.values(), strict=True)
    return _json({"predictions": [dict(zip(plain, row, strict=True)) for row in rows]})


def _plain(values: np.ndarray[Any, Any]) -> Any:
    if values.dtype == object:  # strings
        return np.vectorize(lambda item: item.decode("utf-8", "replace"), otypes=[object])(
            values
        ).tolist()
    return values.tolist()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=4).encode()

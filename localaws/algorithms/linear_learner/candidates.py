"""Several linear models, trained side by side in one matrix with settings of their own."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from localaws.algorithms.firstparty.hyperparameters import Values
from localaws.algorithms.linear_learner.losses import Array, Loss
from localaws.algorithms.recordio.tables import Features, Floats

_RATES, _DECAYS = (0.1, 0.03, 0.3, 0.01), (0.0, 1e-4)
"""What `auto` tries. The image draws 32 settings; these 8 cover as much on a laptop's data."""
_EPSILON = 1e-8


class Candidates:
    def __init__(self, width: int, outputs: int, values: Values) -> None:
        random = np.random.default_rng(0)
        self._values = values
        self.rates, self.decays = _settings(values)
        shape = (width, len(self.rates), outputs)
        if values["init_method"] == "uniform":
            start = random.uniform(-values["init_scale"], values["init_scale"], shape)
        else:
            start = random.normal(0, values["init_sigma"], shape)
        self.weights: Array = start.astype(np.float32)
        self.bias: Array = np.full(shape[1:], values["init_bias"], np.float32)
        self._states = [_State(values, array) for array in (self.weights, self.bias)]
        self._steps = 0

    def outputs(self, rows: Features) -> Array:
        """(rows, models, outputs)."""
        flat = rows @ self.weights.reshape(self.weights.shape[0], -1)
        return np.asarray(flat).reshape(-1, *self.bias.shape) + self.bias

    def step(self, rows: Features, labels: Floats, importance: Floats, loss: Loss) -> None:
        """One mini-batch; `importance` weighs the rows."""
        _, slopes = loss(self.outputs(rows), labels)
        slopes = slopes * (importance / len(labels))[:, None, None]
        flat = slopes.reshape(len(labels), -1).astype(np.float32)
        rate, values = self._rate(), self._values
        slope = np.asarray(rows.T @ flat).reshape(self.weights.shape)
        decay = self.decays[None, :, None]
        slope = slope + decay * self.weights + (values["l1"] or 0) * np.sign(self.weights)
        self.weights -= rate[None, :, None] * self._states[0].direction(slope)
        if values["use_bias"]:
            shrink = (values["bias_wd_mult"] or 0) * self.decays[:, None] * self.bias
            direction = self._states[1].direction(slopes.sum(axis=0) + shrink)
            self.bias -= (values["bias_lr_mult"] or 1) * rate[:, None] * direction
        self._steps += 1

    def _rate(self) -> Array:
        values = self._values
        if not values["use_lr_scheduler"]:
            return self.rates
        factor, step = values["lr_scheduler_factor"] or 0.99, values["lr_scheduler_step"] or 10
        least = values["lr_scheduler_minimum_lr"] or 1e-5
        return np.maximum(self.rates * factor ** (self._steps // step), least).astype(np.float32)


def _settings(values: Values) -> tuple[Array, Array]:
    """(learning rates, weight decays) of the models: one, unless `num_models` says otherwise."""
    rates = [values["learning_rate"]] if values["learning_rate"] else list(_RATES)
    decays = list(_DECAYS) if values["wd"] is None else [values["wd"]]
    pairs = list(product(rates, decays))
    count = values["num_models"] or len(pairs)
    chosen = [pairs[number % len(pairs)] for number in range(count)]
    return np.array([r for r, _ in chosen], np.float32), np.array(
        [d for _, d in chosen], np.float32
    )


class _State:
    """What the optimizer remembers of one array."""

    def __init__(self, values: Values, like: Array) -> None:
        self._kind = "adam" if values["optimizer"] == "auto" else values["optimizer"]
        self._momentum = values["momentum"] or 0.0
        self._betas: tuple[Any, Any] = (
            0.9 if values["beta_1"] is None else values["beta_1"],
            0.999 if values["beta_2"] is None else values["beta_2"],
        )
        self._first, self._second, self._steps = np.zeros_like(like), np.zeros_like(like), 0

    def direction(self, slope: Array) -> Array:
        slope = slope.astype(np.float32)
        if self._kind == "sgd":
            self._first = self._momentum * self._first + slope
            return self._first
        one, two = self._betas if self._kind == "adam" else (0.0, 0.9)
        self._steps += 1
        self._first = one * self._first + (1 - one) * slope
        self._second = two * self._second + (1 - two) * slope**2
        first = self._first / (1 - one**self._steps)
        second = self._second / (1 - two**self._steps)
        found: Array = first / (np.sqrt(second) + _EPSILON)
        return found

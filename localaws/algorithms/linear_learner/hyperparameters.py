"""https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from localaws.algorithms.container import UserError
from localaws.algorithms.firstparty.hyperparameters import (
    Parameter,
    Table,
    Values,
    choice,
    flag,
    integer,
    number,
    required,
    resolve,
)
from localaws.algorithms.rules import Number

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"

LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
    REGRESSOR: (
        *("squared_loss", "absolute_loss", "eps_insensitive_squared_loss"),
        *("eps_insensitive_absolute_loss", "quantile_loss", "huber_loss"),
    ),
}
_POSITIVE = Number(float, 0, open_low=True)
_BETWEEN = Number(float, 0, 1, open_low=True, open_high=True)
_BELOW_ONE = Number(float, 0, 1, open_high=True)


@dataclass(frozen=True)
class _Weight(Number):
    """A positive number, or the word `balanced`, which parses to -1."""

    def __contains__(self, value: float) -> bool:
        return value == -1 or super().__contains__(value)

    def __str__(self) -> str:
        return "(0, inf) or 'balanced'"


def _weight(text: str) -> float:
    return -1.0 if text == "balanced" else float(text)


RULES: Table = {
    "predictor_type": required(choice(None, BINARY, MULTICLASS, REGRESSOR)),
    "num_classes": integer("1", 1, 1_000_000),
    "feature_dim": integer("auto"),
    "mini_batch_size": integer("1000"),
    "epochs": integer("15"),
    "loss": choice("auto", "auto", *(name for names in LOSSES.values() for name in names)),
    "optimizer": choice("auto", "auto", "adam", "sgd", "rmsprop"),
    "learning_rate": number("auto", _POSITIVE),
    "wd": number("auto"),
    "l1": number("auto"),
    "momentum": number("auto", _BELOW_ONE),
    "beta_1": number("auto", _BELOW_ONE),
    "beta_2": number("auto", _BELOW_ONE),
    "use_bias": flag("true"),
    "bias_lr_mult": number("auto", _POSITIVE),
    "bias_wd_mult": number("auto"),
    "use_lr_scheduler": flag("true"),
    "lr_scheduler_step": integer("auto"),
    "lr_scheduler_factor": number("auto", _BETWEEN),
    "lr_scheduler_minimum_lr": number("auto", _POSITIVE),
    "num_models": integer("auto"),
    "num_calibration_samples": integer("auto"),
    "binary_classifier_model_selection_criteria": choice(
        *("accuracy", "accuracy", "f1", "f_beta", "precision_at_target_recall"),
        *("recall_at_target_precision", "cross_entropy_loss", "loss_function"),
    ),
    "target_recall": number("0.8", _BETWEEN),
    "target_precision": number("0.8", _BETWEEN),
    "positive_example_weight_mult": Parameter(
        _Weight(_weight, 0, inf, open_low=True), "1.0", auto=True
    ),
    "balance_multiclass_weights": flag("false"),
    "accuracy_top_k": integer("3"),
    "f_beta": number("1.0", _POSITIVE),
    "early_stopping_patience": integer("3"),
    "early_stopping_tolerance": number("0.001", _POSITIVE),
    "normalize_data": Parameter(flag("true").rule, "true", auto=True),
    "normalize_label": flag("auto"),
    "unbias_data": flag("auto"),
    "unbias_label": flag("auto"),
    "num_point_for_scaler": integer("10000"),
    "init_method": choice("uniform", "uniform", "normal"),
    "init_scale": number("0.07", _POSITIVE),
    "init_sigma": number("0.01", _POSITIVE),
    "init_bias": number("0", Number(float)),
    "margin": number("1.0"),
    "quantile": number("0.5", _BETWEEN),
    "loss_insensitivity": number("0.01", _POSITIVE),
    "huber_delta": number("1.0"),
}


def parse(given: Mapping[str, str]) -> Values:
    """With `loss` decided, and `num_classes` 1 unless there are several. Raises UserError."""
    values = resolve(given, RULES)
    kind = values["predictor_type"]
    if kind == MULTICLASS and values["num_classes"] < 3:
        raise UserError("num_classes must be at least 3 when predictor_type is " + MULTICLASS)
    if kind != MULTICLASS:
        values["num_classes"] = 1
    if values["loss"] == "auto":
        values["loss"] = LOSSES[kind][0]
    if values["loss"] not in LOSSES[kind]:
        raise UserError(f"The loss {values['loss']} is not valid for the predictor_type {kind}")
    if given.get("_tuning_objective_metric"):
        values["num_models"] = 1  # the tuner compares models, not this job
    return values

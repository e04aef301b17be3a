"""The strict hyperparameters of the container: an unknown name fails the job.

Source: aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from localaws.algorithms.container import UserError
from localaws.algorithms.rules import Choice, Number
from localaws.algorithms.xgboost.definitions import MAXIMIZE, MINIMIZE


@dataclass(frozen=True)
class Listing:
    """Comma-separated choices; `threshold` ones may carry @number."""

    values: tuple[str, ...]
    threshold: tuple[str, ...] = ()

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text.split(","))

    def __contains__(self, value: tuple[str, ...]) -> bool:
        return all(item in self.values or self._has_threshold(item) for item in value)

    def _has_threshold(self, item: str) -> bool:
        name, at, number = item.partition("@")
        return bool(at) and name in self.threshold and number.replace(".", "", 1).isdigit()

    def __str__(self) -> str:
        return str(list(self.values))


@dataclass(frozen=True)
class Literal:
    """A Python tuple or nested list, handed to XGBoost as it is written."""

    check: Callable[[Any], bool]
    range: str

    def parse(self, text: str) -> str:
        ast.literal_eval(text)
        return text

    def __contains__(self, value: str) -> bool:
        return self.check(ast.literal_eval(value))

    def __str__(self) -> str:
        return self.range


Rule = Number | Choice | Listing | Literal


def _constraints(value: object) -> bool:
    return isinstance(value, tuple) and all(item in {-1, 0, 1} for item in value)


def _groups(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(group, list) and all(isinstance(item, int) and item >= 1 for item in group)
        for group in value
    )


def _positive(*, below_one: bool = False) -> Number:
    return Number(float, 0, 1 if below_one else inf, open_low=True)


_FLAG = Choice(("true", "false"))
_BIT = Number(int, 0, 1)
_UNIT = Number(float, 0, 1)

RULES: Mapping[str, Rule] = {
    "num_round": Number(int, 1),
    "num_class": Number(int, 2),
    "objective": Choice(
        (
            *("aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge"),
            *("count:poisson", "multi:softmax", "multi:softprob", "rank:pairwise", "rank:ndcg"),
            *("rank:map", "reg:linear", "reg:squarederror", "reg:logistic", "reg:gamma"),
            *("reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie"),
            *("survival:aft", "survival:cox"),
        )
    ),
    "eval_metric": Listing((*MAXIMIZE, *MINIMIZE), threshold=("error", "ndcg", "map")),
    "early_stopping_rounds": Number(int, 1),
    "booster": Choice(("gbtree", "gblinear", "dart")),
    "eta": _UNIT,
    "gamma": Number(float, 0),
    "max_depth": Number(int, 0),
    "min_child_weight": Number(float, 0),
    "max_delta_step": Number(float, 0),
    "subsample": _positive(below_one=True),
    "colsample_bytree": _positive(below_one=True),
    "colsample_bylevel": _positive(below_one=True),
    "colsample_bynode": _positive(below_one=True),
    "lambda": Number(float, 0),
    "alpha": Number(float, 0),
    "tree_method": Choice(("auto", "exact", "approx", "hist", "gpu_hist")),
    "sketch_eps": Number(float, 0, 1, open_low=True, open_high=True),
    "scale_pos_weight": _positive(),
    "updater": Listing(
        (
            *("grow_colmaker", "distcol", "grow_histmaker", "grow_local_histmaker"),
            *("grow_skmaker", "grow_quantile_histmaker", "sync", "refresh", "prune"),
            *("shotgun", "coord_descent"),
        )
    ),
    "dsplit": Choice(("row", "col")),
    "refresh_leaf": _BIT,
    "process_type": Choice(("default", "update")),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "max_leaves": Number(int, 0),
    "max_bin": Number(int, 0),
    "predictor": Choice(("auto", "cpu_predictor", "gpu_predictor")),
    "monotone_constraints": Literal(_constraints, "[-1, 0, 1]"),
    "interaction_constraints": Literal(_groups, "[1, inf)"),
    "sample_type": Choice(("uniform", "weighted")),
    "normalize_type": Choice(("tree", "forest")),
    "rate_drop": _UNIT,
    "one_drop": _BIT,
    "skip_drop": _UNIT,
    "lambda_bias": _UNIT,
    "tweedie_variance_power": Number(float, 1, 2, open_low=True, open_high=True),
    "base_score": Number(float, 0),
    "seed": Number(int, -(2**31), 2**31 - 1),
    "num_parallel_tree": Number(int, 1),
    "nthread": Number(int, 1),
    "verbosity": Number(int, 0, 3),
    "silent": _BIT,
    "csv_weights": _BIT,
    "save_model_on_termination": _FLAG,
    "aft_loss_distribution": Choice(("normal", "logistic", "extreme")),
    "aft_loss_distribution_scale": Number(float, 0),
    "deterministic_histogram": _FLAG,
    "single_precision_histogram": _FLAG,
    "sampling_method": Choice(("uniform", "gradient_based")),
    "prob_buffer_row": Number(float, 1, open_low=True),
    "use_dask_gpu_training": _FLAG,
    "_kfold": Number(int, 2),
    "_num_cv_round": Number(int, 1),
    "_tuning_objective_metric": Choice(
        tuple(f"validation:{metric}" for metric in (*MAXIMIZE, *MINIMIZE))
    ),
}
ALIASES = {
    "learning_rate": "eta",
    "min_split_loss": "gamma",
    "reg_lambda": "lambda",
    "reg_alpha": "alpha",
}


def parse(texts: Mapping[str, str]) -> dict[str, Any]:
    """Texts to typed values under canonical names. Raises UserError in the container's words."""
    values = {ALIASES.get(name, name): _value(name, text) for name, text in texts.items()}
    if "num_round" not in values:
        raise UserError("Missing required hyperparameter: num_round")
    _check_classes(values)
    _check_metrics(values)
    _check_constraints(values)
    return values


def _value(name: str, text: str) -> object:
    rule = RULES.get(ALIASES.get(name, name))
    if rule is None:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        value: Any = rule.parse(text)
    except (ValueError, SyntaxError):
        raise UserError(f"Hyperparameter {name}: could not parse value") from None
    if value not in rule:
        raise UserError(f"Hyperparameter {name}: value {text} not in range {rule}")
    return value


def _check_classes(values: Mapping[str, Any]) -> None:
    multi = values.get("objective") in {"multi:softmax", "multi:softprob"}
    if multi and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")
    if not multi and "num_class" in values:
        raise UserError(
            "Do not need to setup parameter 'num_class' for learning task other than "
            "multi-classification."
        )


def _check_metrics(values: Mapping[str, Any]) -> None:
    metrics: tuple[str, ...] = values.get("eval_metric", ())
    objective: str = values.get("objective", "reg:squarederror")
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _check_constraints(values: Mapping[str, Any]) -> None:
    method = values.get("tree_method")
    if "monotone_constraints" in values and method not in {"exact", "hist"}:
        raise UserError(
            "monotone_constraints can be used only when the tree_method parameter is set to "
            "either 'exact' or 'hist'."
        )
    if "interaction_constraints" in values and method not in {"exact", "hist", "approx"}:
        raise UserError(
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'."
        )

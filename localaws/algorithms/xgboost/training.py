"""`train` of the container: channels and hyperparameters in, log lines and `xgboost-model` out.

Source: aws/sagemaker-xgboost-container, algorithm_mode/train.py.
"""

from __future__ import annotations

import logging
import os
import re
import signal
from types import FrameType
from typing import Any

import xgboost as xgb

from localaws.algorithms.container import AlgorithmError, Container, UserError
from localaws.algorithms.xgboost import checkpoints, data
from localaws.algorithms.xgboost.definitions import MAXIMIZE
from localaws.algorithms.xgboost.scores import CUSTOM, scorer

log = logging.getLogger(__name__)

MODEL = "xgboost-model"

# Read by the container itself, or gone from today's XGBoost.
_NOT_FOR_XGBOOST = frozenset(
    {
        *("num_round", "csv_weights", "early_stopping_rounds", "save_model_on_termination"),
        *("eval_metric", "nthread", "_num_cv_round", "_tuning_objective_metric"),
        *("use_dask_gpu_training", "predictor", "sketch_eps", "dsplit", "prob_buffer_row"),
        *("deterministic_histogram", "single_precision_histogram", "silent"),
    }
)
_POSITION = re.compile(r"^\[[\d:]+\] \S+:\d+: ")
# Texts of XGBoost that blame the data: train.py's CUSTOMER_ERRORS.
_BLAMES_DATA = (
    *("label must be", "Check failed: labels", "feature_names mismatch"),
    *("label and prediction size not match", "Check failed: preds.Size() == info.labels"),
    *("base_score must be in (0,1) for logistic loss", "Check failed: valid"),
)


def train(job: Container, values: dict[str, Any]) -> None:
    """`values` as hyperparameters.parse gives them. Raises UserError and AlgorithmError."""
    if "_kfold" in values:
        raise UserError("_kfold: localaws has no cross-validation.")
    sets = data.matrices(job, weighted=values.get("csv_weights") == 1)
    for name, matrix in sets.items():
        log.info("%s matrix has %d rows and %d columns", name, matrix.num_row(), matrix.num_col())
    folder = job.checkpoints()
    before, done = checkpoints.newest(folder)
    progress = Progress(saves=values.get("save_model_on_termination") == "true", start=done)
    saving = [checkpoints.Saving(folder, done)] if folder is not None else []
    values = values | {"num_round": max(values["num_round"] - done, 0)}
    try:
        booster = _boosted(values, sets, [progress, *saving], before)
    except xgb.core.XGBoostError as error:
        raise _explained(error) from error
    job.model.joinpath(MODEL).write_bytes(booster.save_raw("ubj"))


class Progress(xgb.callback.TrainingCallback):
    """Prints the line the service's regexes read; with `saves`, SIGTERM ends the training early."""

    def __init__(self, *, saves: bool, start: int = 0) -> None:
        """`start` is the number of the first round."""
        self._start = start
        self._told_to_stop = False
        if saves:
            signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._told_to_stop = True

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: dict[str, Any]) -> bool:
        del model
        parts = [f"[{self._start + epoch}]"]
        for name, metrics in evals_log.items():
            parts += [f"{name}-{metric}:{history[-1]:.5f}" for metric, history in metrics.items()]
        print("\t".join(parts), flush=True)  # noqa: T201  the log of a training job is its stdout
        return self._told_to_stop


def _boosted(
    values: dict[str, Any],
    sets: dict[str, xgb.DMatrix],
    callbacks: list[xgb.callback.TrainingCallback],
    before: xgb.Booster | None,
) -> xgb.Booster:
    metrics = _metrics(values)
    custom = tuple(metric for metric in metrics if metric in CUSTOM)
    objective = values.get("objective", "reg:squarederror")
    return xgb.train(
        _parameters(values, [metric for metric in metrics if metric not in CUSTOM]),
        sets["train"],
        num_boost_round=values["num_round"],
        evals=[(matrix, name) for name, matrix in sets.items()],
        custom_metric=scorer(custom, objective),
        callbacks=[*callbacks, *_early_stopping(values, sets)],
        xgb_model=before,
        verbose_eval=False,
    )


def _metrics(values: dict[str, Any]) -> tuple[str, ...]:
    """Those asked for and, in a tuning job's trial, the objective."""
    metrics: tuple[str, ...] = values.get("eval_metric", ())
    tuned = values.get("_tuning_objective_metric", "").removeprefix("validation:")
    return metrics if not tuned or tuned in metrics else (*metrics, tuned)


def _parameters(values: dict[str, Any], own_metrics: list[str]) -> dict[str, Any]:
    chosen = {name: value for name, value in values.items() if name not in _NOT_FOR_XGBOOST}
    if chosen.get("objective") == "reg:linear":
        chosen["objective"] = "reg:squarederror"
    if chosen.get("tree_method") == "gpu_hist":
        log.info("No GPU here: tree_method gpu_hist runs as hist on the CPU.")
        chosen["tree_method"] = "hist"
    if not os.environ.get("LOCALAWS_IMAGE_TAG", "").startswith("3."):
        chosen.setdefault("base_score", 0.5)  # XGBoost estimates it since 2.0
    if "updater" in chosen:
        chosen["updater"] = ",".join(chosen["updater"])
    if own_metrics:
        chosen["eval_metric"] = own_metrics
    cores = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1))
    chosen["nthread"] = min(values.get("nthread", cores), cores)
    return chosen


def _early_stopping(
    values: dict[str, Any], sets: dict[str, xgb.DMatrix]
) -> list[xgb.callback.TrainingCallback]:
    """Watches the last of `eval_metric` on validation; the best iteration is what gets saved."""
    if "early_stopping_rounds" not in values:
        return []
    metric = values["eval_metric"][-1] if "eval_metric" in values else None
    return [
        xgb.callback.EarlyStopping(
            rounds=values["early_stopping_rounds"],
            metric_name=metric,
            data_name="validation" if "validation" in sets else None,
            maximize=metric.partition("@")[0] in MAXIMIZE if metric else None,
            save_best=values.get("booster") != "gblinear",
        )
    ]


def _explained(error: xgb.core.XGBoostError) -> Exception:
    """Without the C++ position before the message and the C++ stack after it."""
    text = _POSITION.sub("", str(error).partition("\nStack trace:")[0])
    if any(blame in text for blame in _BLAMES_DATA):
        return UserError(text)
    return AlgorithmError(f"XGB train call failed with exception:\n{text}")

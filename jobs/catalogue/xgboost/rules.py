"""What XGBoost's data imply, and what no single field can see.

Source: aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py; what XGBoost
itself would refuse minutes later, or silently ignore, is refused here as well.
"""

from collections.abc import Iterator, Mapping

from jobs.catalogue.definition import Data, Errors, Implied, Value
from jobs.catalogue.xgboost.metrics import BINARY_ONLY, LABELS_ONLY, MULTICLASS_ONLY
from jobs.catalogue.xgboost.parameters import MULTI

_FITTING = {
    "binary": ("binary:", "multi:", "rank:", "reg:logistic"),
    "multiclass": ("multi:",),
    "regression": ("reg:", "count:", "survival:", "rank:"),
}
_NATURAL = {
    "binary": ("binary:logistic", "The target has two labels: a probability is learned."),
    "multiclass": ("multi:softprob", "The target has {labels} labels: one is chosen."),
    "regression": ("reg:squarederror", "The target is a number."),
}
_WANTS = {
    "binary": "the target has two labels",
    "multiclass": "the target has {labels} labels",
    "regression": "the target is a number",
}

Found = Iterator[tuple[str, str]]


def implied(data: Data) -> tuple[Implied, ...]:
    """The objective (and num_class) that the target asks for."""
    if data.task not in _NATURAL:
        return ()
    objective, why = _NATURAL[data.task]
    found = [Implied("objective", objective, why.format(labels=data.labels))]
    if data.task == "multiclass":
        found.append(
            Implied("num_class", str(data.labels), f"The target has {data.labels} labels.")
        )
    return tuple(found)


def check(values: Mapping[str, Value], data: Data) -> Errors:
    """Messages by field; `values` are typed, valid one by one, and under canonical names."""
    errors: Errors = {}
    for rule in (_objective, _classes, _metrics, _early_stopping, _trees, _constraints, _weights):
        for name, message in rule(values, data):
            errors.setdefault(name, []).append(message)
    return errors


def _chosen(values: Mapping[str, Value], name: str, default: str = "") -> str:
    return str(values.get(name, default))


def _objective(values: Mapping[str, Value], data: Data) -> Found:
    objective = _chosen(values, "objective", "reg:squarederror")
    if data.task in _FITTING and not objective.startswith(_FITTING[data.task]):
        because = _WANTS[data.task].format(labels=data.labels)
        yield "objective", f"{objective} does not fit: {because}. Use {_NATURAL[data.task][0]}."


def _classes(values: Mapping[str, Value], data: Data) -> Found:
    is_multi = values.get("objective") in MULTI
    count = values.get("num_class")
    if is_multi and count is None:
        fits = f" These data need {data.labels}." if data.labels else ""
        yield "num_class", f"num_class is required with {values['objective']}.{fits}"
    if not is_multi and count is not None:
        yield "num_class", "num_class is only for multi:softmax and multi:softprob; leave it empty."
    if is_multi and isinstance(count, int) and count < data.labels:
        yield "num_class", f"The data have {data.labels} labels; num_class must be at least that."


def _metrics(values: Mapping[str, Value], data: Data) -> Found:
    objective = _chosen(values, "objective", "reg:squarederror")
    family = objective.partition(":")[0]
    for metric in filter(None, _chosen(values, "eval_metric").split(",")):
        name = metric.partition("@")[0]
        wanted = _wanted_objective(name, family)
        if name == "aft-nloglik" and objective != "survival:aft":
            wanted = "survival:aft"
        if wanted:
            yield "eval_metric", f"{metric} does not fit {objective}: it needs {wanted}."


def _wanted_objective(metric: str, family: str) -> str:
    """The objectives that `metric` needs, "" when those of `family` are among them."""
    if metric in MULTICLASS_ONLY:
        return "" if family == "multi" else "a multi:… objective"
    if metric in {"auc", "aucpr"}:
        return "" if family in {"binary", "rank"} else "a binary:… or rank:… objective"
    if metric in BINARY_ONLY:
        return "" if family == "binary" else "a binary:… objective"
    if metric in LABELS_ONLY:
        return "" if family in {"binary", "multi"} else "a binary:… or multi:… objective"
    return "an objective that predicts one number a row" if family == "multi" else ""


def _early_stopping(values: Mapping[str, Value], data: Data) -> Found:
    if "early_stopping_rounds" in values and "validation" not in data.channels:
        yield "early_stopping_rounds", "Early stopping needs validation rows; there are none."


def _trees(values: Mapping[str, Value], data: Data) -> Found:
    steps = set(filter(None, _chosen(values, "updater").split(",")))
    linear = {"shotgun", "coord_descent"}
    if values.get("booster") == "gblinear" and not steps <= linear:
        yield "updater", "With booster gblinear, updater is shotgun or coord_descent."
    if values.get("process_type") == "update" and not steps <= {"refresh", "prune"}:
        yield "updater", "With process_type update, updater is refresh or prune."


def _constraints(values: Mapping[str, Value], data: Data) -> Found:
    method = _chosen(values, "tree_method", "auto")
    directions = _chosen(values, "monotone_constraints")
    if directions and method not in {"exact", "hist"}:
        yield "monotone_constraints", "This needs tree_method exact or hist."
    count = len([part for part in directions.strip("()").split(",") if part.strip()])
    if directions and data.features and count != data.features:
        yield (
            "monotone_constraints",
            f"There are {count} directions and {data.features} features; each needs one.",
        )
    if "interaction_constraints" in values and method not in {"exact", "hist", "approx"}:
        yield "interaction_constraints", "This needs tree_method exact, hist or approx."


def _weights(values: Mapping[str, Value], data: Data) -> Found:
    if values.get("csv_weights") == 1 and data.task:
        yield "csv_weights", "The prepared data have no weight column."

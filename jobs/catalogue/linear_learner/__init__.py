"""Linear Learner, as Amazon's built-in container has it."""

from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import Algorithm, Channel, Data, Errors, Metric, Value
from jobs.catalogue.firstparty import CSV, RECORDIO, Found, epoch_loss, loss, score
from jobs.catalogue.linear_learner.parameters import BINARY, HYPERPARAMETERS, MULTICLASS, REGRESSOR

_OBJECTIVE = r"\S+_objective"
_FITTING = {"binary": (BINARY,), "multiclass": (MULTICLASS,), "regression": (REGRESSOR,)}
_LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
    REGRESSOR: (
        *("squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "huber_loss"),
        *("eps_insensitive_absolute_loss", "quantile_loss"),
    ),
}


def _scores(channel: str, *, objective: bool) -> tuple[Metric, ...]:
    return (
        loss(f"{channel}:mse", objective=objective),
        loss(f"{channel}:absolute_loss", objective=objective),
        score(f"{channel}:binary_classification_accuracy", objective=objective),
        score(f"{channel}:binary_f_beta", r"binary_f_\S+", objective=objective),
        score(f"{channel}:precision", objective=objective),
        score(f"{channel}:recall", objective=objective),
    )


def _held_out(channel: str) -> tuple[Metric, ...]:
    return (
        *_scores(channel, objective=True),
        score(f"{channel}:roc_auc_score"),
        score(f"{channel}:multiclass_accuracy"),
        score(f"{channel}:multiclass_top_k_accuracy", r"multiclass_top_k_accuracy_\S+"),
        score(f"{channel}:dcg"),
        score(f"{channel}:macro_precision"),
        score(f"{channel}:macro_recall"),
        score(f"{channel}:macro_f_beta", r"macro_f_\S+"),
    )


METRICS = (
    epoch_loss("train:objective_loss", _OBJECTIVE),
    epoch_loss("validation:objective_loss", _OBJECTIVE, objective=True),
    loss("test:objective_loss", _OBJECTIVE),
    loss("train:objective_loss:final", _OBJECTIVE, objective=False),
    loss("validation:objective_loss:final", _OBJECTIVE, objective=False),
    *_held_out("test"),
    *_held_out("validation"),
    loss("validation:rmse"),
    *_scores("train", objective=False),
)


def _rules(values: Mapping[str, Value], data: Data) -> Found:
    kind, count = str(values.get("predictor_type", "")), values.get("num_classes")
    if kind == MULTICLASS and isinstance(count, int) and count < data.labels:
        yield "num_classes", f"The data have {data.labels} labels; it must be at least that."
    chosen = str(values.get("loss", "auto"))
    if kind and chosen != "auto" and chosen not in _LOSSES[kind]:
        yield "loss", f"{chosen} does not fit a {kind}: use auto or {', '.join(_LOSSES[kind])}."


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(
        firstparty.feature_dim(values, data),
        firstparty.batch({"mini_batch_size": 1_000} | dict(values), data),
        firstparty.predictor(values, data, _FITTING),
        _rules(values, data),
    )


def _headline(_texts: Mapping[str, str]) -> str:
    return "validation:objective_loss"


LINEAR_LEARNER = Algorithm(
    name="linear-learner",
    title="Linear Learner",
    summary=(
        "Weighs each feature and adds up. Fast, calm and easy to explain; trains several models at"
        " once and keeps the best."
    ),
    tasks=("binary", "multiclass", "regression"),
    repository="linear-learner",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html",
    channels=(
        Channel("train", required=True, help="The rows that the weights are learned from."),
        Channel("validation", required=False, help="Rows that choose the model and its threshold."),
    ),
    content_types=(RECORDIO, CSV, "text/csv;label_size=1"),
    hyperparameters=HYPERPARAMETERS,
    metrics=METRICS,
    instance_types=("ml.m5.large", "ml.c5.xlarge", "ml.m5.xlarge", "ml.c5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=_headline,
    read=firstparty.Log(METRICS),
    steps="epochs",
)

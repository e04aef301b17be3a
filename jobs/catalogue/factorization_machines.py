"""Factorization Machines.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines-hyperparameters.html; ranges
to tune: https://docs.aws.amazon.com/sagemaker/latest/dg/fm-tuning.html.
"""

from collections.abc import Iterator, Mapping
from math import inf

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Condition,
    Data,
    Errors,
    Hyperparameter,
    Range,
    Tunable,
    Value,
    choice,
    integer,
    number,
)
from jobs.catalogue.firstparty import RECORDIO, epoch_loss, loss, score

_ENTROPY = "binary_classification_cross_entropy"
_METRICS = (
    loss("test:rmse"),
    score("test:binary_classification_accuracy"),
    loss(f"test:{_ENTROPY}"),
    score("test:binary_f_beta", r"binary_f_\S+"),
    epoch_loss("train:rmse:epoch", "rmse"),
    epoch_loss(f"train:{_ENTROPY}:epoch", _ENTROPY),
)
_FITTING = {"binary": ("binary_classifier",), "regression": ("regressor",)}
_WIDE = Tunable(1e-8, 512, "Logarithmic")
_RATE = Range(0)

_USUAL = (
    choice(
        "predictor_type",
        *("binary_classifier", "regressor"),
        required=True,
        usual=True,
        help="What is learned: one of two labels, or a number.",
    ),
    integer(
        "feature_dim", 1, required=True, usual=True, help="How many feature columns there are."
    ),
    integer(
        "num_factors",
        1,
        required=True,
        usual=True,
        suggested="64",
        help="How many hidden traits describe a feature; pairs of features meet in them.",
    ),
    integer(
        "epochs",
        1,
        default="1",
        usual=True,
        tunable=Tunable(1, 1_000, "Auto"),
        help="How many times the training reads all rows.",
    ),
    integer(
        "mini_batch_size",
        1,
        default="1000",
        usual=True,
        tunable=Tunable(100, 10_000, "Auto"),
        help="How many rows make one step.",
    ),
)

# part, what it is, default rate, default penalty, default spread
_PARTS = (
    ("bias", "the constant", "0.1", "0.01", "0.01"),
    ("linear", "the features' own weights", "0.001", "0.001", "0.01"),
    ("factors", "the hidden traits", "0.0001", "0.00001", "0.001"),
)


def _of_part(part: str, what: str, rate: str, decay: str, sigma: str) -> Iterator[Hyperparameter]:
    method = f"{part}_init_method"
    yield number(
        f"{part}_lr", _RATE, default=rate, tunable=_WIDE, help=f"How fast {what} are learned."
    )
    yield number(f"{part}_wd", _RATE, default=decay, tunable=_WIDE, help=f"Keeps {what} small.")
    yield choice(
        method,
        *("uniform", "normal", "constant"),
        default="normal",
        help=f"How {what} are drawn at first.",
    )
    yield number(
        f"{part}_init_scale",
        _RATE,
        tunable=_WIDE,
        applies_when=Condition(method, ("uniform",)),
        help=f"How far apart {what} are drawn.",
    )
    yield number(
        f"{part}_init_sigma",
        _RATE,
        default=sigma,
        tunable=_WIDE,
        applies_when=Condition(method, ("normal",)),
        help=f"How spread {what} are drawn.",
    )
    yield number(
        f"{part}_init_value",
        Range(),
        tunable=_WIDE,
        applies_when=Condition(method, ("constant",)),
        help=f"The value of {what} to begin with.",
    )


_GRADIENTS = (
    number("clip_gradient", Range(), help="No step is longer than this."),
    number("eps", Range(), help="A small number that keeps divisions from failing."),
    number("rescale_grad", Range(-inf), help="Every step is multiplied by this."),
)


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(
        firstparty.feature_dim(values, data),
        firstparty.predictor(values, data, _FITTING),
    )


def _headline(texts: Mapping[str, str]) -> str:
    if texts.get("predictor_type") == "regressor":
        return "test:rmse"
    return "test:binary_classification_accuracy"


FACTORIZATION_MACHINES = Algorithm(
    name="factorization-machines",
    title="Factorization Machines",
    summary=(
        "Learns how pairs of features work together, also in wide tables that are mostly zeros:"
        " clicks, purchases, recommendations."
    ),
    tasks=("binary", "regression"),
    repository="factorization-machines",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines-hyperparameters.html",
    channels=(
        Channel("train", required=True, help="The rows that are learned from."),
        Channel(
            "test",
            required=False,
            split="validation",
            help="Rows to measure with. Filled with the validation rows, so that your test rows"
            " stay unseen.",
        ),
    ),
    content_types=(RECORDIO,),
    hyperparameters=(
        *_USUAL,
        *(one for part in _PARTS for one in _of_part(*part)),
        *_GRADIENTS,
    ),
    metrics=_METRICS,
    instance_types=("ml.m5.xlarge", "ml.c5.xlarge", "ml.m5.large", "ml.c5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=_headline,
    read=firstparty.Log(_METRICS),
    steps="epochs",
)

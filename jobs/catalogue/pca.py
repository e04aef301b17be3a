"""PCA. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/PCA-reference.html"""

from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Condition,
    Data,
    Errors,
    Value,
    choice,
    flag,
    integer,
)
from jobs.catalogue.firstparty import RECORDIO, UNLABELLED, Found

_HYPERPARAMETERS = (
    integer(
        "num_components",
        1,
        required=True,
        usual=True,
        suggested="2",
        help="How many numbers each row is reduced to; at most feature_dim.",
    ),
    integer(
        "feature_dim", 1, required=True, usual=True, help="How many feature columns there are."
    ),
    integer(
        "mini_batch_size",
        1,
        required=True,
        usual=True,
        help="How many rows are read at a time; at most the training rows.",
    ),
    choice(
        "algorithm_mode",
        *("regular", "randomized"),
        default="regular",
        usual=True,
        help="Exact (regular), or an approximation for many columns (randomized).",
    ),
    integer(
        "extra_components",
        -1,
        default="-1",
        applies_when=Condition("algorithm_mode", ("randomized",)),
        help="How many components more the approximation works with; -1 chooses by itself.",
    ),
    flag("subtract_mean", default="true", help="Whether the columns are centred first."),
)


def _rules(values: Mapping[str, Value], data: Data) -> Found:
    kept = values.get("num_components")
    if isinstance(kept, int) and data.features and kept > data.features:
        yield "num_components", f"The data have {data.features} features; keep at most that many."


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(
        firstparty.feature_dim(values, data),
        firstparty.batch(values, data),
        _rules(values, data),
    )


PCA = Algorithm(
    name="pca",
    title="PCA",
    summary=(
        "Principal components: says each row in few numbers that keep most of its variation. Needs"
        " no target; for plots, and before another algorithm."
    ),
    tasks=("clustering",),
    repository="pca",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/pca.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/PCA-reference.html",
    channels=(Channel("train", required=True, help="The rows whose variation is learned."),),
    content_types=(RECORDIO, UNLABELLED),
    hyperparameters=_HYPERPARAMETERS,
    metrics=(),
    instance_types=("ml.m5.xlarge", "ml.m5.large", "ml.c5.xlarge", "ml.m5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=firstparty.no_choice,
    read=firstparty.Log(()),
)

"""Random Cut Forest. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/rcf_hyperparameters.html"""

from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Data,
    Errors,
    Hyperparameter,
    Kind,
    Tunable,
    Value,
    integer,
)
from jobs.catalogue.firstparty import RECORDIO, UNLABELLED, score

_METRICS = (
    score("test:f1"),
    score("test:accuracy", objective=False),
    score("test:precision", objective=False),
    score("test:recall", objective=False),
)

_HYPERPARAMETERS = (
    integer(
        "feature_dim",
        1,
        10_000,
        required=True,
        usual=True,
        help="How many feature columns there are.",
    ),
    integer(
        "num_trees",
        50,
        1_000,
        default="100",
        usual=True,
        tunable=Tunable(50, 1_000, "Auto"),
        help="How many trees judge a row. More make the scores steadier and the answers slower.",
    ),
    integer(
        "num_samples_per_tree",
        1,
        2_048,
        default="256",
        usual=True,
        tunable=Tunable(1, 2_048, "Auto"),
        help="How many rows each tree sees. One over this is about the share of anomalies that is"
        " expected.",
    ),
    Hyperparameter(
        name="eval_metrics",
        kind=Kind.JSON_LIST,
        choices=("accuracy", "precision_recall_fscore"),
        default='["accuracy", "precision_recall_fscore"]',
        help="What is measured on labelled test rows.",
    ),
)


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(firstparty.feature_dim(values, data))


RANDOM_CUT_FOREST = Algorithm(
    name="randomcutforest",
    title="Random Cut Forest",
    summary=(
        "Scores how unusual each row is: the higher, the stranger. Needs no target and no examples"
        " of anomalies."
    ),
    tasks=("clustering",),
    repository="randomcutforest",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/randomcutforest.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/rcf_hyperparameters.html",
    channels=(Channel("train", required=True, help="The rows that count as usual.", sharded=True),),
    content_types=(RECORDIO, UNLABELLED),
    hyperparameters=_HYPERPARAMETERS,
    metrics=_METRICS,
    instance_types=("ml.c5.xlarge", "ml.m5.xlarge", "ml.m5.large", "ml.c5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=firstparty.no_choice,
    read=firstparty.Log(_METRICS),
)

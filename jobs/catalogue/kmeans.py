"""K-Means. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/k-means-api-config.html"""

import json
from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Data,
    Errors,
    Hyperparameter,
    Kind,
    Range,
    Tunable,
    Value,
    choice,
    flag,
    integer,
    number,
)
from jobs.catalogue.firstparty import RECORDIO, UNLABELLED, Found, loss

_METRICS = (
    loss("test:msd"),
    loss("test:ssd"),
    loss("train:msd", objective=False),
    loss("train:ssd", objective=False),
)
_STARTS = ("random", "kmeans++")

_HYPERPARAMETERS = (
    integer(
        "k",
        2,
        required=True,
        usual=True,
        suggested="10",
        help="Into how many clusters the rows are put.",
    ),
    integer(
        "feature_dim",
        1,
        words=("auto",),
        required=True,
        usual=True,
        help="How many feature columns there are.",
    ),
    integer(
        "epochs",
        1,
        default="1",
        usual=True,
        tunable=Tunable(1, 10, "Auto"),
        help="How many times the training reads all rows.",
    ),
    choice(
        "init_method",
        *_STARTS,
        default="random",
        usual=True,
        tune_values=("kmeans++", "random"),
        help="How the first centers are chosen; kmeans++ spreads them out.",
    ),
    Hyperparameter(
        name="eval_metrics",
        kind=Kind.JSON_LIST,
        choices=("msd", "ssd"),
        default='["msd"]',
        help="What is measured on the test rows: mean (msd) or summed (ssd) squared distances.",
    ),
    integer(
        "extra_center_factor",
        1,
        words=("auto",),
        default="auto",
        tunable=Tunable(4, 10, "Auto"),
        help="How many times k centers it works with before it shrinks them to k.",
    ),
    integer(
        "half_life_time_size",
        0,
        default="0",
        help="After how many rows an old row counts half; 0 means never.",
    ),
    choice(
        "local_lloyd_init_method",
        *_STARTS,
        default="kmeans++",
        help="How the centers of the last refinement are chosen.",
    ),
    integer("local_lloyd_max_iter", 1, default="300", help="At most so many rounds of refinement."),
    integer(
        "local_lloyd_num_trials",
        1,
        words=("auto",),
        default="auto",
        help="How often the refinement is tried; the best counts.",
    ),
    number(
        "local_lloyd_tol",
        Range(0, 1),
        default="0.0001",
        help="The refinement ends when a round improves less than this.",
    ),
    integer(
        "mini_batch_size",
        1,
        default="5000",
        tunable=Tunable(3000, 15000, "Auto"),
        help="How many rows are read at a time.",
    ),
    flag(
        "force_dense",
        hidden=True,
        default="true",
        help="Sent by the SageMaker SDK; has no effect.",
    ),
)


def _rules(values: Mapping[str, Value], data: Data) -> Found:
    k = values.get("k")
    if isinstance(k, int) and data.rows and k > data.rows:
        yield "k", f"There are only {data.rows} training rows; k cannot be more."


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(firstparty.feature_dim(values, data), _rules(values, data))


def _headline(texts: Mapping[str, str]) -> str:
    asked = json.loads(texts.get("eval_metrics") or '["msd"]')
    return f"test:{asked[0]}"


KMEANS = Algorithm(
    name="kmeans",
    title="K-Means",
    summary=(
        "Puts similar rows together without being told what to look for. Needs no target; wants"
        " features of comparable size."
    ),
    tasks=("clustering",),
    repository="kmeans",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/k-means.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/k-means-api-config.html",
    channels=(
        Channel("train", required=True, help="The rows that are put into clusters."),
        Channel(
            "test",
            required=False,
            split="validation",
            help="Rows to measure with. Filled with the validation rows, so that your test rows"
            " stay unseen.",
        ),
    ),
    content_types=(RECORDIO, UNLABELLED),
    hyperparameters=_HYPERPARAMETERS,
    metrics=_METRICS,
    instance_types=("ml.m5.xlarge", "ml.c5.xlarge", "ml.m5.large", "ml.c5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=_headline,
    read=firstparty.Log(_METRICS),
)

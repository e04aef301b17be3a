"""https://docs.aws.amazon.com/sagemaker/latest/dg/k-means-api-config.html"""

from __future__ import annotations

from localaws.algorithms.firstparty.hyperparameters import (
    JsonList,
    Parameter,
    Table,
    choice,
    flag,
    integer,
    number,
    required,
)
from localaws.algorithms.rules import Number

RULES: Table = {
    "feature_dim": required(integer("auto")),
    "k": required(integer()),
    "epochs": integer("1"),
    "eval_metrics": Parameter(JsonList(("msd", "ssd")), '["msd"]'),
    "extra_center_factor": integer("auto"),
    "half_life_time_size": integer("0", low=0),
    "init_method": choice("random", "random", "kmeans++"),
    "local_lloyd_init_method": choice("kmeans++", "random", "kmeans++"),
    "local_lloyd_max_iter": integer("300"),
    "local_lloyd_num_trials": integer("auto"),
    "local_lloyd_tol": number("0.0001", Number(float, 0, 1)),
    "mini_batch_size": integer("5000"),
    "force_dense": flag("true"),
}

"""https://docs.aws.amazon.com/sagemaker/latest/dg/rcf_hyperparameters.html"""

from __future__ import annotations

from localaws.algorithms.firstparty.hyperparameters import (
    JsonList,
    Parameter,
    Table,
    flag,
    integer,
    required,
)

RULES: Table = {
    "feature_dim": required(integer(None, 1, 10_000)),
    "num_trees": integer("100", 50, 1000),
    "num_samples_per_tree": integer("256", 1, 2048),
    "eval_metrics": Parameter(
        JsonList(("accuracy", "precision_recall_fscore")),
        '["accuracy", "precision_recall_fscore"]',
    ),
    "mini_batch_size": integer("1000", 1000, 1000),
    "epochs": integer("1"),
    "force_dense": flag("true"),
}

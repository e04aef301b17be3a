"""https://docs.aws.amazon.com/sagemaker/latest/dg/PCA-reference.html"""

from __future__ import annotations

from collections.abc import Mapping

from localaws.algorithms.container import UserError
from localaws.algorithms.firstparty.hyperparameters import (
    Table,
    Values,
    choice,
    flag,
    integer,
    required,
    resolve,
)

RULES: Table = {
    "feature_dim": required(integer()),
    "mini_batch_size": required(integer()),
    "num_components": required(integer()),
    "algorithm_mode": choice("regular", "regular", "randomized"),
    "extra_components": integer("-1", low=-1),
    "subtract_mean": flag("true"),
    "epochs": integer("1"),
    "force_dense": flag("true"),
}


def parse(given: Mapping[str, str]) -> Values:
    """Raises UserError."""
    values = resolve(given, RULES)
    if values["num_components"] > values["feature_dim"]:
        raise UserError(
            f"num_components is {values['num_components']}, but feature_dim is only "
            f"{values['feature_dim']}"
        )
    return values

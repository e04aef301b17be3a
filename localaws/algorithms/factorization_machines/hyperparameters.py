"""https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines-hyperparameters.html"""

from __future__ import annotations

from localaws.algorithms.firstparty.hyperparameters import (
    Parameter,
    Table,
    choice,
    integer,
    number,
    required,
)
from localaws.algorithms.rules import Number

_ANY = Number(float)


def _part(name: str, rate: str, decay: str, sigma: str) -> dict[str, Parameter]:
    """The settings that bias, linear terms and factors each have."""
    return {
        f"{name}_lr": number(rate),
        f"{name}_wd": number(decay),
        f"{name}_init_method": choice("normal", "uniform", "normal", "constant"),
        f"{name}_init_scale": number(),
        f"{name}_init_sigma": number(sigma),
        f"{name}_init_value": number(None, _ANY),
    }


RULES: Table = {
    "feature_dim": required(integer()),
    "num_factors": required(integer()),
    "predictor_type": required(choice(None, "binary_classifier", "regressor")),
    "epochs": integer("1"),
    "mini_batch_size": integer("1000"),
    **_part("bias", "0.1", "0.01", "0.01"),
    **_part("linear", "0.001", "0.001", "0.01"),
    **_part("factors", "0.0001", "0.00001", "0.001"),
    "clip_gradient": number(None, _ANY),
    "eps": number(None, _ANY),
    "rescale_grad": number(None, _ANY),
}

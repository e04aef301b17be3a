"""https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html"""

from __future__ import annotations

from collections.abc import Mapping

from localaws.algorithms.container import UserError
from localaws.algorithms.firstparty.hyperparameters import (
    Parameter,
    Table,
    Values,
    choice,
    integer,
    required,
    resolve,
)
from localaws.algorithms.rules import Choice

_PQ_M = (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96)

RULES: Table = {
    "feature_dim": integer("auto"),
    "k": required(integer()),
    "predictor_type": required(choice(None, "classifier", "regressor")),
    "sample_size": required(integer()),
    "dimension_reduction_type": choice(None, "sign", "fjlt"),
    "dimension_reduction_target": integer(),
    "index_type": choice("faiss.Flat", "faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"),
    "index_metric": choice("L2", "L2", "INNER_PRODUCT", "COSINE"),
    "faiss_index_ivf_nlists": integer("auto"),
    "faiss_index_pq_m": Parameter(Choice(tuple(map(str, _PQ_M)))),
    "_faiss_index_nprobe": integer("5"),
    "mini_batch_size": integer("5000"),
    "epochs": integer("1"),
}


def parse(given: Mapping[str, str]) -> Values:
    """Raises UserError."""
    values = resolve(given, RULES)
    reduced = values["dimension_reduction_type"] is not None
    if reduced != (values["dimension_reduction_target"] is not None):
        raise UserError(
            "dimension_reduction_type and dimension_reduction_target must be given together"
        )
    if values["index_type"] == "faiss.IVFPQ":
        if values["index_metric"] != "L2":
            raise UserError("index_type faiss.IVFPQ supports only the index_metric L2")
        if values["faiss_index_pq_m"] is None:
            raise UserError("index_type faiss.IVFPQ requires faiss_index_pq_m")
    return values

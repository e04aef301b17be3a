"""k-nearest neighbours. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html"""

from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Condition,
    Data,
    Errors,
    Tunable,
    Value,
    choice,
    integer,
)
from jobs.catalogue.firstparty import CSV, RECORDIO, Found, loss, score

_METRICS = (
    score("test:accuracy"),
    loss("test:mse"),
    score("test:macro_f_beta", r"macro_f_\S+", objective=False),
)
_FITTING = {
    "binary": ("classifier",),
    "multiclass": ("classifier",),
    "regression": ("regressor",),
}
_INVERTED = Condition("index_type", ("faiss.IVFFlat", "faiss.IVFPQ"))
_PQ_M = (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96)

_HYPERPARAMETERS = (
    integer(
        "k",
        1,
        required=True,
        usual=True,
        suggested="5",
        tunable=Tunable(1, 1024, "Auto"),
        help="How many neighbours vote. Few follow every wrinkle of the data, many smooth it.",
    ),
    choice(
        "predictor_type",
        *("classifier", "regressor"),
        required=True,
        usual=True,
        help="Whether the neighbours vote on a label (classifier) or their numbers are averaged.",
    ),
    integer(
        "sample_size",
        1,
        required=True,
        usual=True,
        tunable=Tunable(256, 20_000_000, "Auto"),
        help="How many training rows are kept to search in. All of them is most exact; fewer"
        " answer faster.",
    ),
    integer(
        "feature_dim",
        1,
        words=("auto",),
        required=True,
        usual=True,
        help="How many feature columns there are.",
    ),
    firstparty.DISTANCES,
    choice(
        "index_type",
        *("faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"),
        default="faiss.Flat",
        help="How neighbours are looked for: all rows one by one (Flat), in groups, or in groups"
        " of shortened rows. Only Flat is exact.",
    ),
    choice(
        "dimension_reduction_type",
        *("sign", "fjlt"),
        help="Shorten the rows by a random projection before they are compared.",
    ),
    integer(
        "dimension_reduction_target",
        1,
        applies_when=Condition("dimension_reduction_type", ("sign", "fjlt")),
        required_when=Condition("dimension_reduction_type", ("sign", "fjlt")),
        help="How many numbers are left of a row; fewer than feature_dim.",
    ),
    integer(
        "faiss_index_ivf_nlists",
        1,
        words=("auto",),
        default="auto",
        applies_when=_INVERTED,
        help="Into how many groups the rows are put; auto means the square root of their number.",
    ),
    choice(
        "faiss_index_pq_m",
        *map(str, _PQ_M),
        applies_when=Condition("index_type", ("faiss.IVFPQ",)),
        required_when=Condition("index_type", ("faiss.IVFPQ",)),
        help="Into how many pieces a row is cut to be shortened.",
    ),
    integer(
        "mini_batch_size",
        1,
        default="5000",
        help="How many rows are read at a time; it does not change the result.",
    ),
)


def _rules(values: Mapping[str, Value], data: Data) -> Found:
    k, kept, dim = (values.get(name) for name in ("k", "sample_size", "feature_dim"))
    reduced = values.get("dimension_reduction_target")
    if isinstance(k, int) and isinstance(kept, int) and k > kept:
        yield "k", f"Only {kept} rows are kept to search in; k cannot be more."
    if isinstance(kept, int) and data.rows and kept > data.rows:
        yield "sample_size", f"There are only {data.rows} training rows."
    wide = dim if isinstance(dim, int) else data.features
    if isinstance(reduced, int) and wide and reduced >= wide:
        yield "dimension_reduction_target", f"Must be less than feature_dim, which is {wide}."
    if values.get("index_type") == "faiss.IVFPQ" and values.get("index_metric", "L2") != "L2":
        yield "index_metric", "index_type faiss.IVFPQ works with L2 only."


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(
        firstparty.feature_dim(values, data),
        firstparty.predictor(values, data, _FITTING),
        _rules(values, data),
    )


def _headline(texts: Mapping[str, str]) -> str:
    return "test:mse" if texts.get("predictor_type") == "regressor" else "test:accuracy"


KNN = Algorithm(
    name="knn",
    title="k-Nearest Neighbors",
    summary=(
        "Looks up the most similar training rows and lets them vote. Nothing to learn, easy to"
        " explain; wants features of comparable size."
    ),
    tasks=("binary", "multiclass", "regression"),
    repository="knn",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/k-nearest-neighbors.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html",
    channels=(
        Channel("train", required=True, help="The rows that are searched."),
        Channel(
            "test",
            required=False,
            split="validation",
            help="Rows to measure with. Filled with the validation rows, so that your test rows"
            " stay unseen.",
        ),
    ),
    content_types=(RECORDIO, CSV, "text/csv;label_size=1"),
    hyperparameters=_HYPERPARAMETERS,
    metrics=_METRICS,
    instance_types=("ml.m5.2xlarge", "ml.m5.large", "ml.m5.xlarge", "ml.c5.2xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=_headline,
    read=firstparty.Log(_METRICS),
)

"""XGBoost as Amazon's built-in container, version 1.7-1."""

from jobs.catalogue.definition import Algorithm, Channel
from jobs.catalogue.xgboost.metrics import METRICS, headline, read
from jobs.catalogue.xgboost.parameters import HYPERPARAMETERS
from jobs.catalogue.xgboost.rules import check, implied

XGBOOST = Algorithm(
    name="xgboost",
    title="XGBoost",
    summary=(
        "Gradient-boosted trees. The first choice for tables: fast, strong with default settings,"
        " and untroubled by missing values or by features of very different size."
    ),
    tasks=("binary", "multiclass", "regression"),
    repository="sagemaker-xgboost",
    version="1.7-1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html",
    channels=(
        Channel("train", required=True, help="The rows that the trees are grown from."),
        Channel("validation", required=False, help="Rows held back to watch the training."),
    ),
    content_types=(
        *("text/csv", "text/libsvm", "application/x-parquet"),
        *("application/x-recordio-protobuf", "csv", "libsvm", "parquet", "recordio-protobuf"),
        "text/x-libsvm",
    ),
    hyperparameters=HYPERPARAMETERS,
    metrics=METRICS,
    # Memory-bound: general-purpose machines before compute-optimised ones.
    instance_types=(
        "ml.m5.large",
        "ml.m5.xlarge",
        "ml.m5.2xlarge",
        "ml.m5.4xlarge",
        "ml.c5.2xlarge",
    ),
    implied=implied,
    check=check,
    headline=headline,
    read=read,
    steps="num_round",
    decides="objective",
)

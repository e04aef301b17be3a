"""Every hyperparameter of the XGBoost container 1.7-1.

Ranges and defaults: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html,
and aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py; ranges to tune:
https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html.
"""

from dataclasses import replace
from math import inf

from jobs.catalogue.definition import (
    Condition,
    Hyperparameter,
    Kind,
    Range,
    Tunable,
    choice,
    integer,
    number,
)
from jobs.catalogue.xgboost.metrics import MAXIMIZE, MINIMIZE, THRESHOLDS

OBJECTIVES = (
    *("binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax"),
    *("multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear"),
    *("reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror"),
    *("reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft", "survival:cox"),
)
MULTI = ("multi:softmax", "multi:softprob")

_NOT_NEGATIVE = Range(0)
_POSITIVE = Range(0, low_open=True)
_SHARE = Range(0, 1)
_SOME_SHARE = Range(0, 1, low_open=True)
_DART = Condition("booster", ("dart",))
_AFT = Condition("objective", ("survival:aft",))

_USUAL = (
    integer(
        "num_round",
        1,
        required=True,
        suggested="100",
        tunable=Tunable(1, 4000),
        help="How many trees are grown one after the other, each correcting the ones before. More"
        " fit the data better, until they only learn it by heart.",
    ),
    choice(
        "objective",
        *OBJECTIVES,
        default="reg:squarederror",
        help="What is predicted: a probability (binary:logistic), one of several labels"
        " (multi:softprob) or a number (reg:squarederror).",
    ),
    integer(
        "num_class",
        2,
        required_when=Condition("objective", MULTI),
        applies_when=Condition("objective", MULTI),
        help="How many labels there are to choose from.",
    ),
    Hyperparameter(
        name="eval_metric",
        kind=Kind.LISTING,
        choices=(*MAXIMIZE, *MINIMIZE),
        thresholds=THRESHOLDS,
        help="What is measured after each round, separated by commas. Left empty, it follows the"
        " objective. The last one steers early stopping.",
    ),
    number(
        "eta",
        _SHARE,
        default="0.3",
        tunable=Tunable(0.1, 0.5),
        aliases=("learning_rate",),
        help="The learning rate: how much each tree may change the prediction. Smaller is steadier"
        " and needs more rounds.",
    ),
    integer(
        "max_depth",
        0,
        default="6",
        tunable=Tunable(0, 10),
        help="How many questions deep a tree may be; 0 means no limit. Deeper trees see finer"
        " patterns and overfit sooner.",
    ),
    number(
        "min_child_weight",
        _NOT_NEGATIVE,
        default="1",
        tunable=Tunable(0, 120),
        help="How much evidence a leaf needs. More makes the model more cautious.",
    ),
    number(
        "subsample",
        _SOME_SHARE,
        default="1",
        tunable=Tunable(0.5, 1),
        help="The share of the rows each tree sees; below 1 it guards against overfitting.",
    ),
    integer(
        "early_stopping_rounds",
        1,
        help="Stop when the last metric on the validation rows has not improved for so many"
        " rounds, and keep the best round.",
    ),
)
_TREES = (
    number(
        "gamma",
        _NOT_NEGATIVE,
        default="0",
        tunable=Tunable(0, 5),
        aliases=("min_split_loss",),
        help="The least gain for which a leaf is split again.",
    ),
    number(
        "max_delta_step",
        _NOT_NEGATIVE,
        default="0",
        tunable=Tunable(0, 10),
        help="A cap on each leaf's step, 0 for none; helps when one label is very rare.",
    ),
    number(
        "colsample_bytree",
        _SOME_SHARE,
        default="1",
        tunable=Tunable(0.5, 1),
        help="The share of the columns each tree may use.",
    ),
    number(
        "colsample_bylevel",
        _SOME_SHARE,
        default="1",
        tunable=Tunable(0.1, 1),
        help="The share of the columns each level of a tree may use.",
    ),
    number(
        "colsample_bynode",
        _SOME_SHARE,
        default="1",
        tunable=Tunable(0.1, 1),
        help="The share of the columns each split may use.",
    ),
    number(
        "lambda",
        _NOT_NEGATIVE,
        default="1",
        tunable=Tunable(0, 1000),
        aliases=("reg_lambda",),
        help="L2 penalty: keeps the leaves' values small.",
    ),
    number(
        "alpha",
        _NOT_NEGATIVE,
        default="0",
        tunable=Tunable(0, 1000),
        aliases=("reg_alpha",),
        help="L1 penalty: pushes the leaves' values to zero.",
    ),
    number(
        "scale_pos_weight",
        _POSITIVE,
        default="1",
        help="The weight of the positive rows; negatives divided by positives balances them.",
    ),
    choice(
        "tree_method",
        "auto",
        "exact",
        "approx",
        "hist",
        "gpu_hist",
        default="auto",
        help="How splits are searched: hist is fast on large data, gpu_hist needs a GPU.",
    ),
    choice(
        "grow_policy",
        "depthwise",
        "lossguide",
        default="depthwise",
        help="Grow level by level, or the most promising leaf first (with hist).",
    ),
    integer("max_leaves", 0, default="0", help="A cap on leaves, 0 for none (with lossguide)."),
    integer("max_bin", 0, default="256", help="Bins per feature (with hist)."),
    number(
        "sketch_eps",
        Range(0, 1, low_open=True, high_open=True),
        default="0.03",
        help="Bin resolution (with approx); smaller is finer.",
    ),
    integer("num_parallel_tree", 1, default="1", help="Trees a round: more than one is a forest."),
    choice(
        "sampling_method",
        "uniform",
        "gradient_based",
        default="uniform",
        help="How rows are drawn; gradient_based works with gpu_hist.",
    ),
    Hyperparameter(
        name="monotone_constraints",
        kind=Kind.TUPLE,
        range=Range(-1, 1),
        help="A direction for each feature, such as (1, 0, -1): rising, free, falling.",
    ),
    Hyperparameter(
        name="interaction_constraints",
        kind=Kind.NESTED_LIST,
        range=Range(1, inf),
        help="Groups of features that may stand in one tree, such as [[1, 2], [3, 4]].",
    ),
)
_BOOSTERS = (
    choice(
        "booster",
        "gbtree",
        "gblinear",
        "dart",
        default="gbtree",
        help="Trees, a linear model, or trees of which some are dropped each round (dart).",
    ),
    choice(
        "sample_type",
        "uniform",
        "weighted",
        default="uniform",
        applies_when=_DART,
        help="How trees to drop are drawn.",
    ),
    choice(
        "normalize_type",
        "tree",
        "forest",
        default="tree",
        applies_when=_DART,
        help="How dropped trees are weighed afterwards.",
    ),
    number(
        "rate_drop",
        _SHARE,
        default="0",
        applies_when=_DART,
        help="The share of earlier trees dropped each round.",
    ),
    integer("one_drop", 0, 1, default="0", applies_when=_DART, help="1: drop at least one tree."),
    number(
        "skip_drop",
        _SHARE,
        default="0",
        applies_when=_DART,
        help="How often a round drops nothing.",
    ),
    number(
        "lambda_bias",
        _SHARE,
        default="0",
        applies_when=Condition("booster", ("gblinear",)),
        help="L2 penalty on the bias.",
    ),
    Hyperparameter(
        name="updater",
        kind=Kind.LISTING,
        default="grow_colmaker,prune",
        choices=(
            "grow_colmaker",
            "distcol",
            "grow_histmaker",
            "grow_skmaker",
            "grow_quantile_histmaker",
            "sync",
            "refresh",
            "prune",
            "shotgun",
            "coord_descent",
        ),
        help="The steps that build and change trees, separated by commas.",
    ),
    choice(
        "process_type",
        "default",
        "update",
        default="default",
        help="Grow new trees, or update existing ones.",
    ),
    integer("refresh_leaf", 0, 1, default="1", help="1: updating also rewrites the leaves."),
)
_RUNNING = (
    number("base_score", _NOT_NEGATIVE, default="0.5", help="The prediction before any tree."),
    number(
        "tweedie_variance_power",
        Range(1, 2, low_open=True, high_open=True),
        default="1.5",
        applies_when=Condition("objective", ("reg:tweedie",)),
        help="Near 1 the target counts events, near 2 it is an amount.",
    ),
    choice(
        "aft_loss_distribution",
        "normal",
        "logistic",
        "extreme",
        default="normal",
        applies_when=_AFT,
        help="How survival times scatter.",
    ),
    number(
        "aft_loss_distribution_scale",
        _NOT_NEGATIVE,
        default="1",
        applies_when=_AFT,
        help="How widely survival times scatter.",
    ),
    integer("seed", -(2**31), 2**31 - 1, default="0", help="The start of the random numbers."),
    integer("nthread", 1, help="Threads; left empty, all cores."),
    integer("verbosity", 0, 3, default="1", help="0 silent, 1 warnings, 2 information, 3 debug."),
    integer("csv_weights", 0, 1, default="0", help="1: the second CSV column weighs each row."),
    choice(
        "save_model_on_termination",
        "true",
        "false",
        default="false",
        help="true: a stopped job keeps the trees it has grown.",
    ),
    choice(
        "deterministic_histogram",
        "true",
        "false",
        default="true",
        help="true: the same result each time on a GPU.",
    ),
    choice(
        "predictor",
        "auto",
        "cpu_predictor",
        "gpu_predictor",
        default="auto",
        help="Where predictions are computed while training.",
    ),
    choice("dsplit", "row", "col", help="How several machines share the data."),
    number("prob_buffer_row", Range(1, low_open=True), help="Obsolete buffer ratio."),
    choice(
        "use_dask_gpu_training",
        "true",
        "false",
        default="false",
        help="true: spread over several GPUs (gpu_hist, CSV or Parquet).",
    ),
)
_NOT_OFFERED = (
    choice(
        "single_precision_histogram",
        "true",
        "false",
        default="false",
        only_in="1.2 to 1.5",
        help="Single-precision histograms.",
    ),
    integer("_kfold", 2, hidden=True, help="Cross-validation folds."),
    integer("_num_cv_round", 1, default="1", hidden=True, help="Repeats of the cross-validation."),
    choice(
        "_tuning_objective_metric",
        *(f"validation:{name}" for name in (*MAXIMIZE, *MINIMIZE)),
        hidden=True,
        help="Set by a tuning job on its trials.",
    ),
)

HYPERPARAMETERS: tuple[Hyperparameter, ...] = (
    *(replace(one, usual=True) for one in _USUAL),
    *_TREES,
    *_BOOSTERS,
    *_RUNNING,
    *_NOT_OFFERED,
)

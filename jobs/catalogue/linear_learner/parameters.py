"""Every documented hyperparameter of Linear Learner.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html; ranges to tune:
https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html.
"""

from jobs.catalogue.definition import (
    Condition,
    Hyperparameter,
    Range,
    Tunable,
    choice,
    flag,
    integer,
    number,
)

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"

_AUTO = ("auto",)
_POSITIVE = Range(0, low_open=True)
_BELOW_ONE = Range(0, 1, high_open=True)
_INSIDE = Range(0, 1, low_open=True, high_open=True)
_SMALL = Tunable(1e-7, 1, "Logarithmic")
_ADAM = Condition("optimizer", ("adam", "auto"))
_SCHEDULED = Condition("use_lr_scheduler", ("true",))
_IS_BINARY = Condition("predictor_type", (BINARY,))
_IS_MULTICLASS = Condition("predictor_type", (MULTICLASS,))


def _loss(*names: str) -> Condition:
    return Condition("loss", names)


_USUAL = (
    choice(
        "predictor_type",
        *(BINARY, MULTICLASS, REGRESSOR),
        required=True,
        usual=True,
        help="What is learned: one of two labels, one of several, or a number.",
    ),
    integer(
        "num_classes",
        3,
        1_000_000,
        usual=True,
        required_when=_IS_MULTICLASS,
        help="How many labels there are; only for a multiclass_classifier.",
    ),
    integer(
        "epochs",
        1,
        default="15",
        usual=True,
        help="At most so many times the training reads all rows.",
    ),
    integer(
        "mini_batch_size",
        1,
        default="1000",
        usual=True,
        tunable=Tunable(100, 5_000, "Auto"),
        help="How many rows make one step; at most the training rows of one instance.",
    ),
    number(
        "learning_rate",
        _POSITIVE,
        words=_AUTO,
        default="auto",
        usual=True,
        tunable=Tunable(1e-5, 1, "Logarithmic"),
        help="How far each step goes.",
    ),
    number(
        "l1",
        Range(0),
        words=_AUTO,
        default="auto",
        usual=True,
        tunable=_SMALL,
        help="L1 penalty: sets the weights of useless features to zero.",
    ),
    number(
        "wd",
        Range(0),
        words=_AUTO,
        default="auto",
        usual=True,
        tunable=_SMALL,
        help="L2 penalty (weight decay): keeps all weights small.",
    ),
    choice(
        "binary_classifier_model_selection_criteria",
        *("accuracy", "f1", "f_beta", "precision_at_target_recall", "recall_at_target_precision"),
        *("cross_entropy_loss", "loss_function"),
        default="accuracy",
        usual=True,
        applies_when=_IS_BINARY,
        help="What the best model and its threshold are chosen by.",
    ),
    number(
        "positive_example_weight_mult",
        _POSITIVE,
        words=("auto", "balanced"),
        default="1.0",
        usual=True,
        tunable=Tunable(1e-5, 1e5, "Logarithmic"),
        applies_when=_IS_BINARY,
        help="How much more a positive row counts; balanced makes both labels weigh the same.",
    ),
    flag(
        "balance_multiclass_weights",
        "false",
        usual=True,
        applies_when=_IS_MULTICLASS,
        help="Whether rare labels count as much as frequent ones.",
    ),
)
_LEARNING = (
    integer(
        "feature_dim", 1, words=_AUTO, default="auto", help="How many feature columns there are."
    ),
    choice(
        "loss",
        *("auto", "logistic", "softmax_loss", "squared_loss", "absolute_loss", "hinge_loss"),
        *("eps_insensitive_squared_loss", "eps_insensitive_absolute_loss", "quantile_loss"),
        "huber_loss",
        default="auto",
        help="What counts as an error; auto is logistic, softmax_loss or squared_loss.",
    ),
    choice(
        "optimizer",
        *("auto", "adam", "sgd", "rmsprop"),
        default="auto",
        help="How the weights are moved; auto is adam.",
    ),
    number(
        "momentum",
        _BELOW_ONE,
        words=_AUTO,
        default="auto",
        applies_when=Condition("optimizer", ("sgd",)),
        help="How much of the last step goes on.",
    ),
    number(
        "beta_1",
        _BELOW_ONE,
        words=_AUTO,
        default="auto",
        applies_when=_ADAM,
        help="How long adam remembers the direction.",
    ),
    number(
        "beta_2",
        _BELOW_ONE,
        words=_AUTO,
        default="auto",
        applies_when=_ADAM,
        help="How long adam remembers the size of steps.",
    ),
    flag(
        "use_bias",
        "true",
        tune_values=("true", "false"),
        help="Whether a constant is added to the weighted features.",
    ),
    number(
        "bias_lr_mult",
        _POSITIVE,
        words=_AUTO,
        default="auto",
        help="How much faster that constant is learned.",
    ),
    number(
        "bias_wd_mult",
        Range(0),
        words=_AUTO,
        default="auto",
        help="How much more that constant is kept small.",
    ),
    flag("use_lr_scheduler", "true", help="Whether the learning rate falls during the training."),
    integer(
        "lr_scheduler_step",
        1,
        words=_AUTO,
        default="auto",
        applies_when=_SCHEDULED,
        help="After how many steps it falls.",
    ),
    number(
        "lr_scheduler_factor",
        _INSIDE,
        words=_AUTO,
        default="auto",
        applies_when=_SCHEDULED,
        help="By which factor it falls.",
    ),
    number(
        "lr_scheduler_minimum_lr",
        _POSITIVE,
        words=_AUTO,
        default="auto",
        applies_when=_SCHEDULED,
        help="It never falls below this.",
    ),
)
_CHOOSING = (
    integer(
        "num_models",
        1,
        words=_AUTO,
        default="auto",
        help="How many models are trained side by side with different penalties.",
    ),
    integer(
        "num_calibration_samples",
        1,
        words=_AUTO,
        default="auto",
        help="How many validation rows set the threshold.",
    ),
    number(
        "target_recall",
        _INSIDE,
        default="0.8",
        applies_when=Condition(
            "binary_classifier_model_selection_criteria", ("precision_at_target_recall",)
        ),
        help="The recall to hold while precision is made as good as possible.",
    ),
    number(
        "target_precision",
        _INSIDE,
        default="0.8",
        applies_when=Condition(
            "binary_classifier_model_selection_criteria", ("recall_at_target_precision",)
        ),
        help="The precision to hold while recall is made as good as possible.",
    ),
    integer(
        "accuracy_top_k",
        1,
        default="3",
        applies_when=_IS_MULTICLASS,
        help="An answer counts when the label is among so many likeliest.",
    ),
    number("f_beta", _POSITIVE, default="1.0", help="How much recall weighs against precision."),
    integer(
        "early_stopping_patience",
        1,
        default="3",
        help="Stop after so many epochs without improvement.",
    ),
    number(
        "early_stopping_tolerance",
        _POSITIVE,
        default="0.001",
        help="What counts as an improvement, relative to the loss.",
    ),
)
_DATA = (
    flag("normalize_data", "true", help="Whether features are scaled to the same spread."),
    choice(
        "normalize_label",
        *("auto", "true", "false"),
        default="auto",
        help="Whether the target is scaled; for a regressor.",
    ),
    choice(
        "unbias_data",
        *("auto", "true", "false"),
        default="auto",
        help="Whether features are shifted to a mean of zero.",
    ),
    choice(
        "unbias_label",
        *("auto", "true", "false"),
        default="auto",
        help="Whether the target is shifted to a mean of zero; for a regressor.",
    ),
    integer(
        "num_point_for_scaler",
        1,
        default="10000",
        help="How many rows the scaling is learned from.",
    ),
    choice(
        "init_method",
        *("uniform", "normal"),
        default="uniform",
        help="How the first weights are drawn.",
    ),
    number(
        "init_scale",
        _POSITIVE,
        default="0.07",
        applies_when=Condition("init_method", ("uniform",)),
        help="How far apart the first weights are.",
    ),
    number(
        "init_sigma",
        _POSITIVE,
        default="0.01",
        applies_when=Condition("init_method", ("normal",)),
        help="How spread the first weights are.",
    ),
    number("init_bias", Range(), default="0", help="The constant to begin with."),
)
_LOSSES = (
    number(
        "margin",
        _POSITIVE,
        default="1.0",
        applies_when=_loss("hinge_loss"),
        help="How clearly right an answer must be to cost nothing.",
    ),
    number(
        "quantile",
        _INSIDE,
        default="0.5",
        applies_when=_loss("quantile_loss"),
        help="Which quantile of the target is predicted.",
    ),
    number(
        "loss_insensitivity",
        _POSITIVE,
        default="0.01",
        applies_when=_loss("eps_insensitive_squared_loss", "eps_insensitive_absolute_loss"),
        help="Errors up to this cost nothing.",
    ),
    number(
        "huber_delta",
        Range(0),
        default="1.0",
        applies_when=_loss("huber_loss"),
        help="Errors above this count less than squared.",
    ),
)

HYPERPARAMETERS: tuple[Hyperparameter, ...] = (
    *_USUAL,
    *_LEARNING,
    *_CHOOSING,
    *_DATA,
    *_LOSSES,
)

"""BlazingText as a text classifier, and as a maker of word vectors.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext_hyperparameters.html; ranges to
tune: https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext-tuning.html.
"""

import re
from collections.abc import Mapping

from jobs.catalogue import firstparty
from jobs.catalogue.definition import (
    Algorithm,
    Channel,
    Condition,
    Data,
    Errors,
    Metric,
    Point,
    Range,
    Tunable,
    Value,
    choice,
    flag,
    integer,
    number,
)
from jobs.catalogue.firstparty import Found

_METRICS = (
    Metric("train:accuracy", "maximize", r"#train_accuracy: (\S+)", is_objective=False),
    Metric("validation:accuracy", "maximize", r"#validation_accuracy: (\S+)", is_objective=True),
    Metric("train:mean_rho", "maximize", r"#mean_rho: (\S+)", is_objective=True),
)
_VECTORS = ("batch_skipgram", "skipgram", "cbow")
_SUPERVISED = Condition("mode", ("supervised",))
_UNSUPERVISED = Condition("mode", _VECTORS)
_STOPPING = Condition("early_stopping", ("true",))
_POSITIVE = Range(0, low_open=True)

_USUAL = (
    choice(
        "mode",
        *("supervised", *_VECTORS),
        required=True,
        usual=True,
        tune_values=_VECTORS,
        help="supervised learns to put texts under labels; the others learn word vectors.",
    ),
    integer(
        "epochs",
        1,
        default="5",
        usual=True,
        tunable=Tunable(5, 15, "Auto"),
        help="How many times the training reads all texts.",
    ),
    number(
        "learning_rate",
        _POSITIVE,
        default="0.05",
        usual=True,
        tunable=Tunable(0.005, 0.01, "Auto"),
        help="How far each step goes.",
    ),
    integer(
        "word_ngrams",
        1,
        default="2",
        usual=True,
        applies_when=_SUPERVISED,
        tunable=Tunable(1, 3, "Auto"),
        help="How many neighbouring words are looked at together.",
    ),
    integer(
        "vector_dim",
        1,
        default="100",
        usual=True,
        tunable=Tunable(32, 300, "Auto"),
        help="How many numbers describe a word.",
    ),
    integer(
        "min_count",
        0,
        default="5",
        usual=True,
        tunable=Tunable(0, 100, "Auto"),
        help="Words that occur less often are ignored. Small data want a small number.",
    ),
    flag(
        "early_stopping",
        "false",
        usual=True,
        applies_when=_SUPERVISED,
        help="Stop when the accuracy on the validation rows has not improved for a while.",
    ),
)
_ADVANCED = (
    integer(
        "patience",
        1,
        default="4",
        applies_when=_STOPPING,
        help="Stop after so many epochs without improvement.",
    ),
    integer(
        "min_epochs",
        1,
        default="5",
        applies_when=_STOPPING,
        help="Never stop before so many epochs.",
    ),
    integer(
        "buckets",
        1,
        default="2000000",
        tunable=Tunable(1_000_000, 10_000_000, "Auto"),
        help="How much room word groups and parts of words have; more makes a larger model.",
    ),
    integer(
        "batch_size",
        1,
        default="11",
        applies_when=Condition("mode", ("batch_skipgram",)),
        tunable=Tunable(8, 32, "Auto"),
        help="How many words make one step.",
    ),
    flag(
        "evaluation",
        "true",
        applies_when=_UNSUPERVISED,
        help="Whether the vectors are scored on WordSim-353.",
    ),
    flag("subwords", "false", applies_when=_UNSUPERVISED, help="Learn parts of words too."),
    integer("min_char", 1, default="3", help="The shortest part of a word, in characters."),
    integer("max_char", 1, default="6", help="The longest part of a word, in characters."),
    integer(
        "negative_samples",
        1,
        default="5",
        applies_when=_UNSUPERVISED,
        tunable=Tunable(5, 25, "Auto"),
        help="How many wrong words are shown for each right one.",
    ),
    number(
        "sampling_threshold",
        _POSITIVE,
        default="0.0001",
        applies_when=_UNSUPERVISED,
        tunable=Tunable(0.0001, 0.001, "Auto"),
        help="Words that are more frequent than this are skipped now and then.",
    ),
    integer(
        "window_size",
        1,
        default="5",
        applies_when=_UNSUPERVISED,
        tunable=Tunable(1, 10, "Auto"),
        help="How many words to each side count as neighbours.",
    ),
)

_MARKS = re.compile(r"#(train|validation)_accuracy: (\S+)|#mean_rho: (\S+)")


def _read(line: str) -> list[Point]:
    """The accuracies at the end; the log does not number those after each epoch."""
    found = _MARKS.search(line)
    if not found:
        return []
    name = f"{found[1]}:accuracy" if found[1] else "train:mean_rho"
    try:
        return [(name, 0, float(found[2] or found[3]))]
    except ValueError:
        return []


def _rules(values: Mapping[str, Value], data: Data) -> Found:
    if values.get("early_stopping") == "true" and "validation" not in data.channels:
        yield "early_stopping", "Early stopping needs validation rows; there are none."
    if data.task in ("binary", "multiclass") and values.get("mode") in _VECTORS:
        yield "mode", f"{values['mode']} would learn vectors of the labels too; use supervised."
    low, high = values.get("min_char", 3), values.get("max_char", 6)
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield "min_char", f"Must be at most max_char, which is {high}."


def _check(values: Mapping[str, Value], data: Data) -> Errors:
    return firstparty.problems(_rules(values, data))


def _headline(texts: Mapping[str, str]) -> str:
    return "train:mean_rho" if texts.get("mode") in _VECTORS else "validation:accuracy"


BLAZINGTEXT = Algorithm(
    name="blazingtext",
    title="BlazingText",
    summary=(
        "Puts texts under labels in seconds: fastText's classifier. The first choice for short"
        " texts; also learns word vectors."
    ),
    tasks=("binary", "multiclass"),
    repository="blazingtext",
    version="1",
    docs="https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext.html",
    reference="https://docs.aws.amazon.com/sagemaker/latest/dg/blazingtext_hyperparameters.html",
    channels=(
        Channel("train", required=True, help="The texts that are learned from."),
        Channel("validation", required=False, help="Texts held back to watch the training."),
    ),
    content_types=("text/plain",),
    hyperparameters=(*_USUAL, *_ADVANCED),
    metrics=_METRICS,
    instance_types=("ml.c5.2xlarge", "ml.c5.xlarge", "ml.m5.large", "ml.m5.xlarge"),
    implied=firstparty.implied,
    check=_check,
    headline=_headline,
    read=_read,
)

"""The catalogue is complete and says the same as the log does."""

import re

import pytest

from aws.images import image_uri
from jobs.catalogue import ALGORITHMS, of_image
from jobs.metrics import read

XGBOOST = ALGORITHMS["xgboost"]
LINE = "[12]#011train-logloss:0.41#011train-error@0.7:0.5#011validation-logloss:5.2e-05"


@pytest.mark.parametrize("entry", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_it_explains_every_hyperparameter(entry):
    for one in entry.hyperparameters:
        assert one.help.endswith("."), one.name
        assert one.range.low < one.range.high
    names = [name for one in entry.hyperparameters for name in (one.name, *one.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", ALGORITHMS.values(), ids=list(ALGORITHMS))
def test_it_stays_within_what_the_service_takes(entry):
    assert all(len(metric.name) <= 255 and len(metric.regex) <= 500 for metric in entry.metrics)
    assert all(re.compile(metric.regex) for metric in entry.metrics)
    assert image_uri(entry.repository, entry.version, "eu-central-1").endswith(entry.version)
    assert entry.docs.startswith("https://docs.aws.amazon.com/")


def test_it_recognises_an_image_of_any_region_and_version():
    assert of_image(image_uri("sagemaker-xgboost", "1.5-1", "eu-west-1")) is XGBOOST
    assert of_image("123.dkr.ecr.us-east-1.amazonaws.com/my-own:3") is None
    assert of_image("") is None


def test_it_reads_one_point_per_value_of_a_round():
    assert read(XGBOOST, ["noise [3] no values", LINE]) == [
        ("train:logloss", 12, 0.41),
        ("train:error@0.7", 12, 0.5),
        ("validation:logloss", 12, 5.2e-05),
    ]


def test_its_quick_reading_agrees_with_the_recorded_definitions():
    by_name = {metric.name: metric for metric in XGBOOST.metrics}
    for name, _, value in read(XGBOOST, [LINE]):
        if "@" not in name:
            found = re.match(by_name[name].regex, LINE)
            assert found
            assert float(found[1]) == value


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"objective": "binary:logistic"}, "validation:logloss"),
        ({"objective": "multi:softprob"}, "validation:mlogloss"),
        ({}, "validation:rmse"),
        ({"eval_metric": "auc, error"}, "validation:error"),
    ],
)
def test_it_judges_a_run_by_what_early_stopping_watches(texts, expected):
    assert XGBOOST.headline(texts) == expected


def test_it_knows_which_way_is_better():
    assert XGBOOST.maximizes("validation:auc")
    assert not XGBOOST.maximizes("validation:error@0.7")


@pytest.mark.parametrize("entry", ALGORITHMS.values(), ids=lambda entry: entry.name)
def test_every_hyperparameter_leads_to_amazons_words_on_it(entry):
    assert entry.reference.startswith("https://docs.aws.amazon.com/sagemaker/latest/dg/")
    assert entry.reference != entry.docs
    name = entry.hyperparameters[0].name
    assert entry.docs_of(name) == f"{entry.reference}#:~:text={name}"

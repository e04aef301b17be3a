"""Tuning that starts from what earlier tuning jobs found."""

import pytest

from tests.localaws.lab import refusal
from tests.localaws.tuning_lab import OBJECTIVE, RANGES, STATIC, TuningLab, config, definition


@pytest.fixture(scope="module")
def lab(localaws) -> TuningLab:
    lab = TuningLab(localaws)
    lab.tune("parent", config(jobs=2))
    lab.tuned("parent")
    return lab


def warm(kind="IdenticalDataAndAlgorithm", parent="parent"):
    parents = [{"HyperParameterTuningJobName": parent}]
    return {"ParentHyperParameterTuningJobs": parents, "WarmStartType": kind}


def test_it_takes_over_the_trials_of_its_parent(lab):
    lab.tune("child", config("Bayesian", jobs=2), WarmStartConfig=warm())
    job = lab.tuned("child")
    every = lab.trials("parent") + lab.trials("child")
    best = min(every, key=lambda t: t["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])
    assert job["OverallBestTrainingJob"]["TrainingJobName"] == best["TrainingJobName"]
    assert job["OverallBestTrainingJob"]["TuningJobName"] == best["TuningJobName"]
    assert job["BestTrainingJob"]["TuningJobName"] == "child"
    assert job["TrainingJobStatusCounters"]["Completed"] == 2


def test_it_transfers_to_other_data(lab):
    other = definition(StaticHyperParameters={k: v for k, v in STATIC.items() if k != "num_round"})
    rounds = {"Name": "num_round", "MinValue": "3", "MaxValue": "6"}
    ranges = RANGES | {"IntegerParameterRanges": [*RANGES["IntegerParameterRanges"], rounds]}
    lab.tune(
        "transfer",
        config("Bayesian", jobs=1, ParameterRanges=ranges),
        TrainingJobDefinition=other,
        WarmStartConfig=warm("TransferLearning"),
    )
    job = lab.tuned("transfer")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert "OverallBestTrainingJob" not in job
    assert job["WarmStartConfig"] == warm("TransferLearning")


@pytest.mark.parametrize(
    ("settings", "members", "complaint"),
    [
        (
            {"HyperParameterTuningJobObjective": OBJECTIVE | {"MetricName": "validation:auc"}},
            {},
            "objective metric must be the same",
        ),
        (
            {},
            {"StaticHyperParameters": STATIC | {"gamma": "1"}},
            "hyperparameters must be the same",
        ),
        (
            {},
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/xgboost:1",
                    "TrainingInputMode": "File",
                }
            },
            "IdenticalDataAndAlgorithm needs",
        ),
    ],
)
def test_it_refuses_what_does_not_fit_the_parent(lab, settings, members, complaint):
    code, message = refusal(
        lab.tune,
        name="misfit",
        settings=config(**settings),
        TrainingJobDefinition=definition(**members),
        WarmStartConfig=warm(),
    )
    assert code == "ValidationException"
    assert complaint in message


def test_it_refuses_a_parent_that_is_missing(lab):
    request = {"name": "orphan", "settings": config(), "WarmStartConfig": warm(parent="nobody")}
    assert refusal(lab.tune, **request)[0] == "ResourceNotFound"

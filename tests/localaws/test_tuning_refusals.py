"""Tuning requests that make no sense."""

import pytest

from tests.localaws.lab import refusal
from tests.localaws.tuning_lab import RANGES, TuningLab, config, definition


@pytest.fixture(scope="module")
def lab(localaws) -> TuningLab:
    return TuningLab(localaws)


def objective(name):
    return {"Type": "Maximize", "MetricName": name}


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (config(jobs=None), "MaxNumberOfTrainingJobs is required."),
        (config("Grid"), "Grid tunes categorical hyperparameters"),
        (config("Hyperband"), "Hyperband needs MinResource not above MaxResource"),
        (config("Hyperband", TrainingJobEarlyStoppingType="Auto"), "must be Off for Hyperband"),
        (config(StrategyConfig={"HyperbandStrategyConfig": {"MaxResource": 3}}), "for Hyperband"),
        (config(HyperParameterTuningJobObjective=objective("validation:x")), "isn't valid for"),
        (config(ParameterRanges={}), "At least one hyperparameter range"),
        (
            config(
                "Grid",
                jobs=3,
                ParameterRanges={
                    "CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["2", "3"]}]
                },
            ),
            "the grid has 2 combinations",
        ),
    ],
)
def test_it_refuses_settings(lab, settings, complaint):
    code, message = refusal(lab.tune, name="refused", settings=settings)
    assert code == "ValidationException"
    assert complaint in message
    assert refusal(lab.tuning, name="refused")[0] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"StaticHyperParameters": {"eta": "0.1"}}, "both static and tuned: [eta]"),
        ({"ResourceConfig": None}, "ResourceConfig or HyperParameterTuningResourceConfig"),
        ({"InputDataConfig": None}, ""),
    ],
)
def test_it_refuses_definitions(lab, members, complaint):
    given = {k: v for k, v in (definition() | members).items() if v is not None}
    request = {"name": "refused", "settings": config(), "TrainingJobDefinition": given}
    if complaint:
        assert complaint in refusal(lab.tune, **request)[1]
    else:
        lab.tune(**request)
        reason = lab.tuned("refused")["FailureReason"]
        assert reason.startswith("No training job succeeded after 3 attempts.")
        lab.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="refused")


def test_it_wants_a_definition_for_every_name(lab):
    many = [definition(TuningObjective=objective("validation:auc"), HyperParameterRanges=RANGES)]
    request = {
        "HyperParameterTuningJobName": "unnamed",
        "HyperParameterTuningJobConfig": config(),
        "TrainingJobDefinitions": many * 2,
    }
    message = refusal(lab.sagemaker.create_hyper_parameter_tuning_job, **request)[1]
    assert "DefinitionName of its own" in message
    del request["TrainingJobDefinitions"]
    message = refusal(lab.sagemaker.create_hyper_parameter_tuning_job, **request)[1]
    assert "Exactly one of" in message


def test_it_refuses_a_name_twice_and_stops_only_what_runs(lab):
    lab.tune("single", config(jobs=1))
    code, message = refusal(lab.tune, name="single", settings=config())
    assert code == "ResourceInUse"
    assert message.startswith("Job name must be unique within an AWS account and region")
    lab.tuned("single")
    stop = lab.sagemaker.stop_hyper_parameter_tuning_job
    assert "in status Completed" in refusal(stop, HyperParameterTuningJobName="single")[1]
    assert refusal(stop, HyperParameterTuningJobName="nobody")[0] == "ResourceNotFound"

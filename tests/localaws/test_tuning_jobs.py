"""A tuning job from its request to its best training job."""

import re

import pytest

from tests.localaws.lab import refusal
from tests.localaws.tuning_lab import RANGES, TuningLab, config, definition


@pytest.fixture(scope="module")
def lab(localaws) -> TuningLab:
    return TuningLab(localaws)


@pytest.fixture(scope="module")
def tuned(lab):
    """The description of a finished job of three random trials, two at a time."""
    lab.tune("three", config(), Tags=[{"Key": "team", "Value": "red"}])
    return lab.tuned("three")


def test_it_runs_as_many_trials_as_asked(tuned):
    assert tuned["HyperParameterTuningJobStatus"] == "Completed"
    assert tuned["TrainingJobStatusCounters"] == {
        "Completed": 3,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert tuned["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert tuned["HyperParameterTuningEndTime"] >= tuned["CreationTime"]


def test_it_names_trials_and_gives_them_their_values(lab, tuned):
    trials = lab.trials("three")
    for number, trial in enumerate(trials, start=1):
        assert re.fullmatch(rf"three-00{number}-[0-9a-f]{{8}}", trial["TrainingJobName"])
        assert trial["ObjectiveStatus"] == "Succeeded"
        assert 0.1 <= float(trial["TunedHyperParameters"]["eta"]) <= 0.9
        assert trial["TunedHyperParameters"]["max_depth"] in {"2", "3", "4", "5", "6"}
    job = lab.job(trials[0]["TrainingJobName"])
    assert job["TuningJobArn"] == tuned["HyperParameterTuningJobArn"]
    assert job["HyperParameters"] == trials[0]["TunedHyperParameters"] | {
        "objective": "binary:logistic",
        "num_round": "5",
        "_tuning_objective_metric": "validation:logloss",
    }


def test_it_shows_the_objective_of_a_trial(lab, tuned):
    trial = lab.trials("three")[1]
    metrics = {
        item["MetricName"]: item["Value"]
        for item in lab.job(trial["TrainingJobName"])["FinalMetricDataList"]
    }
    assert metrics["ObjectiveMetric"] == metrics["validation:logloss"]
    shown = trial["FinalHyperParameterTuningJobObjectiveMetric"]
    assert shown["MetricName"] == "validation:logloss"
    assert shown["Value"] == pytest.approx(metrics["ObjectiveMetric"])


def test_it_finds_the_best_training_job(lab, tuned):
    ordered = lab.trials("three", SortBy="FinalObjectiveMetricValue")
    values = [t["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for t in ordered]
    assert values == sorted(values)
    assert tuned["BestTrainingJob"] == ordered[0] | {"TuningJobName": "three"}
    artifact = lab.job(ordered[0]["TrainingJobName"])["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact.endswith(f"/tuned/{ordered[0]['TrainingJobName']}/output/model.tar.gz")
    backwards = lab.trials("three", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert [t["TrainingJobName"] for t in backwards][::-1] == [
        t["TrainingJobName"] for t in ordered
    ]


def test_it_pages_and_filters_trials(lab, tuned):
    first = lab.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="three", MaxResults=2
    )
    rest = lab.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="three", MaxResults=2, NextToken=first["NextToken"]
    )
    assert "NextToken" not in rest
    assert first["TrainingJobSummaries"] + rest["TrainingJobSummaries"] == lab.trials("three")
    assert lab.trials("three", StatusEquals="Failed") == []


def test_it_describes_what_the_service_fills_in(lab, tuned):
    shown = tuned["TrainingJobDefinition"]
    assert shown["StaticHyperParameters"]["_tuning_objective_metric"] == "validation:logloss"
    names = {item["Name"] for item in shown["AlgorithmSpecification"]["MetricDefinitions"]}
    assert "validation:auc" in names
    assert tuned["HyperParameterTuningJobConfig"]["ParameterRanges"] == RANGES


def test_it_lists_tuning_jobs_by_name(lab, tuned):
    [summary] = lab.sagemaker.list_hyper_parameter_tuning_jobs(NameContains="thre")[
        "HyperParameterTuningJobSummaries"
    ]
    assert summary["Strategy"] == "Random"
    assert summary["TrainingJobStatusCounters"] == tuned["TrainingJobStatusCounters"]
    assert summary["ResourceLimits"]["MaxNumberOfTrainingJobs"] == 3


def test_it_repeats_the_values_of_a_seed(lab, tuned):
    lab.tune("again", config())
    lab.tuned("again")
    assert [t["TunedHyperParameters"] for t in lab.trials("again")] == [
        t["TunedHyperParameters"] for t in lab.trials("three")
    ]


def test_it_keeps_the_training_jobs_of_a_deleted_tuning_job(lab, tuned):
    lab.tune("gone", config(jobs=1))
    lab.tuned("gone")
    [trial] = lab.trials("gone")
    lab.sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="gone")
    assert lab.job(trial["TrainingJobName"])["TrainingJobStatus"] == "Completed"
    assert refusal(lab.tuning, name="gone") == (
        "ResourceNotFound",
        "Amazon SageMaker can't find a tuning job with the name gone.",
    )


def test_it_walks_a_grid_without_a_number_of_jobs(lab):
    ranges = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["2", "4"]}]}
    lab.tune("grid", config("Grid", None, ParameterRanges=ranges))
    assert lab.tuned("grid")["TrainingJobStatusCounters"]["Completed"] == 2
    values = [trial["TunedHyperParameters"] for trial in lab.trials("grid")]
    assert values == [{"max_depth": "2"}, {"max_depth": "4"}]


def test_it_tunes_several_definitions_in_turn(lab):
    parts = ("TrainingJobDefinition", "HyperParameterTuningJobObjective", "ParameterRanges")
    settings = {key: value for key, value in config(jobs=2).items() if key not in parts}
    objective = {"Type": "Minimize", "MetricName": "validation:error"}
    request = {
        "HyperParameterTuningJobName": "two-kinds",
        "HyperParameterTuningJobConfig": settings,
        "TrainingJobDefinitions": [
            definition(DefinitionName=name, TuningObjective=objective, HyperParameterRanges=RANGES)
            for name in ("left", "right")
        ],
    }
    lab.sagemaker.create_hyper_parameter_tuning_job(**request)
    assert lab.tuned("two-kinds")["HyperParameterTuningJobStatus"] == "Completed"
    names = [trial["TrainingJobDefinitionName"] for trial in lab.trials("two-kinds")]
    assert names == ["left", "right"]


def test_it_takes_resources_in_the_form_of_the_sdk(lab):
    sized = definition()
    sized["HyperParameterTuningResourceConfig"] = sized.pop("ResourceConfig")
    lab.tune("sized", config("Bayesian", 1), TrainingJobDefinition=sized)
    lab.tuned("sized")
    [trial] = lab.trials("sized")
    resources = lab.job(trial["TrainingJobName"])["ResourceConfig"]
    assert resources == {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    assert lab.tuning("sized")["TrainingJobDefinition"]["ResourceConfig"] == resources

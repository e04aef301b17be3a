"""Tuning jobs that are stopped, interrupted, satisfied early, or hopeless."""

from collections.abc import Iterator

import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import LONG, refusal, until
from tests.localaws.tuning_lab import STATIC, TuningLab, config, definition


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[TuningLab]:
    service = LocalAws(tmp_path_factory.mktemp("endings") / "data")
    yield TuningLab(service)
    service.stop()


def long_running():
    return definition(StaticHyperParameters={k: v for k, v in LONG.items() if k != "eval_metric"})


def test_it_stops_with_its_trials(lab):
    lab.tune("stopped", config(jobs=5), TrainingJobDefinition=long_running())
    until(lambda: lab.trials("stopped"), lambda found: len(found) == 2)
    lab.running(lab.trials("stopped")[0]["TrainingJobName"])
    delete = lab.sagemaker.delete_hyper_parameter_tuning_job
    assert "cannot be deleted" in refusal(delete, HyperParameterTuningJobName="stopped")[1]
    lab.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="stopped")
    job = lab.tuned("stopped")
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 2
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Stopped"


def test_it_goes_on_after_a_kill(lab):
    lab.tune("lasting", config("Bayesian", jobs=4))
    until(lambda: lab.trials("lasting"), lambda found: found)
    lab.localaws.kill()
    lab.localaws.restart()
    lab.sagemaker = lab.localaws.client("sagemaker")
    job = lab.tuned("lasting")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 4
    names = [trial["TrainingJobName"] for trial in lab.trials("lasting")]
    assert [name[: len("lasting-001")] for name in names] == [
        f"lasting-00{number}" for number in range(1, 5)
    ]


def test_it_counts_failed_trials_and_goes_on(lab):
    ranges = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["2", "wrong", "4"]}]}
    lab.tune("partly", config("Grid", None, ParameterRanges=ranges))
    job = lab.tuned("partly")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 2
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 0, "Failed": 1}
    [failed] = lab.trials("partly", StatusEquals="Failed")
    assert "could not parse value" in failed["FailureReason"]


def test_it_gives_up_when_nothing_ever_succeeds(lab):
    hopeless = definition(StaticHyperParameters=STATIC | {"max_leaves": "many"})
    lab.tune("hopeless", config(jobs=20), TrainingJobDefinition=hopeless)
    job = lab.tuned("hopeless")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No training job succeeded after ")
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] < 8
    assert "BestTrainingJob" not in job


def test_it_fails_when_its_data_goes_away(own_localaws):
    lab = TuningLab(own_localaws)
    lab.tune("fading", config(jobs=9), TrainingJobDefinition=long_running())
    until(lambda: lab.trials("fading"), lambda found: len(found) == 2)
    lab.running(lab.trials("fading")[0]["TrainingJobName"])
    lab.s3.delete_object(Bucket="lab-bucket", Key="cancer/train/train.csv")
    for trial in lab.trials("fading"):
        lab.sagemaker.stop_training_job(TrainingJobName=trial["TrainingJobName"])
    job = lab.tuned("fading")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("ClientError: No S3 objects found under S3 URL")


def test_it_ends_when_the_objective_is_good_enough(lab):
    enough = {"TargetObjectiveMetricValue": 0.6}
    lab.tune("enough", config(jobs=50, TuningJobCompletionCriteria=enough))
    job = lab.tuned("enough")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert sum(job["TrainingJobStatusCounters"].values()) < 8


@pytest.mark.slow
def test_it_ends_poor_trials_early(lab):
    ranges = {
        "CategoricalParameterRanges": [
            {"Name": "eta", "Values": ["0.5", "0.4", "0.3", "0.000001", "0.000002"]}
        ]
    }
    settings = config("Grid", None, TrainingJobEarlyStoppingType="Auto", ParameterRanges=ranges)
    settings["ResourceLimits"]["MaxParallelTrainingJobs"] = 1
    many = definition(StaticHyperParameters=STATIC | {"num_round": "3000"})
    lab.tune("early", settings, TrainingJobDefinition=many)
    job = lab.tuned("early", seconds=150)
    statuses = [trial["TrainingJobStatus"] for trial in lab.trials("early")]
    assert statuses == ["Completed", "Completed", "Completed", "Stopped", "Stopped"]
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 5
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Completed"


@pytest.mark.slow
def test_it_halves_with_hyperband(lab):
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 50}}
    settings = config("Hyperband", jobs=6, StrategyConfig=resources)
    lab.tune("halving", settings, TrainingJobDefinition=long_running())
    job = lab.tuned("halving", seconds=120)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 6
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 6

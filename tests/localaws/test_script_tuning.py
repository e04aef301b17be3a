"""Hyperparameter tuning over a script of the user's."""

import json

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import ROLE
from tests.localaws.scripts import SKLEARN, archive, submitted
from tests.localaws.tuning_lab import TuningLab, config, definition

CODE = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--kind")
given = parser.parse_args()
print(f"score={given.depth if given.kind == 'deep' else 0}")
"""
RANGES = {"IntegerParameterRanges": [{"Name": "depth", "MinValue": "2", "MaxValue": "9"}]}


def test_a_tuner_tries_a_script(tmp_path):
    service = LocalAws(tmp_path / "data")
    try:
        allowed = [{"Key": "localaws:scripts", "Value": "allowed"}]
        service.client("iam").tag_role(RoleName=ROLE.rpartition("/")[2], Tags=allowed)
        lab = TuningLab(service)
        static = {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": submitted(lab, "tuned", archive(train__py=CODE)),
            "kind": "deep",
        }
        specification = {
            "TrainingImage": SKLEARN,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": r"score=(\d+)"}],
        }
        objective = {"Type": "Maximize", "MetricName": "score"}
        lab.tune(
            "script-tuning",
            config(HyperParameterTuningJobObjective=objective, ParameterRanges=RANGES),
            TrainingJobDefinition=definition(
                AlgorithmSpecification=specification,
                StaticHyperParameters={name: json.dumps(value) for name, value in static.items()},
            ),
        )
        job = lab.tuned("script-tuning")
        assert job["TrainingJobStatusCounters"]["Completed"] == 3
        best = job["BestTrainingJob"]
        tried = int(best["TunedHyperParameters"]["depth"])
        assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == tried
    finally:
        service.stop()

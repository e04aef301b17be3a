"""CheckpointConfig: files of a job and objects in S3."""

import json
from collections.abc import Iterator

import pytest

from localaws.engine.tuning import definitions
from tests.localaws.conftest import LocalAws
from tests.localaws.lab import BASIC, BUCKET, LONG, Lab, until
from tests.localaws.scripts import SKLEARN, archive, submitted
from tests.localaws.tuning_lab import OBJECTIVE, definition

PLACE = f"s3://{BUCKET}/marks"
CODE = """
import json, os, pathlib, sys, time
config = json.load(open(os.environ["SM_INPUT_CONFIG_DIR"] + "/checkpointconfig.json"))
folder = pathlib.Path(config["LocalPath"])
print("FOUND", sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
(folder / "deep").mkdir(exist_ok=True)
(folder / "deep" / "step").write_text("1")
(folder / "half.sagemaker-ignore").write_text("no")
(folder / "short").write_text("x")
while not (folder / "old").exists() and "--wait" in sys.argv:
    time.sleep(0.1)
    if pathlib.Path(os.environ["SM_MODEL_DIR"], "..", "go").exists():
        break
(folder / "short").unlink()
(folder / "deep" / "step").write_text("two")
if "--fail" in sys.argv:
    sys.exit("after the checkpoint")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("checkpoints") / "data", "--allow-scripts")
    yield Lab(service)
    service.stop()


def start(lab, name, uri, *, config=None, **options):
    values = {
        "sagemaker_program": "train.py",
        "sagemaker_submit_directory": submitted(lab, name, archive(train__py=CODE)),
        **options,
    }
    lab.start(
        name,
        {key: json.dumps(value) for key, value in values.items()},
        AlgorithmSpecification={"TrainingImage": SKLEARN, "TrainingInputMode": "File"},
        CheckpointConfig={"S3Uri": uri} | (config or {}),
    )


def names(lab, prefix):
    found = lab.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
    return {item["Key"].removeprefix(f"{prefix}/") for item in found}


def kept(lab, prefix):
    """Name below the prefix -> content."""
    keys = {name: f"{prefix}/{name}" for name in names(lab, prefix)}
    return {
        name: lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for name, key in keys.items()
    }


def test_it_brings_checkpoints_and_takes_them_away(lab):
    lab.put("marks/both/old", b"before")
    lab.put("marks/both/sub/older", b"before")
    start(lab, "both-ways", f"{PLACE}/both/")
    job = lab.finished("both-ways")
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert "FOUND ['old', 'sub/older']" in lab.logged("/aws/sagemaker/TrainingJobs", "both-ways")
    found = kept(lab, "marks/both")
    assert found == {"deep/step": b"two", "old": b"before", "sub/older": b"before"}
    assert job["CheckpointConfig"] == {"S3Uri": f"{PLACE}/both/"}


def test_it_uploads_while_the_job_runs(lab):
    start(lab, "running", f"{PLACE}/live", config={"LocalPath": "/opt/ml/marks"}, wait=1)
    seen = until(lambda: kept(lab, "marks/live"), lambda found: "deep/step" in found)
    assert seen["deep/step"] == b"1"
    assert lab.job("running")["TrainingJobStatus"] == "InProgress"
    (lab.localaws.data / "sagemaker" / "jobs" / "running" / "go").touch()
    assert lab.finished("running")["TrainingJobStatus"] == "Completed"
    assert kept(lab, "marks/live") == {"deep/step": b"two"}


def test_it_keeps_the_checkpoints_of_a_job_that_fails(lab):
    start(lab, "failing", f"{PLACE}/failed", fail=1)
    job = lab.finished("failing")
    assert job["TrainingJobStatus"] == "Failed"
    assert "after the checkpoint" in job["FailureReason"]
    assert kept(lab, "marks/failed") == {"deep/step": b"two"}


def test_it_says_that_the_bucket_is_missing(lab):
    start(lab, "lost", "s3://no-such-bucket/marks")
    reason = lab.finished("lost")["FailureReason"]
    assert reason.startswith("ClientError: Data download failed:")
    assert "NoSuchBucket" in reason


def test_xgboost_goes_on_from_its_checkpoint_after_a_kill(lab):
    lab.start("boosted", LONG, CheckpointConfig={"S3Uri": f"{PLACE}/boosted"})
    before = until(lambda: names(lab, "marks/boosted"), lambda found: found)
    lab.localaws.kill()
    lab.localaws.restart()
    lab.s3, lab.sagemaker = lab.localaws.client("s3"), lab.localaws.client("sagemaker")
    lines = until(lambda: resumed(lab), lambda found: found)
    rounds = [int(name.rpartition(".")[2]) for name in before]
    assert int(lines[0].split()[-1]) > max(rounds)
    lab.sagemaker.stop_training_job(TrainingJobName="boosted")
    assert lab.finished("boosted")["TrainingJobStatus"] == "Stopped"
    assert len(names(lab, "marks/boosted")) >= 5


def resumed(lab):
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "boosted")
    return [line for line in lines if "Resuming from iteration" in line]


def test_xgboost_numbers_the_rounds_of_a_finished_model_on(lab):
    checkpoints = {"S3Uri": f"{PLACE}/more"}
    lab.trained("first", CheckpointConfig=checkpoints)
    lab.trained("second", BASIC | {"num_round": "8"}, CheckpointConfig=checkpoints)
    lines = lab.logged("/aws/sagemaker/TrainingJobs", "second")
    assert [line[:3] for line in lines if line.startswith("[") and "#011" in line] == [
        f"[{number}]" for number in (5, 6, 7)
    ]
    assert names(lab, "marks/more") == {f"xgboost-checkpoint.{n}" for n in range(8)}


def test_trials_have_checkpoints_of_their_own():
    request = {
        "HyperParameterTuningJobConfig": {"HyperParameterTuningJobObjective": OBJECTIVE},
        "TrainingJobDefinition": definition(CheckpointConfig={"S3Uri": f"{PLACE}/"}),
    }
    (found,) = definitions.of(request)
    for name in ("a-001", "a-002"):
        config = found.training_request(name, {})["CheckpointConfig"]
        assert config == {"S3Uri": f"{PLACE}/{name}"}

"""Processing jobs that fail, are stopped, or are refused, and what a restart does to them."""

from collections.abc import Iterator

import psutil
import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import BUCKET, XGBOOST, Lab, refusal, until
from tests.localaws.processing import HERE, finished, job, keys, logged, run, start
from tests.localaws.scripts import archive

KMEANS = XGBOOST.replace("sagemaker-xgboost:1.7-1", "kmeans:1")
OUTPUTS = {
    "end": (f"s3://{BUCKET}/ended/end", f"{HERE}/output/end"),
    "soon": (f"s3://{BUCKET}/ended/soon", f"{HERE}/output/soon", "Continuous"),
}
WRITE = (
    "for name in ('end', 'soon'):\n"
    "    open(f'/opt/ml/processing/output/{name}/file-%s', 'w').write('x')\n"
)
WAIT = "import os, time\nprint('PID', os.getpid(), flush=True)\ntime.sleep(60)\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("processing") / "data", "--allow-scripts")
    yield Lab(service)
    service.stop()


def running(lab: Lab, name: str) -> int:
    """The process id that the script printed."""

    def pids() -> list[str]:
        groups = lab.localaws.client("logs").describe_log_groups()["logGroups"]
        if "/aws/sagemaker/ProcessingJobs" not in {group["logGroupName"] for group in groups}:
            return []
        found = lab.localaws.client("logs").filter_log_events(
            logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=f"{name}/"
        )
        texts = [event["message"] for event in found["events"]]
        return [text.split()[1] for text in texts if text.startswith("PID")]

    return int(until(pids, bool)[-1])


def test_a_failing_script_is_quoted(lab):
    code = f"{WRITE % 'failed'}\nopen('/opt/ml/output/message', 'w').write('half of it')\n"
    done = run(lab, "failing", f"{code}raise KeyError('no such column')", outputs=OUTPUTS)
    assert done["ProcessingJobStatus"] == "Failed"
    assert done["FailureReason"].startswith("AlgorithmError: Traceback (most recent call last):")
    assert done["FailureReason"].endswith("KeyError: 'no such column', exit code: 1")
    assert done["ExitMessage"] == "half of it"
    assert "KeyError: 'no such column'" in logged(lab, "failing")
    assert "soon/file-failed" in keys(lab, "ended/")
    assert "end/file-failed" not in keys(lab, "ended/")


@pytest.mark.parametrize(
    ("name", "members", "reason"),
    [
        (
            "no-data",
            {"inputs": {"data": (f"s3://{BUCKET}/nothing/", f"{HERE}/input/data")}},
            f'ClientError: Data download failed:No S3 objects found under S3 URL "s3://{BUCKET}',
        ),
        (
            "no-program",
            {"AppSpecification": {"ImageUri": XGBOOST, "ContainerEntrypoint": ["/no/such"]}},
            "AlgorithmError: Cannot run /no/such: ",
        ),
        ("built-in", {"image": KMEANS}, "ClientError: The image kmeans runs no scripts."),
        ("unknown", {"image": "1.dkr/mine:1"}, "ClientError: localaws has no program for the ima"),
        (
            "no-bucket",
            {"outputs": {"end": ("s3://no-such-bucket-here/x", f"{HERE}/output/end")}},
            "ClientError: Output upload failed:",
        ),
    ],
    ids=["no-data", "no-program", "built-in", "unknown", "no-bucket"],
)
def test_it_says_why_a_job_could_not_be_done(lab, name, members, reason):
    done = run(lab, name, "open('/opt/ml/processing/output/end/x', 'w').write('x')", **members)
    assert done["ProcessingJobStatus"] == "Failed"
    assert done["FailureReason"].startswith(reason)


def test_it_installs_nothing(lab):
    source = archive(main__py="", requirements__txt="no-such-thing>=2\n")
    lab.put("wanting/sourcedir.tar.gz", source)
    place = (f"s3://{BUCKET}/wanting/sourcedir.tar.gz", f"{HERE}/input/source")
    done = run(lab, "wanting", "print()", inputs={"source": place})
    assert "asks for what is not installed here: no-such-thing>=2" in done["FailureReason"]


def test_a_stopped_script_may_finish_first(lab):
    code = (
        "import os, signal, sys, time\n"
        "def finish(*_):\n"
        + "".join(f"    {line}\n" for line in (WRITE % "stopped").splitlines())
        + "    sys.exit(0)\nsignal.signal(signal.SIGTERM, finish)\n"
    )
    start(lab, "stopped", code + WAIT, outputs=OUTPUTS)
    running(lab, "stopped")
    lab.sagemaker.stop_processing_job(ProcessingJobName="stopped")
    assert job(lab, "stopped")["ProcessingJobStatus"] in {"Stopping", "Stopped"}
    assert finished(lab, "stopped")["ProcessingJobStatus"] == "Stopped"
    assert "soon/file-stopped" in keys(lab, "ended/")
    assert "end/file-stopped" not in keys(lab, "ended/")
    code, message = refusal(lab.sagemaker.stop_processing_job, ProcessingJobName="stopped")
    assert code == "ValidationException"
    assert message == "The request was rejected because the processing job is in status Stopped."


def test_it_is_stopped_when_its_time_is_up(lab):
    done = run(lab, "overtime", WAIT, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert done["ProcessingJobStatus"] == "Stopped"


def test_it_words_missing_and_doubled_jobs_as_amazon(lab):
    run(lab, "there", "print()")
    code, message = refusal(lab.sagemaker.describe_processing_job, ProcessingJobName="none")
    assert (code, message) == (
        "ValidationException",
        "Could not find requested job with name: none",
    )
    code, message = refusal(lab.sagemaker.stop_processing_job, ProcessingJobName="none")
    assert message == "Could not find job to update with name: none"
    with pytest.raises(lab.sagemaker.exceptions.ResourceInUse, match="Job name must be unique"):
        start(lab, "there", "print()")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"inputs": {"data": (f"s3://{BUCKET}/cancer/", "/tmp/data")}}, "LocalPath must begin"),
        (
            {"outputs": {"out": (f"s3://{BUCKET}/x", f"{HERE}/../../out")}},
            "LocalPath must begin with /opt/ml/processing/: ",
        ),
        ({"AppSpecification": {"ImageUri": XGBOOST}}, "localaws needs the ContainerEntrypoint"),
    ],
    ids=["input-path", "output-path", "no-entrypoint"],
)
def test_it_refuses_what_no_container_would_get(lab, members, said):
    code, message = refusal(start, lab=lab, name="refused", code="", **members)
    assert code == "ValidationException"
    assert message.startswith(said)


def test_scripts_are_off_unless_allowed(localaws):
    lab = Lab(localaws)
    done = run(lab, "not-allowed", "print()")
    assert done["ProcessingJobStatus"] == "Failed"
    assert "--allow-scripts, when localaws is started" in done["FailureReason"]


@pytest.mark.slow
def test_an_interrupted_job_starts_again(own_scripting):
    lab = Lab(own_scripting)
    again = "import os\nif os.path.exists(os.environ['MARK']):\n    raise SystemExit(0)\n"
    mark = own_scripting.data / "mark"
    start(lab, "interrupted", again + WAIT, Environment={"MARK": str(mark)})
    pid = running(lab, "interrupted")
    own_scripting.kill()
    until(lambda: psutil.pid_exists(pid), lambda alive: not alive, seconds=10)
    mark.touch()
    own_scripting.restart()
    lab.sagemaker = own_scripting.client("sagemaker")
    assert finished(lab, "interrupted")["ProcessingJobStatus"] == "Completed"

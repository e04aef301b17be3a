"""Algorithms that crash, and more jobs than there are cores."""

import os
import signal
from pathlib import Path

import pytest

from tests.localaws.lab import LONG, Lab, until

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="needs /proc")


@pytest.fixture
def lab(own_localaws) -> Lab:
    return Lab(own_localaws)


def process_of(data: Path, folder: str) -> int:
    """The process whose base directory lies below a folder of the data."""
    wanted = f"SAGEMAKER_BASE_DIR={data / 'sagemaker' / folder}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in entry.read_bytes():
                return int(entry.parent.name)
        except OSError:
            continue
    raise AssertionError(f"no process below {folder}")


@needs_proc
@pytest.mark.parametrize(("number", "code"), [(signal.SIGSEGV, 139), (signal.SIGKILL, 137)])
def test_it_fails_a_job_whose_program_crashes(lab, number, code):
    lab.start("crashing", LONG)
    lab.running("crashing")
    os.kill(process_of(lab.localaws.data, "jobs/crashing"), number)
    job = lab.finished("crashing")
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert job["FailureReason"].endswith(f", exit code: {code}")
    lab.trained("next")


@needs_proc
def test_it_serves_again_after_a_segmentation_fault(lab):
    lab.trained("fragile")
    lab.model("fragile", "s3://lab-bucket/out/fragile/output/model.tar.gz")
    lab.config("fragile", fragile=1)
    lab.endpoint("fragile", "fragile")
    os.kill(process_of(lab.localaws.data, "endpoints/fragile"), signal.SIGSEGV)
    row = b",".join([b"1.0"] * 30)

    def answers() -> bool:
        try:
            return 0 <= float(lab.ask("fragile", row)) <= 1
        except lab.runtime.exceptions.ModelError:
            return False

    until(answers, bool)
    lab.leave()


@pytest.mark.slow
def test_it_queues_fifty_jobs_and_stays_responsive(lab):
    lab.start("first", LONG)
    lab.start("second", LONG)
    lab.running("first")
    names = [f"queued-{number:02d}" for number in range(50)]
    for name in names:
        lab.start(name)
    found = lab.sagemaker.list_training_jobs(NameContains="queued", MaxResults=100)
    summaries = found["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in summaries] == names
    waiting = [job for job in summaries if job["SecondaryStatus"] == "Pending"]
    assert len(waiting) >= 50 - max(0, (os.cpu_count() or 1) // 2 - 2)
    for name in names[3:]:
        lab.sagemaker.stop_training_job(TrainingJobName=name)
        assert lab.job(name)["TrainingJobStatus"] in {"Stopped", "Stopping"}
    for name in ("first", "second"):
        lab.sagemaker.stop_training_job(TrainingJobName=name)
    ends = [lab.finished(name) for name in names[:3]]
    assert [job["TrainingJobStatus"] for job in ends] == ["Completed"] * 3
    assert ends[0]["TrainingStartTime"] <= ends[2]["TrainingStartTime"]

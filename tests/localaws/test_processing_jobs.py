"""Processing jobs: inputs from S3, a script, outputs to S3."""

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import BUCKET, ROLE, XGBOOST, Lab, until
from tests.localaws.processing import HERE, finished, job, keys, logged, run, start
from tests.localaws.scripts import SKLEARN, archive

SPLIT = """
import argparse, os
import pandas as pd
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--test-size", type=float)
given = parser.parse_args()
table = pd.read_csv("/opt/ml/processing/input/data/train.csv", header=None)
train, test = train_test_split(table, test_size=given.test_size, random_state=0)
for name, part in (("train", train), ("test", test)):
    path = f"/opt/ml/processing/output/{name}/deep"
    os.makedirs(path)
    part.to_csv(os.path.join(path, f"{name}.csv"), header=False, index=False)
print("rows", len(train), len(test), os.environ["COLOUR"])
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    service = LocalAws(tmp_path_factory.mktemp("processing") / "data", "--allow-scripts")
    yield Lab(service)
    service.stop()


@pytest.fixture(scope="module")
def split(lab):
    return run(
        lab,
        "split",
        SPLIT,
        inputs={"data": (f"s3://{BUCKET}/cancer/train/", f"{HERE}/input/data")},
        outputs={
            name: (f"s3://{BUCKET}/split/{name}", f"{HERE}/output/{name}")
            for name in ("train", "test")
        },
        arguments=["--test-size", "0.25"],
        Environment={"COLOUR": "green"},
        Tags=[{"Key": "team", "Value": "lab"}],
    )


def test_it_splits_a_table(lab, split):
    assert split["ProcessingJobStatus"] == "Completed", split.get("FailureReason")
    assert "rows 300 100 green" in logged(lab, "split")
    assert keys(lab, "split/train/") == ["deep/train.csv"]
    content = lab.s3.get_object(Bucket=BUCKET, Key="split/test/deep/test.csv")["Body"].read()
    assert np.loadtxt(io.BytesIO(content), delimiter=",").shape == (100, 31)


def test_it_describes_the_request_and_what_became_of_it(lab, split):
    assert split["ProcessingJobArn"].endswith(":processing-job/split")
    assert split["AppSpecification"] == {
        "ImageUri": SKLEARN,
        "ContainerEntrypoint": ["python3", f"{HERE}/input/code/script.py"],
        "ContainerArguments": ["--test-size", "0.25"],
    }
    assert split["RoleArn"] == ROLE
    assert split["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert split["Environment"] == {"COLOUR": "green"}
    assert split["ProcessingInputs"][0]["S3Input"]["LocalPath"] == f"{HERE}/input/code"
    assert split["CreationTime"] <= split["ProcessingStartTime"] <= split["ProcessingEndTime"]
    assert not {"ExitMessage", "FailureReason"} & set(split)
    tags = lab.sagemaker.list_tags(ResourceArn=split["ProcessingJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "lab"}]


def test_the_waiter_knows_its_end(lab, split):
    waiter = lab.sagemaker.get_waiter("processing_job_completed_or_stopped")
    waiter.wait(ProcessingJobName="split", WaiterConfig={"Delay": 1, "MaxAttempts": 1})


def test_it_leaves_nothing_on_the_disk(lab, split):
    assert not (lab.localaws.data / "sagemaker" / "processing" / "split").exists()


def test_it_tells_the_script_of_its_job(lab):
    code = (
        "import json, os, sys\n"
        "job = json.load(open('/opt/ml/config/processingjobconfig.json'))\n"
        "print('JOB', job['ProcessingJobName'], job['AppSpecification']['ContainerArguments'])\n"
        "host = json.load(open('/opt/ml/config/resourceconfig.json'))\n"
        "print('HOST', host['current_host'], os.environ['AWS_REGION'])\n"
        "print('ARGUMENT', os.path.isdir(sys.argv[1]))\n"
        "print('MODULES', any(name.startswith('localaws') for name in sys.modules))\n"
        "import boto3\n"
        "print('BUCKETS', len(boto3.client('s3').list_buckets()['Buckets']))\n"
        "open('/opt/ml/output/message', 'w').write('all is well')\n"
    )
    done = run(lab, "told", code, arguments=[f"{HERE}/input"])
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    assert done["ExitMessage"] == "all is well"
    lines = logged(lab, "told")
    assert any(line.startswith("JOB told ['") for line in lines)
    assert {"HOST algo-1 us-east-1", "ARGUMENT True", "MODULES False", "BUCKETS 1"} <= set(lines)


def test_it_sends_continuous_outputs_while_it_runs(lab):
    code = (
        "import os, time\n"
        "def write(folder, text):\n"
        "    with open(f'/opt/ml/processing/output/{folder}/log.txt', 'a') as file:\n"
        "        file.write(text)\n"
        "write('now', 'one ')\n"
        "write('later', 'end')\n"
        "while not os.path.exists('/opt/ml/processing/output/now/stop'):\n"
        "    time.sleep(0.05)\n"
        "    if os.path.exists('/opt/ml/processing/output/now/log.txt'):\n"
        "        time.sleep(3)\n"
        "        break\n"
        "write('now', 'two')\n"
    )
    outputs = {
        "now": (f"s3://{BUCKET}/flow/now/", f"{HERE}/output/now", "Continuous"),
        "later": (f"s3://{BUCKET}/flow/later/", f"{HERE}/output/later"),
    }
    start(lab, "flow", code, outputs=outputs)
    until(lambda: keys(lab, "flow/"), lambda found: "now/log.txt" in found)
    assert job(lab, "flow")["ProcessingJobStatus"] == "InProgress"
    assert "later/log.txt" not in keys(lab, "flow/")
    assert finished(lab, "flow")["ProcessingJobStatus"] == "Completed"
    body = lab.s3.get_object(Bucket=BUCKET, Key="flow/now/log.txt")["Body"].read()
    assert body == b"one two"
    assert "later/log.txt" in keys(lab, "flow/")


def test_the_script_sees_only_its_own_modules(lab):
    code = "import importlib.util\nprint('FOUND', importlib.util.find_spec('localaws'))\n"
    assert run(lab, "alone", code)["ProcessingJobStatus"] == "Completed"
    assert "FOUND None" in logged(lab, "alone")


def test_a_framework_processor_runs_its_source_directory(lab):
    """The runner is the SDK's: it unpacks, installs what is asked for, and starts the script."""
    runner = (
        "#!/bin/bash\n\ncd /opt/ml/processing/input/code/\ntar -xzf sourcedir.tar.gz\nset -e\n"
        "if [[ -f 'requirements.txt' ]]; then\n    exit 9\nfi\npython main.py \"$@\"\n"
    )
    main = "import sys, lib.words\nopen('/opt/ml/processing/output/said', 'w').write(sys.argv[1])\n"
    source = archive(main__py=main, lib__words__py="", requirements__txt="numpy>=1\n")
    lab.put("framework/sourcedir.tar.gz", source)
    lab.put("framework/runproc.sh", runner.encode())
    done = run(
        lab,
        "framework",
        "",
        inputs={
            "code": (f"s3://{BUCKET}/framework/sourcedir.tar.gz", f"{HERE}/input/code/"),
            "entrypoint": (f"s3://{BUCKET}/framework/runproc.sh", f"{HERE}/input/entrypoint"),
        },
        outputs={"said": (f"s3://{BUCKET}/framework/out", f"{HERE}/output")},
        image=XGBOOST,
        AppSpecification={
            "ImageUri": XGBOOST,
            "ContainerEntrypoint": ["/bin/bash", f"{HERE}/input/entrypoint/runproc.sh"],
            "ContainerArguments": ["hello"],
        },
    )
    assert done["ProcessingJobStatus"] == "Completed", done.get("FailureReason")
    body = lab.s3.get_object(Bucket=BUCKET, Key="framework/out/said")["Body"].read()
    assert body == b"hello"


def test_it_says_that_one_host_stands_for_several(lab):
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 3, "VolumeSizeInGB": 1}
    run(lab, "several", "print('ran')", ProcessingResources={"ClusterConfig": cluster})
    lines = logged(lab, "several")
    assert lines[0] == "localaws runs this job on one host, algo-1, instead of 3 instances."
    assert lines[-1] == "ran"


def test_it_shares_the_slots_with_training_jobs(lab):
    code = "import time\nprint('up', flush=True)\ntime.sleep(30)\n"
    for number in range(2):
        start(lab, f"holding-{number}", code)
    until(
        lambda: [job(lab, f"holding-{number}") for number in range(2)],
        lambda found: all("ProcessingStartTime" in item for item in found),
    )
    lab.start("queued")
    assert lab.job("queued")["SecondaryStatus"] == "Pending"
    start(lab, "behind", "print('ran')")
    assert "ProcessingStartTime" not in job(lab, "behind")
    lab.sagemaker.stop_processing_job(ProcessingJobName="behind")
    assert finished(lab, "behind")["ProcessingJobStatus"] == "Stopped"
    for number in range(2):
        lab.sagemaker.stop_processing_job(ProcessingJobName=f"holding-{number}")
    assert lab.finished("queued")["TrainingJobStatus"] == "Completed"


def test_it_lists_jobs_oldest_first(lab, split):
    run(lab, "listed-one", "print()")
    run(lab, "listed-two", "raise SystemExit(3)")
    listed = lab.sagemaker.list_processing_jobs(NameContains="listed-")["ProcessingJobSummaries"]
    assert [item["ProcessingJobName"] for item in listed] == ["listed-one", "listed-two"]
    assert listed[1]["FailureReason"].endswith("exit code: 3")
    (failed,) = lab.sagemaker.list_processing_jobs(NameContains="listed-", StatusEquals="Failed")[
        "ProcessingJobSummaries"
    ]
    assert failed["ProcessingJobName"] == "listed-two"
    assert json.dumps(failed["ProcessingJobStatus"]) == '"Failed"'

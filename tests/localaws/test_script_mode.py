import io
import json
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import psutil
import pytest

from tests.localaws.conftest import LocalAws
from tests.localaws.lab import BUCKET, XGBOOST, Lab, csv, until
from tests.localaws.scripts import (
    PYTORCH,
    SKLEARN,
    TENSORFLOW,
    archive,
    run,
    start,
    submitted,
)

TRAIN = """
import argparse, os, joblib, numpy as np
from sklearn.ensemble import RandomForestClassifier
from lib.scores import accuracy

parser = argparse.ArgumentParser()
parser.add_argument("--n-estimators", type=int)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
given = parser.parse_args()
if __name__ == "__main__":
    table = np.loadtxt(os.path.join(os.environ["SM_CHANNEL_TRAIN"], "train.csv"), delimiter=",")
    held = np.loadtxt(os.environ["SM_CHANNEL_VALIDATION"] + "/validation.csv", delimiter=",")
    model = RandomForestClassifier(given.n_estimators, random_state=0)
    model.fit(table[:, 1:], table[:, 0].astype(int))
    print(f"accuracy={accuracy(model, held):.4f}")
    joblib.dump(model, os.path.join(given.model_dir, "model.joblib"))
"""
SERVE = """
import os, joblib

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))
"""
SCORES = """
def accuracy(model, held):
    return model.score(held[:, 1:], held[:, 0].astype(int))
"""
CODE = archive(train__py=TRAIN, serve__py=SERVE, lib__scores__py=SCORES)
JSON, NPY = "application/json", "application/x-npy"
SHOW = """
import json, os, sys
print("ARGUMENTS", json.dumps(sys.argv[1:]))
print("HERE", os.getcwd())
for name in sorted(os.environ):
    if name.startswith("SM_"):
        print(name, os.environ[name])
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Iterator[LocalAws]:
    service = LocalAws(tmp_path_factory.mktemp("scripts") / "data", "--allow-scripts")
    yield service
    service.stop()


@pytest.fixture(scope="module")
def lab(service) -> Iterator[Lab]:
    lab = Lab(service)
    yield lab
    lab.leave()


@pytest.fixture(scope="module")
def forest(lab):
    job = run(lab, "forest", CODE, **{"n-estimators": 40})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    return job


@pytest.fixture(scope="module")
def endpoint(lab, forest):
    return deployed(lab, "forest", forest, SERVE)


def deployed(lab: Lab, name: str, job, code: str, image: str = SKLEARN, **environment: str) -> str:
    url = job["ModelArtifacts"]["S3ModelArtifacts"]
    variables = {
        "SAGEMAKER_PROGRAM": "serve.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": submitted(lab, f"{name}-serve", archive(serve__py=code)),
    }
    lab.model(name, url, image, **variables | environment)
    lab.config(name, **{name: 1})
    lab.endpoint(name, name)
    return name


def variables(lab: Lab, job: str) -> dict[str, str]:
    lines = lab.logged("/aws/sagemaker/TrainingJobs", f"{job}/")
    return dict(line.split(" ", 1) for line in lines if line.startswith(("SM_", "ARG", "HERE")))


def test_it_trains_with_the_users_script(lab, forest):
    assert forest["FinalMetricDataList"][0]["MetricName"] == "accuracy"
    assert forest["FinalMetricDataList"][0]["Value"] > 0.9
    key = "out/forest/output/model.tar.gz"
    content = lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as model:
        assert model.getnames() == ["model.joblib"]


def test_it_serves_csv_json_and_npy_with_the_default_functions(lab, endpoint):
    rows, labels = lab.features[456:], lab.labels[456:]
    raw = io.BytesIO()
    np.save(raw, rows)
    answers = [
        json.loads(lab.ask(endpoint, csv(rows))),
        json.loads(lab.ask(endpoint, json.dumps(rows.tolist()).encode(), ContentType=JSON)),
        np.load(io.BytesIO(lab.ask(endpoint, raw.getvalue(), ContentType=NPY, Accept=NPY))),
        np.loadtxt(io.BytesIO(lab.ask(endpoint, csv(rows), Accept="text/csv"))),
    ]
    for answer in answers:
        assert np.mean(answer == labels) > 0.9
    assert json.loads(lab.ask(endpoint, csv(rows[:1]))) == [answers[0][0]]


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"ContentType": "image/png"}, "(415)"),
        ({"Accept": "image/png"}, "(406)"),
        ({"Body": b"1,2,3"}, "(500)"),
    ],
)
def test_it_refuses_what_the_functions_cannot_do(lab, endpoint, members, status):
    request = {"EndpointName": endpoint, "ContentType": "text/csv", "Body": csv(lab.features[:1])}
    with pytest.raises(lab.runtime.exceptions.ModelError, match=r"Received") as raised:
        lab.runtime.invoke_endpoint(**request | members)
    assert status in str(raised.value)


def test_it_uses_the_functions_of_the_script(lab, forest):
    code = SERVE + (
        "def input_fn(body, kind):\n    return [[float(x) for x in body.split(';')]]\n"
        "def predict_fn(rows, model, context):\n    return model.predict_proba(rows)\n"
        "def output_fn(found, accept):\n    return f'{found.sum():.1f} {accept}', 'text/plain'\n"
    )
    name = deployed(lab, "functions", forest, code)
    body = ";".join(map(str, lab.features[0])).encode()
    answer = lab.runtime.invoke_endpoint(EndpointName=name, ContentType="text/csv", Body=body)
    assert answer["Body"].read() == b"1.0 application/json"
    assert answer["ContentType"] == "text/plain"


def test_it_uses_one_transform_function(lab, forest):
    code = SERVE + (
        "def transform_fn(model, body, kind, accept):\n"
        "    return f'{type(model).__name__} {len(body)} {kind}'\n"
    )
    name = deployed(lab, "transforms", forest, code)
    assert lab.ask(name, b"1,2") == b"RandomForestClassifier 3 text/csv"


def test_it_hands_the_toolkits_environment_and_arguments_over(lab):
    values = {"b": 1, "a-rate": 0.1, "flag": True, "names": ["x", "y"], "text": "two words"}
    job = run(lab, "shown", archive(train__py=SHOW), **values)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = variables(lab, "shown")
    assert json.loads(found["ARGUMENTS"]) == [
        *("--a-rate", "0.1", "-b", "1", "--flag", "True", "--names", "['x', 'y']"),
        *("--text", "two words"),
    ]
    assert json.loads(found["SM_HPS"]) == values
    assert found["SM_HP_A-RATE"] == "0.1"
    assert found["SM_HP_TEXT"] == "two words"
    assert found["SM_CHANNELS"] == '["train","validation"]'
    assert found["SM_CHANNEL_TRAIN"].endswith("/input/data/train")
    assert found["SM_USER_ENTRY_POINT"] == "train.py"
    assert found["SM_MODULE_NAME"] == "train"
    assert found["SM_MODULE_DIR"] == found["HERE"]
    assert json.loads(found["SM_TRAINING_ENV"])["job_name"] == "shown"
    assert json.loads(found["SM_FRAMEWORK_PARAMS"])["sagemaker_job_name"] == "shown"
    assert set(DOCUMENTED) <= set(found)


DOCUMENTED = (
    *("SM_MODEL_DIR", "SM_OUTPUT_DIR", "SM_OUTPUT_DATA_DIR", "SM_OUTPUT_INTERMEDIATE_DIR"),
    *("SM_INPUT_DIR", "SM_INPUT_CONFIG_DIR", "SM_USER_ARGS", "SM_HOSTS", "SM_CURRENT_HOST"),
    *("SM_NETWORK_INTERFACE_NAME", "SM_RESOURCE_CONFIG", "SM_INPUT_DATA_CONFIG", "SM_NUM_CPUS"),
    *("SM_CURRENT_INSTANCE_TYPE", "SM_CURRENT_INSTANCE_GROUP", "SM_INSTANCE_GROUPS", "SM_NUM_GPUS"),
    *("SM_CURRENT_INSTANCE_GROUP_HOSTS", "SM_INSTANCE_GROUPS_DICT", "SM_IS_HETERO", "SM_LOG_LEVEL"),
    *("SM_DISTRIBUTION_INSTANCE_GROUPS", "SM_NUM_NEURONS", "SM_FRAMEWORK_MODULE"),
)


def test_it_reports_a_failing_script_as_the_toolkit(lab):
    code = "import sys\nprint('noise\\n' * 900, file=sys.stderr)\nraise KeyError('no such column')"
    job = run(lab, "failing", archive(train__py=code), depth=3)
    assert job["TrainingJobStatus"] == "Failed"
    reason = job["FailureReason"]
    assert reason.startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage ")
    assert "KeyError: 'no such column'" in reason
    assert reason.endswith('train.py --depth 3", exit code: 1')


def test_it_keeps_the_scripts_exit_code(lab):
    job = run(lab, "exit-code", archive(train__py="import sys\nsys.exit(7)"))
    assert "ExitCode 7" in job["FailureReason"]
    assert job["FailureReason"].endswith("exit code: 7")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("no-script", archive(other__py=""), "The code holds no train.py"),
        ("no-archive", b"plain text", "is not a readable tar archive"),
        (
            "wants-more",
            archive(train__py="", requirements__txt="numpy\nno-such-thing>=2\n--no-index\n"),
            "asks for what is not installed here: no-such-thing>=2, --no-index.",
        ),
    ],
    ids=["no-script", "no-archive", "wants-more"],
)
def test_it_says_what_is_wrong_with_the_code(lab, name, content, reason):
    job = run(lab, name, content)
    assert job["TrainingJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def test_it_never_extracts_code_outside_its_directory(lab, service):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../escaped.py"))
    job = run(lab, "escaping", content.getvalue())
    assert job["TrainingJobStatus"] == "Failed"
    assert "escaped.py" in job["FailureReason"]
    assert not list(service.data.rglob("escaped.py"))


def test_requirements_that_are_here_do_not_matter(lab):
    code = archive(train__py="print('ran')", requirements__txt="# ours\nnumpy>=1\n\nscikit-learn\n")
    assert run(lab, "satisfied", code)["TrainingJobStatus"] == "Completed"


def test_a_stopped_script_may_save_first(lab):
    code = (
        "import os, signal, sys, time\n"
        "def save(*_):\n"
        "    time.sleep(0.3)\n"
        "    open(os.environ['SM_MODEL_DIR'] + '/saved', 'w').close()\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('accuracy=0.5', flush=True)\n"
        "time.sleep(60)\n"
    )
    start(lab, "stopping", archive(train__py=code))
    lab.running("stopping")
    lab.sagemaker.stop_training_job(TrainingJobName="stopping")
    assert lab.finished("stopping")["TrainingJobStatus"] == "Stopped"
    key = "out/stopping/output/model.tar.gz"
    content = lab.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(content)) as model:
        assert model.getnames() == ["saved"]


def test_a_script_dies_with_the_service(own_scripting):
    lab = Lab(own_scripting)
    code = "import os, time\nprint(f'accuracy={os.getpid()}', flush=True)\ntime.sleep(60)"
    start(lab, "orphan", archive(train__py=code))
    pid = int(lab.running("orphan")["FinalMetricDataList"][0]["Value"])
    assert psutil.pid_exists(pid)
    own_scripting.kill()
    until(lambda: psutil.pid_exists(pid), lambda alive: not alive, seconds=10)


def test_a_script_reaches_this_service_as_it_would_reach_amazon(lab):
    code = "import boto3\nprint('buckets', len(boto3.client('s3').list_buckets()['Buckets']))"
    job = run(lab, "calling", archive(train__py=code))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert "buckets 1" in lab.logged("/aws/sagemaker/TrainingJobs", "calling/")


def test_xgboost_runs_scripts_too(lab):
    code = (
        "import os, numpy as np, xgboost\n"
        "from sklearn.metrics import accuracy_score\n"
        "table = np.loadtxt(os.environ['SM_CHANNEL_TRAIN'] + '/train.csv', delimiter=',')\n"
        "model = xgboost.XGBClassifier(n_estimators=20).fit(table[:, 1:], table[:, 0])\n"
        "print(f'accuracy={accuracy_score(table[:, 0], model.predict(table[:, 1:]))}')\n"
        "model.get_booster().save_model(os.environ['SM_MODEL_DIR'] + '/model.json')\n"
    )
    job = run(lab, "boosted", archive(train__py=code), image=XGBOOST)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    serve = (
        "import xgboost\n"
        "def model_fn(folder):\n    return xgboost.Booster(model_file=folder + '/model.json')\n"
    )
    name = deployed(lab, "boosted", job, serve, XGBOOST)
    found = np.loadtxt(io.BytesIO(lab.ask(name, csv(lab.features[456:]))))
    assert np.mean((found > 0.5) == lab.labels[456:]) > 0.9


@pytest.mark.parametrize(
    ("image", "module", "hint"),
    [
        (TENSORFLOW, "tensorflow", "It is an extra: run make extras ARGS=tensorflow."),
        (PYTORCH, "torch", "It is an extra: run make extras ARGS=pytorch."),
    ],
)
def test_a_missing_framework_names_the_extra(lab, image, module, hint):
    if find_spec(module):
        pytest.skip(f"{module} is installed")
    job = run(lab, f"without-{module}", archive(train__py=""), image=image)
    assert hint in job["FailureReason"]
    lab.put("empty/model.tar.gz", archive(code__inference__py=""))
    lab.model(
        f"no-{module}", f"s3://{BUCKET}/empty/model.tar.gz", image.replace("training", "inference")
    )
    lab.config(f"no-{module}", **{f"no-{module}": 1})
    assert hint in lab.endpoint(f"no-{module}", f"no-{module}", "Failed")["FailureReason"]


def test_scripts_are_off_unless_allowed(localaws):
    lab = Lab(localaws)
    job = run(lab, "not-allowed", CODE)
    assert job["TrainingJobStatus"] == "Failed"
    assert "--allow-scripts, when localaws is started" in job["FailureReason"]
    lab.put("code/model.tar.gz", archive(code__inference__py=""))
    lab.model("not-allowed", f"s3://{BUCKET}/code/model.tar.gz", SKLEARN)
    lab.config("not-allowed", **{"not-allowed": 1})
    endpoint = lab.endpoint("not-allowed", "not-allowed", "Failed")
    assert "--allow-scripts" in endpoint["FailureReason"]
    lab.leave()


def test_an_endpoint_of_a_script_comes_back(service, lab, forest):
    deployed(lab, "returning", forest, SERVE)
    service.restart()
    again = Lab(service)
    until(
        lambda: again.sagemaker.describe_endpoint(EndpointName="returning")["EndpointStatus"],
        lambda status: status == "InService",
    )
    assert json.loads(again.ask("returning", csv(lab.features[:1])))

"""A script of one's own: uploaded on its page, trained for real on localaws, watched."""

import os
import re
import subprocess
import sys
import uuid

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from aws import clients, s3
from core import workspaces
from endpoints import deploy
from endpoints.predict import predict
from jobs import patterns, scripts, source, training
from jobs.machine import pairs
from jobs.models import MetricPoint, TrainingJob
from tests.endpoints.conftest import in_service
from tests.jobs.test_script_sources import tar_of
from tests.localaws.lab import breast_cancer, csv

TRAIN = b"""
import argparse, json, os
import joblib, numpy as np
from sklearn.tree import DecisionTreeClassifier
from lib.tables import read

def model_fn(folder):
    return joblib.load(folder + "/model.joblib")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-depth", type=int)
    parser.add_argument("--criterion")
    given = parser.parse_args()
    rows = read(os.environ["SM_CHANNEL_TRAIN"])
    held = read(os.environ["SM_CHANNEL_VALIDATION"])
    for depth in range(1, given.max_depth + 1):
        model = DecisionTreeClassifier(max_depth=depth, criterion=given.criterion, random_state=0)
        model.fit(rows[:, 1:], rows[:, 0])
        score = model.score(held[:, 1:], held[:, 0])
        print(f"depth {depth} validation_error={1 - score:.6f} accuracy={score:.6f}", flush=True)
    joblib.dump(model, os.environ["SM_MODEL_DIR"] + "/model.joblib")
"""
TABLES = b"""
import glob
import numpy as np

def read(folder):
    return np.vstack([np.loadtxt(name, delimiter=",") for name in glob.glob(folder + "/*")])
"""
ARCHIVE = tar_of(("code/fit.py", TRAIN), ("code/lib/tables.py", TABLES), ("code/lib/run.py", b""))
METRICS = "validation:error=validation_error=([0-9.]+)\naccuracy=accuracy=([0-9.]+)"


@pytest.fixture
def allowed(console):
    """The console, in a workspace whose role may run scripts; not afterwards."""
    console.workspace.allow_scripts = console.actor.workspace.allow_scripts = True
    console.workspace.save()
    workspaces.apply(console.workspace)
    yield console
    console.workspace.allow_scripts = False
    workspaces.apply(console.workspace)


def fields(console, **changes):
    """What the page sends."""
    typed = {
        "version": "1.2-1",
        "entry_point": "fit.py",
        "hyperparameters": "max-depth=3\ncriterion=gini",
        "preparation": console.preparation.uid,
        "metric_definitions": METRICS,
        "instance_type": "ml.m5.large",
        "instance_count": "1",
        "volume_gb": "10",
        "max_runtime_seconds": "3600",
        "idempotency_key": uuid.uuid4().hex,
    }
    return typed | changes


def upload(content=ARCHIVE, name="code.tar.gz"):
    return SimpleUploadedFile(name, content)


def kept_in(page):
    return re.search(r'name="source" value="([0-9a-f]{64})"', page)[1]


ADDRESS = "/jobs/new/script?kind=scikit-learn"


@pytest.mark.slow
def test_a_script_is_uploaded_once_trained_watched_and_asked(allowed, member, signed_in):
    client = signed_in(member)
    digest = launched(client, allowed)
    job = TrainingJob.objects.get()  # of two clicks
    assert job.hyperparameters == {"max-depth": "3", "criterion": "gini"}
    training.submit(job, now=timezone.now())
    check_request(allowed, job)
    allowed.finished(job)
    allowed.watch(job, lambda row: row.log_complete)
    assert job.status == "Completed", job.failure_reason
    check_metrics(client, job)
    check_answers(allowed, job)
    copy = client.get(f"/jobs/new/script?clone={job.uid}").content.decode()
    assert kept_in(copy) == digest
    assert "lib/tables.py" in copy


def launched(client, console):
    """First with a wrong entry point, then with what the page kept; the kept source."""
    assert client.get(f"{ADDRESS}&preparation={console.preparation.uid}").status_code == 200
    wrong = fields(console, entry_point="train.py", experiment="trees")
    refused = client.post(ADDRESS, wrong | {"upload": upload()})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "There is no train.py. There is fit.py" in page
    assert "lib/tables.py" in page  # its files are shown
    assert "max-depth=3" in page  # and what was typed
    right = fields(console, source=kept_in(page), experiment="trees")
    answers = [client.post(ADDRESS, right) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    return right["source"]


def check_request(console, job):
    """As version 2 of the SageMaker SDK asks for it."""
    sent = clients.client(console.workspace.account, "sagemaker").describe_training_job(
        TrainingJobName=job.aws_name
    )
    assert sent["HyperParameters"] == {
        "max-depth": "3",
        "criterion": '"gini"',
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": f'"{job.aws_name}"',
        "sagemaker_program": '"fit.py"',
        "sagemaker_region": '"us-east-1"',
        "sagemaker_submit_directory": f'"{job.source}"',
    }
    assert [one["ChannelName"] for one in sent["InputDataConfig"]] == ["train", "validation"]


def check_metrics(client, job):
    points = MetricPoint.objects.filter(job=job, name="validation:error")
    values = list(points.values_list("step", "value"))
    assert [step for step, _ in values] == [0, 1, 2]
    assert job.headline_metric == "validation:error"
    assert job.headline_value == min(value for _, value in values)
    assert job.metrics["accuracy"] == pytest.approx(1 - values[-1][1])
    drawn = client.get(f"/jobs/{job.uid}/figure/error").json()["data"]
    assert drawn[0]["y"] == [value for _, value in values]
    shown = client.get(f"/jobs/{job.uid}").content.decode()
    assert "?job=" + job.uid in shown  # it can be deployed


def check_answers(console, job):
    endpoint = in_service(
        deploy.request(console.actor, job=job, instance_type="ml.m5.large", instance_count=1)
    )
    assert endpoint.status == "InService", endpoint.failure_reason
    features, labels = breast_cancer()
    answers = predict(endpoint, csv=csv(features[456:]).decode()).answers
    assert np.mean(np.array([answer.code for answer in answers]) == labels[456:]) > 0.85
    clients.client(console.workspace.account, "sagemaker").delete_endpoint(
        EndpointName=endpoint.aws_name
    )


def test_an_image_trains_on_channels_of_its_own(console, member, signed_in):
    wanted = {
        "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "hyperparameters": "num_round=4\nobjective=binary:logistic",
        "preparation": "",
        "inputs": f"train=s3://{console.workspace.bucket}/cancer/train/ text/csv\n"
        f"validation=s3://{console.workspace.bucket}/cancer/validation/ text/csv",
        "metric_definitions": "",
    }
    address = "/jobs/new/script?kind=image"
    assert signed_in(member).post(address, fields(console, **wanted)).status_code == 302
    job = TrainingJob.objects.get()
    assert (job.algorithm, job.preparation) == ("", None)
    training.submit(job, now=timezone.now())
    console.finished(job)
    assert job.status == "Completed", job.failure_reason
    assert set(job.metrics) == {"train:logloss", "validation:logloss"}


@pytest.mark.slow
def test_the_example_of_the_page_runs(tmp_path, member, signed_in):
    page = signed_in(member).get(f"{ADDRESS}&example=1")
    form = page.context["form"]
    (tmp_path / "train.py").write_text(form["script"].value())
    table = np.random.default_rng(0).normal(size=(40, 3))
    for channel in ("TRAIN", "VALIDATION", "MODEL"):
        (tmp_path / channel).mkdir()
        if channel != "MODEL":
            content = np.column_stack([table[:, 0] > 0, table])
            np.savetxt(tmp_path / channel / "rows.csv", content, delimiter=",")
    arguments = [
        part
        for name, value in pairs(form["hyperparameters"].value())[0].items()
        for part in (f"--{name}", value)
    ]
    channels = {f"SM_CHANNEL_{name}": str(tmp_path / name) for name in ("TRAIN", "VALIDATION")}
    said = subprocess.run(
        [sys.executable, "train.py", *arguments],
        cwd=tmp_path,
        env=os.environ | channels | {"SM_MODEL_DIR": str(tmp_path / "MODEL")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    definitions = pairs(form["metric_definitions"].value())[0]
    found = [dict(patterns.read(definitions, line)) for line in said.splitlines()]
    assert len(found) == 5
    assert all(set(one) == {"train:accuracy", "validation:accuracy"} for one in found)
    assert (tmp_path / "MODEL" / "model.joblib").is_file()


def test_a_source_is_stored_once(console):
    program = source.of_upload("code.tar.gz", ARCHIVE)
    for _ in range(2):
        scripts.keep(console.workspace, program)
    assert scripts.kept(console.workspace, program.digest) == program
    found = s3.list_objects(console.workspace.account, console.workspace.bucket, "jobs/sources/")
    assert [one.key.count(program.digest) for one in found].count(1) == 1

"""A real endpoint on localaws, trained once, and the rows that describe it."""

import json
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from aws import clients
from datasets.models import Dataset, Preparation
from endpoints import asking
from endpoints.models import Endpoint, RegisteredModel
from jobs.models import TrainingJob
from results.models import Evaluation
from tests.localaws.conftest import localaws  # noqa: F401  # the fixture, for this folder
from tests.localaws.lab import BUCKET, Lab, csv

SERVED = "results-cancer"
LABELS = ["malignant", "benign"]
FEATURES = [f"feature_{number}" for number in range(30)]
TEST_ROWS = 113
FAULTS = "/_localaws/faults"


@pytest.fixture(scope="session")
def lab(localaws) -> Lab:  # noqa: F811  # pytest hands the fixture in by its name
    lab = Lab(localaws)
    lab.trained("results-cancer", {"objective": "binary:logistic", "num_round": "50"})
    lab.model(SERVED, f"s3://{BUCKET}/out/results-cancer/output/model.tar.gz")
    lab.config(SERVED, **{SERVED: 1})
    lab.endpoint(SERVED, SERVED)
    table = np.column_stack([lab.labels, lab.features])[456:]
    lab.put("cancer/test/test.csv", csv(table))
    lab.put("cancer/many/many.csv", csv(np.tile(table, (40, 1))))
    return lab


@pytest.fixture
def aws_workspace(workspace, lab, monkeypatch):
    """The workspace whose account is the running localaws."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", lab.localaws.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lab.localaws.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", lab.localaws.secret)
    clients._clients.clear()
    yield workspace
    clients._clients.clear()


@pytest.fixture
def inject(lab, monkeypatch):
    """Faults in the service of these tests, which nobody else uses; retried without much delay.

    `inject.fired()` is how often each rule has struck.
    """
    monkeypatch.setattr(asking, "DELAYS", (0.01,) * 6)

    class Inject:
        def __call__(self, *rules):
            body = json.dumps(rules).encode()
            status, _, answer = lab.localaws.call("PUT", FAULTS, body, service="localaws")
            assert status == 200, answer

        def fired(self):
            answer = lab.localaws.call("GET", FAULTS, service="localaws")[2]
            return [rule["fired"] for rule in json.loads(answer)]

    yield Inject()
    assert lab.localaws.call("DELETE", FAULTS, service="localaws")[0] == 200


def prepared(workspace, **fields) -> Preparation:
    dataset = Dataset.objects.create(
        workspace=workspace, name="tumours", status="Ready", filename="t.csv", key="datasets/t/x"
    )
    channels = {
        split: {
            "uri": f"s3://{BUCKET}/cancer/{split}/{split}.csv",
            "rows": rows,
            "content_type": "text/csv",
        }
        for split, rows in {"train": 400, "test": TEST_ROWS, "many": 40 * TEST_ROWS}.items()
    }
    channels["validation"] = channels["test"] | {"rows": 0}
    made = {
        "dataset": dataset,
        "name": "tumours · diagnosis",
        "status": "Ready",
        "target": "diagnosis",
        "algorithm": "xgboost",
        "task": "binary",
        "features": FEATURES,
        "labels": LABELS,
        "channels": channels,
    }
    return Preparation.objects.create(workspace=workspace, **made | fields)


@pytest.fixture
def preparation(workspace) -> Preparation:
    return prepared(workspace)


@pytest.fixture
def endpoint(workspace, preparation) -> Endpoint:
    """The row of the endpoint `SERVED`; only tests with `aws_workspace` have the real one too."""
    job = TrainingJob.objects.create(
        workspace=workspace,
        name="cancer",
        status="Completed",
        preparation=preparation,
        algorithm="xgboost",
        aws_name="results-cancer",
    )
    model = RegisteredModel.objects.create(
        workspace=workspace, name="cancer", status="Registered", job=job, aws_name=SERVED
    )
    return Endpoint.objects.create(
        workspace=workspace,
        name="cancer-live",
        status="InService",
        model=model,
        aws_name=SERVED,
        config_name=SERVED,
    )


@pytest.fixture
def finished(workspace, endpoint, preparation) -> Evaluation:
    """A completed evaluation of 57 rows, without any service."""
    return Evaluation.objects.create(
        workspace=workspace,
        name="cancer-live on test",
        status="Completed",
        endpoint=endpoint,
        preparation=preparation,
        split="test",
        rows=57,
        rows_done=57,
        labels=LABELS,
        confusion=[[20, 1], [1, 35]],
        metrics={"accuracy": 55 / 57, "baseline_accuracy": 36 / 57, "recall": 35 / 36},
        predictions_key="evaluations/x/predictions.csv.gz",
        seconds=0.4,
    )


@pytest.fixture
def outsider(workspace, stranger):
    """Admin elsewhere, nobody here."""
    return stranger


@pytest.fixture
def soon():
    return timezone.now() + timedelta(seconds=1)

"""A trained model in a real localaws, and rows that know it."""

import contextlib
import time
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from django.utils import timezone
from sklearn.datasets import load_breast_cancer

from aws import clients
from datasets.models import Dataset, Preparation
from endpoints import cleanup, deploy, mirror
from endpoints.models import Endpoint
from jobs.models import TrainingJob
from tests.localaws.conftest import localaws, own_localaws  # noqa: F401  # fixtures for this folder
from tests.localaws.lab import BUCKET, XGBOOST, Lab, csv

COLUMNS = list(load_breast_cancer().feature_names)


def use(service, monkeypatch) -> None:
    """Point the console at `service`; clients made for another one are forgotten."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", service.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", service.secret)
    monkeypatch.setattr(clients, "_clients", {})


@pytest.fixture(scope="session")
def lab(localaws) -> Lab:  # noqa: F811  # that fixture
    found = Lab(localaws)
    table = np.column_stack([found.labels, found.features])
    found.put("cancer/test/test.csv", csv(table[456:]))
    return found


@pytest.fixture(scope="session")
def artifact(lab) -> str:
    """Where the model of a short XGBoost job on the breast-cancer data lies."""
    job = lab.trained("endpoints-suite")
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.fixture
def aws(localaws, monkeypatch):  # noqa: F811  # that fixture
    use(localaws, monkeypatch)
    yield localaws
    # Each endpoint is a process: none outlives its test, unless it is still starting.
    client = localaws.client("sagemaker")
    for found in client.list_endpoints(MaxResults=100)["Endpoints"]:
        with contextlib.suppress(ClientError):
            client.delete_endpoint(EndpointName=found["EndpointName"])


@pytest.fixture
def preparation(workspace) -> Preparation:
    columns = [{"name": name, "dtype": "number"} for name in [*COLUMNS, "diagnosis"]]
    dataset = Dataset.objects.create(
        workspace=workspace, name="cancer", status="Ready", columns=columns, key="cancer.csv"
    )
    numbers = [{"name": name, "kind": "number", "categories": []} for name in COLUMNS]
    return Preparation.objects.create(
        workspace=workspace,
        name="cancer",
        dataset=dataset,
        status="Ready",
        target="diagnosis",
        task="binary",
        features=COLUMNS,
        encoding={"features": numbers, "left_out": [], "dropped_rows": 0},
        labels=["malignant", "benign"],
        channels={
            "test": {
                "uri": f"s3://{BUCKET}/cancer/test/test.csv",
                "rows": 113,
                "content_type": "text/csv",
            }
        },
    )


@pytest.fixture
def make_job(workspace, preparation):
    def make(artifact="s3://lab-bucket/model.tar.gz", status="Completed", **fields):
        values = {"name": "cancer xgboost", "image": XGBOOST, "preparation": preparation} | fields
        return TrainingJob.objects.create(
            workspace=workspace, status=status, artifact=artifact, **values
        )

    return make


@pytest.fixture
def job(make_job, artifact):
    return make_job(artifact)


@pytest.fixture
def make_endpoint(workspace):
    """A row as the mirror would keep it, with nothing behind it at AWS."""

    def make(name="ep", status="InService", **fields) -> Endpoint:
        variant = {"name": "AllTraffic", "model": "m", "instance_type": "ml.m5.large"}
        values = {
            "aws_name": name,
            "config_name": f"{name}-config",
            "instance_type": "ml.m5.large",
            "hourly_cost": 0.115,
            "variants": [variant | {"instance_count": 1, "kind": "real-time"}],
        }
        return Endpoint.objects.create(
            workspace=workspace, name=name, status=status, **(values | fields)
        )

    return make


@pytest.fixture
def who(actor):
    return actor


@pytest.fixture
def requested(who, job):
    """`requested()` is a Requested endpoint of the trained job."""

    def make(**choices: Any):
        wish: dict[str, Any] = {"instance_type": "ml.m5.large", "instance_count": 1} | choices
        return deploy.request(who, job=job, **wish)

    return make


def confirm(who, plan, at, *, endpoints):
    """As somebody who has just looked at the plan."""
    return cleanup.confirm(who, plan, at, endpoints=endpoints, shown=cleanup.seal(plan))


def fresh(row):
    """The row with its lineage, as a task fetches it."""
    if isinstance(row, Endpoint):
        return Endpoint.objects.with_lineage().get(pk=row.pk)
    return type(row)._default_manager.get(pk=row.pk)


def until(advance, done, seconds=30):
    """Repeat `advance()` until `done()`; what `done` gave."""
    deadline = time.monotonic() + seconds
    while not (found := done()):
        assert time.monotonic() < deadline, f"not done after {seconds} s"
        advance()
        time.sleep(0.05)
    return found


def now():
    return timezone.now()


def in_service(endpoint):
    """Submit a Requested endpoint and mirror it until AWS is done with it."""
    deploy.submit(fresh(endpoint), now())
    until(
        lambda: mirror.look(endpoint.workspace, now()),
        lambda: fresh(endpoint).status not in ("Requested", "Creating"),
    )
    return fresh(endpoint)

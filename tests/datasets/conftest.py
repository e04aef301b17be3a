"""A workspace whose S3 is a real localaws, and shortcuts through the steps."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from aws import s3
from core.models import Workspace
from datasets import prepare, profile, sweep, upload
from datasets.models import Dataset, Preparation
from tests.localaws.conftest import localaws, own_localaws  # noqa: F401  # fixtures for this folder

IRIS = "length,width,kind\n" + "".join(
    f"{n / 10},{n % 7},{('setosa', 'virginica', 'versicolor')[n % 3]}\n" for n in range(60)
)


@pytest.fixture
def wired(monkeypatch) -> Callable[..., Workspace]:
    """`wired(workspace, service)`: the workspace's calls reach `service`, its bucket is there."""

    def wire(workspace: Workspace, service) -> Workspace:
        monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", service.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", service.secret)
        # Clients are kept per account: without a role the external id only tells them apart.
        workspace.external_id = service.url
        workspace.save()
        s3.ensure_bucket(workspace.account, workspace.bucket)
        return workspace

    return wire


@pytest.fixture
def lab(workspace, localaws, wired):  # noqa: F811  # it is that fixture
    return wired(workspace, localaws)


@pytest.fixture
def uploaded(lab, actor) -> Callable[..., Dataset]:
    """`uploaded(text)`: a dataset that has been received and waits for its profile."""

    def receive(content: str | bytes = IRIS, *, filename: str = "iris.csv") -> Dataset:
        data = content.encode() if isinstance(content, str) else content
        return upload.receive(lab, actor, [data], filename=filename)

    return receive


@pytest.fixture
def ready(uploaded) -> Callable[..., Dataset]:
    """`ready(text)`: a dataset that has been profiled (it may have Failed)."""

    def look(content=IRIS, *, filename="iris.csv"):
        dataset = uploaded(content, filename=filename)
        profile.profile(dataset, now=soon())
        dataset.refresh_from_db()
        return dataset

    return look


@pytest.fixture
def prepared(actor) -> Callable[..., Preparation]:
    """`prepared(dataset, target=…)`: a preparation that the worker has dealt with."""

    def make(dataset: Dataset, **wish) -> Preparation:
        preparation = prepare.request(actor, dataset, **wish)
        prepare.prepare(preparation, now=soon())
        preparation.refresh_from_db()
        return preparation

    return make


def soon():
    return timezone.now() + timedelta(milliseconds=1)


def stored(workspace: Workspace) -> set[str]:
    return {found.key for found in s3.list_objects(workspace.account, workspace.bucket, "")}


@pytest.fixture
def due(monkeypatch):
    """`due(service)`: a round of the sweep an hour from now, with the service's present address."""

    def later(service) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
        sweep.sweep(timezone.now() + timedelta(hours=1))

    return later

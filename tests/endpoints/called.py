"""An endpoint at localaws that a file's tests share, with a row that knows its model."""

from dataclasses import dataclass

import pytest

from endpoints import register
from endpoints.predict import predict
from tests.endpoints.conftest import fresh, use
from tests.localaws.lab import XGBOOST, Lab


@dataclass(frozen=True)
class Served:
    lab: Lab
    name: str


@pytest.fixture(scope="module")
def served(request, lab, artifact):
    name = f"Called-{request.module.__name__.rpartition('_')[2]}"  # ARNs have it in lower case
    lab.model(name, artifact, XGBOOST)
    lab.config(name, **{name: 1})
    lab.endpoint(name, name)
    yield Served(lab, name)
    lab.leave()


@pytest.fixture
def endpoint(served, monkeypatch, make_endpoint, make_job, who):
    use(served.lab.localaws, monkeypatch)
    job = make_job(algorithm="xgboost", hyperparameters={"objective": "binary:logistic"})
    dataset = job.preparation.dataset
    row = [*map(str, served.lab.features[500]), "malignant"]
    dataset.preview = {"columns": [column["name"] for column in dataset.columns], "rows": [row]}
    dataset.save()
    return fresh(make_endpoint(served.name, model=register.from_job(who, job)))


@pytest.fixture
def expected(endpoint, served):
    """The answer for the dataset's first row, which the snippets ask about."""
    (answer,) = predict(endpoint, instances=[served.lab.features[500].tolist()]).answers
    return {"label": answer.label, "probability": pytest.approx(answer.probability)}

"""Every operation of the API: 401 without a token, 404 for strangers, 403 below the role needed."""

import pytest
from django.test import Client

from datasets.models import Dataset, Preparation
from endpoints.models import BatchPrediction, Cleanup, Endpoint, Policy, RegisteredModel
from jobs.models import Experiment, SavedView, TrainingJob, TuningJob
from results.models import Evaluation, Report, Share
from tests.architecture.test_role_matrix import operations, things  # noqa: F401 (a fixture)

KINDS = {
    "datasets": Dataset,
    "uploads": Dataset,
    "preparations": Preparation,
    "jobs": TrainingJob,
    "experiments": Experiment,
    "job-views": SavedView,
    "tuning-jobs": TuningJob,
    "models": RegisteredModel,
    "endpoints": Endpoint,
    "batches": BatchPrediction,
    "cleanups": Cleanup,
    "policies": Policy,
    "evaluations": Evaluation,
    "shares": Share,
    "reports": Report,
    "lineage": Dataset,
}
# Asking a deployed model changes nothing, so viewers may.
READS = {("post", "/api/v1/endpoints/{uid}/predict")}
BODIES = {
    "/api/v1/uploads": {"filename": "x.csv", "bytes": 0},
    "/api/v1/datasets/samples": {"sample": "wine"},
    "/api/v1/datasets/imports": {"source": "s3://elsewhere/rows/"},
    "/api/v1/datasets/{uid}/preparations": {"target": "y", "algorithm": "xgboost"},
    "/api/v1/datasets/{uid}/preparations/preview": {"target": "y", "algorithm": "xgboost"},
    "/api/v1/preparations/{uid}/repeat": {"dataset": "0"},
    "/api/v1/datasets/{uid}/shape": {"height": 1, "width": 1},
    "/api/v1/jobs": {"algorithm": "xgboost", "preparation": "0", "hyperparameters": {}},
    "/api/v1/script-jobs": {"kind": "image", "instance_type": "ml.m5.large"},
    "/api/v1/jobs/{uid}/notes": {"notes": "x"},
    "/api/v1/jobs/{uid}/tags": {"tag": "x"},
    "/api/v1/jobs/bulk": {"action": "stop", "ids": ["0"]},
    "/api/v1/job-views": {"name": "x"},
    "/api/v1/job-views/{uid}": {"name": "x"},
    "/api/v1/tuning-jobs": {
        "algorithm": "xgboost",
        "preparation": "0",
        "ranges": [],
        "objective": "",
        "instance_type": "ml.m5.large",
    },
    "/api/v1/jobs/preflight": {
        "algorithm": "xgboost",
        "preparation": "0",
        "instance_type": "ml.m5.large",
    },
    "/api/v1/tuning-jobs/preflight": {
        "algorithm": "xgboost",
        "preparation": "0",
        "ranges": [],
        "objective": "",
        "instance_type": "ml.m5.large",
    },
    "/api/v1/models": {"job": "0"},
    "/api/v1/models/imports": {"source": "s3://elsewhere/model.tar.gz"},
    "/api/v1/batches": {"endpoint": "0", "split": "test"},
    "/api/v1/endpoints": {"job": "0"},
    "/api/v1/endpoints/{uid}/predict": {"csv": "1,2"},
    "/api/v1/endpoints/{uid}/protection": {"reason": "x"},
    "/api/v1/endpoints/{uid}/snooze": {"weeks": 1},
    "/api/v1/endpoints/{uid}/autoscaling": {"min": 1, "max": 2, "target": 5},
    "/api/v1/cleanups/{uid}/confirm": {"endpoints": 1, "plan": "x"},
    "/api/v1/policies": {"name": "x"},
    "/api/v1/policies/{uid}/earnest": {"name": "x"},
    "/api/v1/evaluations": {"endpoint": "0"},
    "/api/v1/shares": {"evaluation": "0"},
    "/api/v1/reports": {"evaluations": ["0"]},
    "/api/v1/reports/{uid}": {"title": "x", "blocks": [], "revision": 1},
    "/api/v1/reports/{uid}/freeze": {"revision": 1},
}


def call(client, method, path, things):  # noqa: F811 (a fixture's value)
    """The status of an operation on this workspace's object, with a body that parses."""
    kind = KINDS.get(path.removeprefix("/api/v1/").split("/")[0])
    uid = things[kind].uid if kind in things else "none"
    address = path.replace("{uid}", uid).replace("{name}", "xgboost").replace("{number}", "1")
    answer = client.generic(
        method.upper(), address, _json(BODIES.get(path)), content_type="application/json"
    )
    return answer.status_code


def _json(body):
    import json

    return json.dumps(body or {})


@pytest.fixture
def by_object():
    return [(method, path) for method, path in operations() if "{uid}" in path]


def test_without_a_token_nothing_answers(things):  # noqa: F811
    for method, path in operations():
        assert call(Client(), method, path, things) == 401, (method, path)


def test_a_strangers_token_finds_no_object(things, stranger, api, by_object):  # noqa: F811
    client = api(stranger)
    for method, path in by_object:
        assert call(client, method, path, things) == 404, (method, path)


def test_a_viewers_token_cannot_change(things, viewer, api):  # noqa: F811
    client = api(viewer)
    for method, path in operations():
        status = call(client, method, path, things)
        if method == "get" or (method, path) in READS:
            assert status not in (401, 403), (method, path, status)
        elif "{uid}" in path:
            assert status == 403, (method, path, status)
        else:
            # 404: the object named in the body is looked up first, and there is none.
            assert status in (400, 403, 404, 422), (method, path, status)


def test_a_read_token_of_an_admin_cannot_change(things, admin, api, by_object):  # noqa: F811
    client = api(admin, scope="read")
    for method, path in by_object:
        if method != "get" and (method, path) not in READS:
            assert call(client, method, path, things) == 403, (method, path)


def test_every_operation_is_documented():
    from mlconsole.api import api as ninja

    for path, methods in ninja.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert operation["security"], (method, path)

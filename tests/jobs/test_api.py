"""Jobs over REST."""

import pytest
from django.utils import timezone

from core.models import AuditEvent
from jobs.models import LogLine, MetricPoint, TrainingJob
from tests.jobs.conftest import QUICK

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
JOBS = "/api/v1/jobs"


def wish(preparation, **changes):
    fields = {
        "algorithm": "xgboost",
        "preparation": preparation.uid,
        "hyperparameters": {"num_round": 5, "eta": 0.3, "save_model_on_termination": True},
        "instance_type": "ml.m5.large",
        "instance_count": 1,
    }
    return fields | changes


def post(client, path, body=None, **headers):
    return client.post(path, body, content_type="application/json", headers=headers)


@pytest.fixture
def job(workspace, prepared, member):
    return TrainingJob.objects.create(
        workspace=workspace,
        created_by=member,
        preparation=prepared,
        name="First",
        algorithm="xgboost",
        status="InProgress",
        aws_name="first-1",
        hyperparameters=QUICK,
        instance_type="ml.m5.large",
        metrics={"validation:logloss": 0.2},
    )


def test_it_creates_a_job(api, member, prepared):
    answer = post(api(member), JOBS, wish(prepared, experiment="Baselines", name="First"))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["name"], body["experiment"]) == ("Requested", "First", "Baselines")
    assert body["hyperparameters"] == {
        "num_round": "5",
        "eta": "0.3",
        "save_model_on_termination": "true",
        "objective": "binary:logistic",
    }
    assert body["preparation"] == prepared.uid
    for field in ("secondary_status", "metrics", "failure_reason", "artifact", "billable_seconds"):
        assert field in body


def test_it_names_every_field_that_is_wrong(api, member, prepared):
    body = wish(prepared, hyperparameters={"num_rounds": 5, "eta": 7}, instance_type="large")
    answer = post(api(member), JOBS, body)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert set(error) >= {"code", "message", "hint", "fields"}
    assert set(error["fields"]) == {
        "hyperparameters.num_rounds",
        "hyperparameters.eta",
        "hyperparameters.num_round",
        "instance_type",
    }
    assert not TrainingJob.objects.exists()


def test_it_refuses_an_unknown_algorithm(api, member, prepared):
    answer = post(api(member), JOBS, wish(prepared, algorithm="forest"))
    assert (answer.status_code, "xgboost" in answer.json()["error"]["hint"]) == (422, True)


def test_it_refuses_a_preparation_that_is_not_ready(api, member, prepared):
    prepared.status = "Preparing"
    prepared.save()
    assert post(api(member), JOBS, wish(prepared)).status_code == 409


def test_it_answers_the_same_key_with_the_same_job(api, member, prepared):
    client, key = api(member), {"Idempotency-Key": "once"}
    first, second = (post(client, JOBS, wish(prepared), **key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert post(client, JOBS, wish(prepared, name="Other"), **key).status_code == 409
    assert TrainingJob.objects.count() == 1


def test_it_forgets_a_key_whose_request_was_refused(api, member, prepared):
    client, key = api(member), {"Idempotency-Key": "again"}
    assert post(client, JOBS, wish(prepared, instance_type="x"), **key).status_code == 422
    assert post(client, JOBS, wish(prepared), **key).status_code == 201


def test_it_shows_a_job(api, viewer, job):
    answer = api(viewer).get(f"{JOBS}/{job.uid}")
    assert answer.status_code == 200
    assert answer.json()["metrics"] == {"validation:logloss": 0.2}


def test_it_lists_searches_filters_and_sorts(api, viewer, job, workspace):
    TrainingJob.objects.create(workspace=workspace, name="Another", status="Completed")
    client = api(viewer)

    def names(query):
        return [item["name"] for item in client.get(f"{JOBS}?{query}").json()["items"]]

    assert names("sort=name") == ["Another", "First"]
    assert names("sort=-name") == ["First", "Another"]
    assert names("q=firs") == ["First"]
    assert names("q=breast") == ["First"]
    assert names("status=Completed") == ["Another"]
    page = client.get(f"{JOBS}?page=9").json()
    assert (page["total"], page["page"], page["pages"]) == (2, 1, 1)


def test_it_stops_a_job_that_was_not_sent_yet(api, member, prepared):
    client = api(member)
    uid = post(client, JOBS, wish(prepared)).json()["id"]
    answer = post(client, f"{JOBS}/{uid}/stop")
    assert (answer.status_code, answer.json()["status"]) == (200, "Stopped")
    assert post(client, f"{JOBS}/{uid}/stop").status_code == 409
    assert AuditEvent.objects.filter(action="job.stop").count() == 1


def test_it_says_that_a_running_job_was_asked_to_stop(api, member, job):
    body = post(api(member), f"{JOBS}/{job.uid}/stop").json()
    assert (body["status"], body["stop_requested"]) == ("InProgress", True)


def test_it_pages_through_the_log(api, viewer, job):
    now = timezone.now()
    LogLine.objects.bulk_create(
        LogLine(job=job, number=number, at=now, message=f"line {number}") for number in (1, 2, 3)
    )
    client = api(viewer)
    first = client.get(f"{JOBS}/{job.uid}/logs?limit=2").json()
    assert [line["message"] for line in first["lines"]] == ["line 1", "line 2"]
    rest = client.get(f"{JOBS}/{job.uid}/logs?after={first['next']}").json()
    assert [line["number"] for line in rest["lines"]] == [3]
    assert not rest["complete"]
    assert client.get(f"{JOBS}/{job.uid}/logs?limit=0").status_code == 422
    LogLine.objects.filter(job=job, number=2).update(level="error")
    for query in ("q=NE+2", "level=error"):
        found = client.get(f"{JOBS}/{job.uid}/logs?{query}").json()
        assert [(one["number"], one["level"]) for one in found["lines"]] == [(2, "error")]
    assert client.get(f"{JOBS}/{job.uid}/logs?level=loud").status_code == 422


def test_it_gives_how_busy_the_instances_are(api, viewer, job):
    client, url = api(viewer), f"{JOBS}/{job.uid}/hardware"
    assert "before the job" in client.get(url).json()["absent"]
    job.hardware = {"CPUUtilization": [["2026-05-01T12:00:00+00:00", 150.0]]}
    job.save()
    assert client.get(url).json() == {
        "series": {"CPUUtilization": [["2026-05-01T12:00:00Z", 150.0]]},
        "absent": "",
    }


def test_it_gives_the_points_of_each_metric(api, viewer, job):
    for step, value in enumerate((0.5, 0.4)):
        MetricPoint.objects.create(job=job, name="train:logloss", step=step, value=value)
    answer = api(viewer).get(f"{JOBS}/{job.uid}/metrics").json()
    assert answer == {"train:logloss": [{"step": 0, "value": 0.5}, {"step": 1, "value": 0.4}]}


def test_it_describes_the_algorithms(api, viewer):
    client = api(viewer)
    images = {one["name"]: one["image"] for one in client.get("/api/v1/algorithms").json()}
    assert (images["xgboost"], images["knn"]) == ("sagemaker-xgboost:1.7-1", "knn:1")
    full = client.get("/api/v1/algorithms/xgboost").json()
    (rounds,) = [one for one in full["hyperparameters"] if one["name"] == "num_round"]
    assert (rounds["type"], rounds["required"], rounds["range"]) == ("integer", True, "at least 1")
    assert rounds["tunable"] == {"low": 1, "high": 4000, "scale": "Linear"}
    assert all(one["docs"].startswith(full["reference"]) for one in full["hyperparameters"])
    assert client.get("/api/v1/algorithms/forest").status_code == 422


@pytest.mark.parametrize("path", ["", "/stop", "/logs", "/metrics", "/hardware"])
def test_it_hides_jobs_from_strangers(api, stranger, job, path):
    client = api(stranger)
    answer = (
        post(client, f"{JOBS}/{job.uid}{path}")
        if path == "/stop"
        else client.get(f"{JOBS}/{job.uid}{path}")
    )
    assert answer.status_code == 404
    assert client.get(JOBS).json()["items"] == []


def test_it_hides_preparations_from_strangers(api, stranger, prepared):
    assert post(api(stranger), JOBS, wish(prepared)).status_code == 404


def test_it_lets_a_viewer_see_and_not_change(api, viewer, prepared, job):
    client = api(viewer)
    assert post(client, JOBS, wish(prepared)).status_code == 403
    assert post(client, f"{JOBS}/{job.uid}/stop").status_code == 403
    assert TrainingJob.objects.count() == 1


def test_it_says_what_a_job_is_a_copy_of(api, member, prepared, job, stranger):
    client = api(member)
    foreign = TrainingJob.objects.create(workspace=stranger.memberships.get().workspace)
    copy = post(client, JOBS, wish(prepared, cloned_from=job.uid)).json()
    assert copy["cloned_from"] == job.uid
    assert client.get(f"{JOBS}/{copy['id']}").json()["cloned_from"] == job.uid
    assert client.get(f"{JOBS}/{job.uid}").json()["cloned_from"] is None
    for unknown in ("nonsense", foreign.uid):
        refused = post(client, JOBS, wish(prepared, cloned_from=unknown))
        assert refused.status_code == 422
        assert list(refused.json()["error"]["fields"]) == ["cloned_from"]

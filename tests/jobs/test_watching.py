"""A job's page: charts, hardware, files, how a stop went, what to change."""

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from django.urls import reverse
from django.utils import timezone

from aws import s3
from core.models import AuditEvent
from jobs import files
from jobs.models import MetricPoint, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


@pytest.fixture
def job(workspace, prepared, member):
    return make_job(workspace, preparation=prepared, created_by=member)


def make_job(workspace, **changes):
    fields = {
        "workspace": workspace,
        "name": "First",
        "algorithm": "xgboost",
        "status": "InProgress",
        "secondary_status": "Training",
        "hyperparameters": {"num_round": "10"},
        "headline_metric": "validation:logloss",
        "instance_type": "ml.m5.large",
    }
    job = TrainingJob.objects.create(**fields | changes)
    job.aws_name = f"first-{job.uid}"
    job.save()
    return job


def points(job, **values):
    for word, series in values.items():
        name = word.replace("__", ":")
        MetricPoint.objects.bulk_create(
            MetricPoint(job=job, name=name, step=step, value=value)
            for step, value in enumerate(series)
        )
        job.metrics[name] = series[-1]
    job.save()


def shown(client, job, **query):
    headers = {"HX-Request": "1"} if "part" in query else {}
    return client.get(reverse("jobs:detail", args=[job.uid]), query, headers=headers).text


def test_it_charts_what_any_algorithm_logs(signed_in, viewer, workspace):
    client = signed_in(viewer)
    job = make_job(workspace, algorithm="linear-learner", headline_metric="validation:f")
    points(job, train__objective_loss=[3.0, 2.0], validation__objective_loss=[4.0, 3.5, 3.6])
    points(job, test__roc_auc_score=[0.9])
    assert 'aria-label="objective_loss by epoch"' in shown(client, job)
    job.status = "Completed"
    job.save()
    page = shown(client, job)
    assert 'aria-label="objective_loss by epoch"' in page
    assert 'aria-label="roc_auc_score by epoch"' not in page  # one value is no curve
    assert "test:roc_auc_score" in page
    url = reverse("jobs:figure", args=[job.uid, "objective_loss"])
    names = [line["name"] for line in client.get(url).json()["data"]]
    assert names == ["train", "validation", "best: 3.5 in epoch 2"]


def test_it_shows_curves_of_a_script_when_they_begin(signed_in, viewer, workspace):
    client = signed_in(viewer)
    job = make_job(workspace, algorithm="pytorch", headline_metric="", hyperparameters={})
    assert 'part=curves" hx-trigger="live"' in shown(client, job, part="curves")
    points(job, val_loss=[2.0, 1.0])
    page = shown(client, job, part="curves")
    assert 'aria-label="loss by epoch"' in page
    assert "part=curves" not in page  # what is drawn stays


def test_it_charts_how_busy_the_instances_are_or_says_why_not(signed_in, viewer, job):
    client = signed_in(viewer)
    assert "before the job has its instances" in shown(client, job, part="hardware")
    at = timezone.now().isoformat()
    job.hardware = {
        "CPUUtilization": [[at, 150.0], [at, 50.0]],
        "MemoryUtilization algo-2": [[at, 9]],
    }
    job.save()
    page = shown(client, job)
    assert "CPU, of one core" in page
    assert "100.0 %" in page
    figure = client.get(reverse("jobs:hardware", args=[job.uid])).json()
    assert [line["name"] for line in figure["data"]] == ["CPU, of one core", "memory algo-2"]


def test_it_leads_to_the_field_to_change(signed_in, member, viewer, job):
    job.status = "Failed"
    job.failure_reason = "AlgorithmError: Hyperparameter max_depth: value 99 not in range [0, inf)"
    job.save()
    link = f"{reverse('jobs:new')}?clone={job.uid}#field-hyperparameters.max_depth"
    page = shown(signed_in(member), job)
    assert link in page
    assert "Clone and change max_depth" in page
    assert link not in shown(signed_in(viewer), job)


def test_it_tells_cost_and_saving(signed_in, viewer, job):
    spot = {"use_spot": True, "training_seconds": 108, "billable_seconds": 40}
    TrainingJob.objects.filter(pk=job.pk).update(status="Completed", **spot)
    page = shown(signed_in(viewer), job)
    assert "spot saved 63.0 %: 40 of 108 s billed" in page
    assert "Nothing is billed here" in page


def test_it_says_that_the_job_was_faster_than_the_stop(signed_in, member, job):
    client, url = signed_in(member), reverse("jobs:stop", args=[job.uid])
    assert "was asked to stop." in client.post(url, follow=True).text
    page = client.post(url, follow=True).text
    assert "was asked to stop already." in page
    assert "It may still finish before." in page
    TrainingJob.objects.filter(pk=job.pk).update(status="Completed")
    page = client.post(url, follow=True).text
    assert "had ended before the stop arrived: Completed." in page
    assert "It had completed before the stop arrived." in page


def test_it_lists_what_a_job_from_outside_reads(signed_in, viewer, workspace):
    inputs = {"train": {"uri": "s3://theirs/train/", "content_type": "text/csv"}}
    job = make_job(workspace, inputs=inputs)
    page = shown(signed_in(viewer), job)
    assert "s3://theirs/train/" in page
    assert "text/csv" in page


def test_it_hands_out_what_the_job_made(console, signed_in, member, viewer):
    workspace, account = console.workspace, console.workspace.account
    console.preparation.channels.pop("test")
    job = make_job(workspace, preparation=console.preparation, created_by=member)
    place = f"jobs/{job.uid}/{job.aws_name}/output/"
    s3.put_object(account, workspace.bucket, f"{place}model.tar.gz", b"weights" * 500_000)
    s3.put_object(account, workspace.bucket, f"{place}data/output.tar.gz", b"more")
    TrainingJob.objects.filter(pk=job.pk).update(
        status="Completed", artifact=s3.uri(workspace.bucket, f"{place}model.tar.gz")
    )
    job.refresh_from_db()
    url = reverse("jobs:file", args=[job.uid])
    page = signed_in(member).get(reverse("jobs:files", args=[job.uid])).text
    for part in ("3.3 MB", "data/output.tar.gz", "in 1 file", f"{url}?name=data%2Foutput.tar.gz"):
        assert part in page
    assert f"{url}?name=" not in signed_in(viewer).get(reverse("jobs:files", args=[job.uid])).text
    assert f"{url}?name=model.tar.gz" in shown(signed_in(member), job)
    assert signed_in(viewer).get(url, {"name": "model.tar.gz"}).status_code == 403

    async def load(name):
        client = AsyncClient()
        await client.aforce_login(member)
        answer = await client.get(url, {"name": name})
        streamed = answer.status_code == 200
        return answer, b"".join([part async for part in answer]) if streamed else b""

    answer, body = async_to_sync(load)("model.tar.gz")
    assert body == b"weights" * 500_000
    assert f"{job.aws_name}-model.tar.gz" in answer.headers["Content-Disposition"]
    assert AuditEvent.objects.get(action="job.download").detail == {"file": "model.tar.gz"}
    for name in ("nothing", "../../../cancer/train/train.csv"):
        assert async_to_sync(load)(name)[0].status_code == 404
    workspace.kind = "aws"
    workspace.save()
    answer = signed_in(member).get(url, {"name": "model.tar.gz"})
    assert answer.status_code == 302
    assert "Expires=300" in answer.headers["Location"]


def test_it_hands_out_nothing_of_a_bucket_that_is_not_the_workspaces(workspace):
    job = make_job(workspace, artifact="s3://theirs/x/output/model.tar.gz")
    assert not files.may_hand_out(job)
    workspace.import_buckets = ["theirs"]
    assert files.may_hand_out(job)
    job.artifact, job.aws_name = "odd", "not-ours"
    assert not files.may_hand_out(job)

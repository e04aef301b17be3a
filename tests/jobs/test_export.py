"""The list as a CSV: all that matches, in its order, nothing that a spreadsheet would run."""

import csv
import io
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from jobs import export, values
from jobs.models import JobTag, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
ASKED = {
    "query": "metric.auc > 0",
    "sort": "-metric.auc",
    "column": ["status", "param.cmd", "metric.auc", "tags", "created", "duration", "owner"],
}


@pytest.fixture
def jobs(workspace, member):
    for number in range(4):
        job = TrainingJob.objects.create(
            workspace=workspace,
            name=f"=job {number}",
            status="Completed",
            hyperparameters={"cmd": "@SUM(A1)" if number else "-3"},
            metrics={"auc": number / 10},
            created_by=member,
            created_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
            training_seconds=60,
        )
        values.keep_metrics(job, job.metrics)
        JobTag.objects.bulk_create(JobTag(job=job, name=name) for name in ("b", "+a"))


def table(body):
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def test_it_has_every_match_in_order_and_is_inert(signed_in, viewer, jobs, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 2)
    answer = signed_in(viewer).get("/jobs/jobs.csv", ASKED)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="jobs.csv"'
    header, *lines = table(b"".join(answer))
    assert header == ["id", "name", *ASKED["column"]]
    assert [line[1] for line in lines] == ["'=job 3", "'=job 2", "'=job 1"]
    expected = ["Completed", "'@SUM(A1)", "0.3", "'+a, b", "2026-11-20T12:00:00+00:00", "60", "bob"]
    assert lines[0][2:] == expected


def test_the_api_answers_the_same(api, signed_in, viewer, jobs):
    page = b"".join(signed_in(viewer).get("/jobs/jobs.csv", ASKED))
    answer = api(viewer).get("/api/v1/jobs/export", ASKED)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert b"".join(answer) == page


def test_numbers_stay_numbers(signed_in, viewer, jobs):
    asked = {"query": "name ~ 0", "column": ["param.cmd"]}
    assert table(b"".join(signed_in(viewer).get("/jobs/jobs.csv", asked)))[1][2] == "-3"


def test_it_streams_under_asgi(viewer, jobs):
    async def download():
        client = AsyncClient()
        await client.aforce_login(viewer)
        answer = await client.get("/jobs/jobs.csv", ASKED)
        return b"".join([part async for part in answer])

    assert len(table(async_to_sync(download)())) == 4


def test_it_refuses_a_wrong_query_before_the_first_line(signed_in, api, viewer):
    assert signed_in(viewer).get("/jobs/jobs.csv", {"query": "a ("}).status_code == 422
    assert api(viewer).get("/api/v1/jobs/export", {"query": "a ("}).status_code == 422


def test_strangers_get_only_the_header(signed_in, stranger, jobs):
    assert len(table(b"".join(signed_in(stranger).get("/jobs/jobs.csv", ASKED)))) == 1

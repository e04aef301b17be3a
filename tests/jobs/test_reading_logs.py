"""What a page of log leaves behind: judged lines, points, and how far the job is."""

from datetime import UTC, datetime

import pytest

from aws.types import LogEvent, LogPage
from jobs import logs
from jobs.models import LogLine, MetricPoint, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def read(workspace, *lines, **fields):
    fields = {"name": "j", "aws_name": "j-1", "status": "InProgress"} | fields
    job = TrainingJob.objects.create(workspace=workspace, **fields)
    assert logs.keep(job, LogPage(tuple(LogEvent(AT, line) for line in lines), "next"))
    job.refresh_from_db()
    return job


def test_it_judges_lines_as_they_come(workspace):
    job = read(workspace, "[0]#011train-error:0.1", "[x:WARNING] y", "ValueError: no")
    levels = list(LogLine.objects.filter(job=job).values_list("level", flat=True))
    assert levels == ["info", "warning", "error"]


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters", "line", "done"),
    [
        ("kmeans", {"epochs": "10"}, "#progress_metric: host=a, completed 40 % of epochs", 4),
        ("blazingtext", {"mode": "supervised"}, "-------------- End of epoch: 3", 3),
        ("linear-learner", {}, "#progress_metric: host=a, completed 20.0 % of epochs", 3),
        ("pytorch", {"epochs": "8"}, "Epoch 6/8", 5),
    ],
)
def test_it_tells_how_far_the_job_is_without_a_metric(
    workspace, algorithm, hyperparameters, line, done
):
    job = read(workspace, line, algorithm=algorithm, hyperparameters=hyperparameters)
    assert job.rounds_done == done
    assert not MetricPoint.objects.exists()


def test_it_never_goes_back(workspace):
    page = ("Epoch 6/8", "Epoch 2/8")
    job = read(workspace, *page, algorithm="pytorch", hyperparameters={"epochs": "8"})
    assert logs.keep(job, LogPage((LogEvent(AT, "Epoch 1/8"),), "after"))
    job.refresh_from_db()
    assert job.rounds_done == 5

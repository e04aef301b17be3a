"""EventBridge's events in a queue: a change is seen at once, and no message can do harm."""

import json
import sqlite3

import pytest
from django.utils import timezone

from core import health_notes
from core.models import Heartbeat
from jobs import feed
from jobs.models import TrainingJob
from tests.jobs.conftest import inject
from tests.jobs.test_outside import launch

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ACCOUNT = "123456789012"


@pytest.fixture
def queue(own_console, settings):
    """(the queue's client, its address), configured for the workspace."""
    sqs = own_console.service.client("sqs")
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    settings.JOB_EVENT_QUEUES = {own_console.workspace.slug: url}
    return sqs, url


def event(name, **changes):
    """As EventBridge writes it."""
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/{name}"
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": "SageMaker Training Job State Change",
        "source": "aws.sagemaker",
        "account": ACCOUNT,
        "time": "2026-11-20T12:26:13Z",
        "region": "us-east-1",
        "resources": [arn],
        "detail": {"TrainingJobName": name, "TrainingJobArn": arn, "TrainingJobStatus": "Stopped"},
    } | changes


def send(queue, *messages):
    sqs, url = queue
    for message in messages:
        body = message if isinstance(message, str) else json.dumps(message)
        sqs.send_message(QueueUrl=url, MessageBody=body)


def drain(console):
    feed.drain(console.workspace, now=timezone.now())


def left(queue):
    """Messages still in the queue, visible or not."""
    sqs, url = queue
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return len(found.get("Messages", []))


def odd(workspace):
    name = f"odd:{health_notes.mirror_name(workspace, 'feed')}"
    return int(Heartbeat.objects.get(name=name).problem)


def test_it_sees_a_change_without_a_look(own_console, queue):
    launch(own_console, "by-hand")
    send(queue, event("by-hand"), event("by-hand"))  # at least once
    drain(own_console)
    job = TrainingJob.objects.get()
    # What AWS says counts, not what the message says.
    assert (job.aws_name, job.status, job.algorithm) == ("by-hand", "InProgress", "xgboost")
    assert job.inputs["train"]["uri"]
    assert left(queue) == 0

    own_console.service.client("sagemaker").stop_training_job(TrainingJobName="by-hand")
    send(queue, event("by-hand"))
    drain(own_console)
    job.refresh_from_db()
    assert job.status in {"Stopping", "Stopped"}
    status = job.status
    send(queue, event("by-hand", time="2020-01-01T00:00:00Z"))  # late and out of order
    drain(own_console)
    job.refresh_from_db()
    assert job.status in {status, "Stopped"}


def test_it_deletes_and_counts_what_is_not_ours(own_console, queue):
    send(
        queue,
        "not JSON",
        "[1, 2]",
        json.dumps({"source": "aws.sagemaker"}),
        event("other-account", account="999999999999"),
        event("other-region", region="eu-west-1"),
        event("other-kind", **{"detail-type": "SageMaker Endpoint State Change"}),
        event("../../etc/passwd"),
        event("nobody-knows-it"),  # ours in form; AWS has no such job
    )
    drain(own_console)
    assert left(queue) == 0
    assert odd(own_console.workspace) == 7
    assert not TrainingJob.objects.exists()


def test_a_message_comes_again_when_aws_could_not_be_asked(own_console, queue):
    launch(own_console, "by-hand")
    inject(own_console.service, {"operation": "DescribeTrainingJob", "kind": "throttle"})
    send(queue, event("by-hand"))
    drain(own_console)
    assert not TrainingJob.objects.exists()
    inject(own_console.service)
    store = sqlite3.connect(own_console.service.data / "localaws.sqlite3")
    with store:  # as after the thirty seconds for which SQS hides what was received
        assert store.execute("UPDATE sqs_messages SET visible = 0").rowcount == 1
    store.close()
    assert left(queue) == 1
    own_console.service.client("sagemaker").stop_training_job(TrainingJobName="by-hand")


def test_without_a_queue_it_asks_nobody(own_console, settings):
    settings.JOB_EVENT_QUEUES = {}
    drain(own_console)
    assert not Heartbeat.objects.exists()


def test_a_missing_queue_is_no_disaster(own_console, settings, caplog):
    url = f"{own_console.service.url}/{ACCOUNT}/gone"
    settings.JOB_EVENT_QUEUES = {own_console.workspace.slug: url}
    drain(own_console)
    assert "feed of job events fails" in caplog.text

import json
import re
import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from core import health
from core.models import Heartbeat
from core.tasks import CANARY, canary


@pytest.fixture(autouse=True)
def fresh():
    """No answer or connection remembered from another test."""
    health._identify.cache_clear()
    health._broker.cache_clear()


@pytest.fixture
def aws_at(monkeypatch):
    """`aws_at(port)` points AWS at a port of this machine."""

    def point(port):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDTEST")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setattr("aws.clients._clients", {})

    return point


def checks(response):
    return {line["check"]: line for line in map(json.loads, response.content.splitlines())}


def test_it_lives_without_a_database(client):
    response = client.get("/livez")
    assert response.status_code == 200
    assert response.content == b"ok\n"


def test_it_is_healthy_when_everything_answers(client, db, stack):
    canary()
    response = client.get("/healthz")
    assert response.status_code == 200
    assert [line["ok"] for line in checks(response).values()] == [True] * 5


def test_it_notices_that_no_worker_ever_ran(client, db, stack):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert checks(response)["worker"]["problem"] == "no worker has run the canary yet"


def test_it_notices_a_stalled_worker(client, db, stack):
    Heartbeat.objects.create(name=CANARY, at=timezone.now() - timedelta(seconds=60))
    response = client.get("/healthz")
    assert response.status_code == 503
    problem = checks(response)["worker"]["problem"]
    assert re.fullmatch(r"no worker has run the canary for 6\d s", problem)
    canary()
    assert client.get("/healthz").status_code == 200


def test_it_notices_a_broker_that_is_gone(client, db, settings, free_port):
    settings.REDIS_URL = f"redis://:hush@127.0.0.1:{free_port}/0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert checks(response)["broker"]["problem"] == "the broker does not answer"
    assert b"hush" not in response.content


def test_it_notices_an_aws_that_refuses_connections(client, workspace, stack, aws_at, free_port):
    aws_at(free_port)
    line = checks(client.get("/healthz"))["aws"]
    assert line["problem"].startswith("AWS ")


def test_it_does_not_wait_for_an_aws_that_hangs(client, workspace, stack, aws_at, monkeypatch):
    monkeypatch.setattr(health, "AWS_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        aws_at(silent.getsockname()[1])
        line = checks(client.get("/healthz"))["aws"]
    assert line["problem"] == "AWS does not answer within 0.2 s"
    assert line["ms"] < 2000

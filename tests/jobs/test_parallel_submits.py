"""Twenty parallel submits with one Idempotency-Key make one job."""

import threading

import pytest
from django.db import connections
from django.test import Client

from core import tokens
from jobs.models import TrainingJob
from tests.jobs.test_api import JOBS, post, wish

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("stack", "committed")]
AT_ONCE = 20


def test_it_makes_one_job_of_twenty_requests(member, workspace, prepared):
    _, secret = tokens.create(member, workspace, name="threads", scope="admin")
    body, gate, answers = wish(prepared), threading.Barrier(AT_ONCE), []

    def submit():
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        gate.wait()
        answers.append(post(client, JOBS, body, **{"Idempotency-Key": "twenty"}))
        connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert {answer.json()["id"] for answer in answers} == {TrainingJob.objects.get().uid}

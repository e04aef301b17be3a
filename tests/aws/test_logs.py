"""A job's log, page by page, however many machines wrote it."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from aws import errors, logs
from aws.clients import client

START = int(time.time() * 1000) - 60_000


def write(account, job, lines, *, instance=1, first=START, step=1_000):
    """`lines` into the stream of an instance, `step` milliseconds apart."""
    service = client(account, "logs")
    stream = f"{job}/algo-{instance}-1700000000"
    for make in (
        lambda: service.create_log_group(logGroupName=logs.TRAINING_GROUP),
        lambda: service.create_log_stream(logGroupName=logs.TRAINING_GROUP, logStreamName=stream),
    ):
        with suppress(service.exceptions.ResourceAlreadyExistsException):
            make()
    events: list[Any] = [
        {"timestamp": first + number * step, "message": line} for number, line in enumerate(lines)
    ]
    service.put_log_events(logGroupName=logs.TRAINING_GROUP, logStreamName=stream, logEvents=events)


def messages(page):
    return [event.message for event in page.events]


def test_it_shows_an_empty_page_before_the_first_line(account):
    page = logs.training_job_events(account, "never-logged")
    assert page.events == ()
    assert page.next_token == ""


def test_it_reads_from_the_beginning(moto, name):
    write(moto, name, ["one", "[0]#011train-auc:0.9"])
    page = logs.training_job_events(moto, name)
    assert messages(page) == ["one", "[0]#011train-auc:0.9"]
    assert page.events[0].at == datetime.fromtimestamp(START / 1000, tz=UTC)


def test_it_reads_on_from_a_token(moto, name):
    write(moto, name, [f"line {number}" for number in range(5)])
    first = logs.training_job_events(moto, name, limit=3)
    second = logs.training_job_events(moto, name, next_token=first.next_token, limit=3)
    third = logs.training_job_events(moto, name, next_token=second.next_token, limit=3)
    assert messages(first) == ["line 0", "line 1", "line 2"]
    assert messages(second) == ["line 3", "line 4"]
    assert third.events == ()
    assert third.next_token == second.next_token
    write(moto, name, ["late"], first=START + 10_000)
    assert messages(logs.training_job_events(moto, name, next_token=third.next_token)) == ["late"]


def test_it_reads_the_end_and_on(moto, name):
    write(moto, name, [f"line {number}" for number in range(5)])
    end = logs.training_job_events(moto, name, limit=2, tail=True)
    assert messages(end) == ["line 3", "line 4"]
    write(moto, name, ["late"], first=START + 10_000)
    after = logs.training_job_events(moto, name, next_token=end.next_token, tail=True)
    assert messages(after) == ["late"]


def test_it_weaves_the_instances_together(moto, name):
    write(moto, name, ["a0", "a1"], instance=1)
    write(moto, name, ["b0", "b1"], instance=2, first=START + 500)
    assert messages(logs.training_job_events(moto, name)) == ["a0", "b0", "a1", "b1"]


def test_it_reads_only_the_job_itself(moto, name):
    write(moto, name, ["mine"])
    write(moto, f"{name}-2", ["of another job whose name begins the same"])
    assert messages(logs.training_job_events(moto, name)) == ["mine"]


def test_it_stays_where_it_was_when_the_log_is_gone(scripted):
    scripted.fails("ResourceNotFoundException", "The specified log group does not exist.")
    page = logs.training_job_events(scripted.account, "job", next_token='{"job/algo-1-1": "f/3"}')
    assert (page.events, page.next_token) == ((), '{"job/algo-1-1": "f/3"}')


@pytest.mark.parametrize("token", ["f/123", "[]", "7"])
def test_it_refuses_a_foreign_token(scripted, token):
    with pytest.raises(errors.Invalid):
        logs.training_job_events(scripted.account, "job", next_token=token)
    assert scripted.requests == []

"""Live pages: a change after commit reaches the pages that show the object, and nobody else."""

import asyncio

import pytest
from django.db import transaction

from core import events, live, states
from core.events import RESYNC, Subscriber
from jobs.models import TrainingJob


@pytest.fixture
def job(transactional_db, workspace):
    return TrainingJob.objects.create(workspace=workspace, name="churn", status="Requested")


async def heard(topics, workspaces, act, *, count=1, seconds=5.0):
    """The first `count` topics after `act()`, behind the resync that starts every subscription."""
    stream = events.subscribe(frozenset(topics), frozenset(workspaces))
    async with asyncio.timeout(seconds):
        assert await anext(stream) == RESYNC
        await asyncio.get_running_loop().run_in_executor(None, act)
        found = [await anext(stream) for _ in range(count)]
    await stream.aclose()
    return found


def listen(*args, **kwargs):
    events.hub = events.Hub()
    return asyncio.run(heard(*args, **kwargs))


def test_a_change_reaches_the_page_of_the_object_and_the_list(stack, job):
    def change():
        live.announce(job.workspace_id, "job", job.uid)

    assert listen({f"job:{job.uid}"}, {job.workspace_id}, change) == [f"job:{job.uid}"]
    assert listen({"jobs"}, {job.workspace_id}, change) == ["jobs"]


def test_a_page_that_joins_others_is_told_to_catch_up(stack, job):
    """What changed between the page's making and its stream's opening would be lost otherwise."""

    async def second_page():
        topics, workspaces = frozenset({"jobs"}), frozenset({job.workspace_id})
        first = events.subscribe(topics, workspaces)
        assert await anext(first) == RESYNC
        second = events.subscribe(topics, workspaces)
        found = await asyncio.wait_for(anext(second), 2)
        await first.aclose()
        await second.aclose()
        return found

    events.hub = events.Hub()
    assert asyncio.run(second_page()) == RESYNC


def test_other_objects_and_other_workspaces_stay_silent(stack, job):
    def changes():
        live.announce(job.workspace_id + 1, "job", job.uid)
        live.announce(job.workspace_id, "job", "other")
        live.announce(job.workspace_id, "endpoint", job.uid)
        live.announce(job.workspace_id, "job", job.uid)

    assert listen({f"job:{job.uid}"}, {job.workspace_id}, changes) == [f"job:{job.uid}"]


def test_nothing_is_announced_before_the_commit(stack, job):
    order = []

    def change():
        with transaction.atomic():
            states.advance(job, frm="Requested", to="InProgress")
            order.append("advanced")
        order.append("committed")

    listen({"jobs"}, {job.workspace_id}, change)
    assert order == ["advanced", "committed"]


def test_a_rolled_back_change_is_not_announced(stack, job):
    def change():
        with transaction.atomic():
            states.advance(job, frm="Requested", to="InProgress")
            transaction.set_rollback(True)
        live.announce(job.workspace_id, "job", "marker")

    topics = {f"job:{job.uid}", "job:marker"}
    assert listen(topics, {job.workspace_id}, change) == ["job:marker"]


def test_a_page_that_falls_behind_is_told_to_fetch_everything():
    subscriber = Subscriber(frozenset({"jobs"}), frozenset({1}))
    for number in range(events.WAITING + 1):
        subscriber.offer(1, "job", str(number))
    assert subscriber.queue.qsize() == 1
    assert subscriber.queue.get_nowait() == RESYNC


def test_a_change_with_the_broker_down_is_still_made(job, settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    live._connection.cache_clear()
    try:
        assert states.advance(job, frm="Requested", to="InProgress")
        live._send("{}")
    finally:
        live._connection.cache_clear()
    assert "live update not sent" in caplog.text


def test_a_stranger_gets_no_stream(client, db):
    assert client.get("/events?topic=jobs").status_code == 404

"""Killed between any two steps a clean-up goes on; of many operators each endpoint has one."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from core.models import AuditEvent
from endpoints import cleanup, mirror, recheck
from endpoints.models import Cleanup, CleanupItem, Endpoint, Saving
from endpoints.tasks import sweep_endpoints
from tests.endpoints.conftest import confirm, fresh, in_service, now, until
from tests.endpoints.test_crashes import names_at_aws, swept_and_killed
from tests.jobs.conftest import committed  # noqa: F401  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]


@pytest.mark.parametrize(
    "failpoint",
    [
        "endpoints.delete.after_last_look",
        "endpoints.delete.after_call",
        "endpoints.delete.after_endpoint",
        "endpoints.delete.after_config",
    ],
)
def test_a_clean_up_goes_on_after_a_kill(aws, who, requested, failpoint):
    endpoint = in_service(requested())
    # Without grace: what was made a moment ago may go, as long as it is silent.
    plan = Cleanup.objects.create(
        workspace=endpoint.workspace, name="all", window_days=1, grace_days=0
    )
    item = CleanupItem.objects.create(cleanup=plan, endpoint=endpoint, verdict="idle")
    confirm(who, plan, now(), endpoints=1)

    def killed():
        Endpoint.objects.update(next_check_at=now())
        return swept_and_killed(aws, failpoint)

    until(lambda: None, killed)

    def work():
        Endpoint.objects.update(next_check_at=now())
        sweep_endpoints()
        mirror.look(endpoint.workspace, now())

    until(work, lambda: Cleanup.objects.exclude(ended_at=None).exists())
    item.refresh_from_db()
    assert (item.state, item.reason) == ("deleted", "")
    assert names_at_aws(aws, endpoint.uid) == ([], 0)
    assert Saving.objects.filter(endpoint=endpoint).count() == 1
    events = AuditEvent.objects.filter(action__in=["endpoint.delete", "cleanup.delete"])
    told = Counter(events.values_list("action", "phase"))
    assert set(told.values()) == {1}
    assert len(told) == 4


def test_of_many_operators_one_deletes_each(who, workspace, make_endpoint):
    long_ago = now() - timedelta(days=40)
    told = {"at": now().isoformat(), "window_days": 30, "invocations": {"AllTraffic": 0.0}}
    for number in range(3):
        make_endpoint(f"e{number}", aws_created_at=long_ago, aws_modified_at=long_ago, traffic=told)
    plans = [cleanup.plan(who, workspace, now(), rule=recheck.IfIdle()) for _ in range(4)]
    problems = []

    def operate(plan):
        try:
            confirm(who, plan, now(), endpoints=3)
        except Exception as error:  # noqa: BLE001  # told by the test itself
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=operate, args=(plan,)) for plan in [*plans, *plans]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert problems == []
    states = Counter(CleanupItem.objects.values_list("state", flat=True))
    assert states == {"deleting": 3, "skipped": 9}
    asked = AuditEvent.objects.filter(action="endpoint.delete", phase="intent")
    assert asked.count() == 3
    assert all(fresh(row).delete_requested_at for row in Endpoint.objects.all())

"""Killed between any two steps a policy goes on; of many workers one makes a run, one deletes."""

import threading
from collections import Counter

import pytest
from django.db import connection

from core import access
from core.models import AuditEvent
from endpoints import mirror, policies, policy_runs
from endpoints.models import Cleanup, CleanupItem, Endpoint, Notice, Policy
from endpoints.tasks import sweep_endpoints, sweep_policies
from tests.endpoints.conftest import fresh, in_service, now, until
from tests.endpoints.policy_lab import (  # noqa: F401  # fixtures among them
    asked,
    chief,
    lab_of_policies,
)
from tests.endpoints.test_crashes import names_at_aws, swept_and_killed
from tests.jobs.conftest import committed  # noqa: F401  # a fixture

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.usefixtures("committed")]
KILLS = [
    "endpoints.policies.after_taking",
    "endpoints.notices.after_claim",
    "endpoints.notices.after_sending",
    "endpoints.policies.after_step",
]


def test_it_goes_on_after_a_kill_at_each_step(aws, chief, requested, settings):  # noqa: F811
    settings.PUBLIC_URL = "https://console.example.com"
    endpoint = in_service(requested())
    policy = policies.create(chief, {"name": "nightly", "emails": ["ops@example.com"]}, now())
    policies.make_earnest(chief, policy, "nightly")
    # Without grace and wait: what was made a moment ago goes at once, as long as it is silent.
    Policy.objects.update(grace_days=0, wait_days=0, next_run_at=now())
    for failpoint in KILLS:
        Notice.objects.filter(sent_at=None).update(next_try_at=now())  # the dead one's lease ends
        assert swept_and_killed(aws, failpoint, "sweep_policies", PUBLIC_URL=settings.PUBLIC_URL), (
            failpoint
        )
        if failpoint == KILLS[0]:
            assert not Cleanup.objects.exists()
            assert fresh(policy).next_run_at <= now()
    run = Cleanup.objects.get()
    until(work(endpoint), lambda: Cleanup.objects.exclude(ended_at=None).exists())
    item = run.items.get()
    assert (item.state, item.reason) == ("deleted", "")
    assert names_at_aws(aws, endpoint.uid) == ([], 0)
    notice = Notice.objects.get()
    assert (bool(notice.sent_at), notice.attempts) == (True, 3)
    events = AuditEvent.objects.filter(action__in=["endpoint.delete", "cleanup.delete"])
    told = Counter(events.values_list("action", "phase"))
    assert (set(told.values()), len(told)) == ({1}, 4)


def work(endpoint):
    def once():
        Endpoint.objects.update(next_check_at=now())
        Notice.objects.filter(sent_at=None).update(next_try_at=now())
        sweep_policies()
        sweep_endpoints()
        mirror.look(endpoint.workspace, now())

    return once


def test_of_many_workers_one_makes_the_run_and_one_asks(lab_of_policies):  # noqa: F811
    lab = lab_of_policies
    for number in range(3):
        lab.idler(f"e{number}")
    policy, problems = lab.policy(wait_days=1), []
    Policy.objects.update(next_run_at=lab.at)

    def at_once(step):
        def safely(barrier):
            try:
                barrier.wait(20)
                step()
            except Exception as error:  # noqa: BLE001  # told by the test itself
                problems.append(error)
            finally:
                connection.close()

        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=safely, args=(barrier,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    at_once(lambda: [policy_runs.run(one, lab.at) for one in policy_runs.due(lab.at)])
    assert (problems, Cleanup.objects.count(), Notice.objects.count()) == ([], 1, 3)
    at_once(lab.sweep)
    lab.later(days=1)
    at_once(lab.sweep)
    assert problems == []
    assert set(CleanupItem.objects.values_list("state", flat=True)) == {"deleting"}
    assert len(asked()) == 3
    told = AuditEvent.objects.values_list("action", "phase")
    assert Counter(told)["endpoint.delete", "intent"] == 3
    assert Counter(told)["notice.send", "outcome"] == 3
    assert access.actor(lab.who.user).workspace == policy.workspace

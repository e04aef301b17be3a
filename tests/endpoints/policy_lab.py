"""A workspace with a policy: rows that idle, a mailbox, and time that tests move."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail

from core import access
from core.access import Actor
from endpoints import cleanup, notices, policies, policy_runs
from endpoints.models import Cleanup, CleanupItem, Endpoint, Policy
from tests.endpoints.conftest import fresh, now


def silent(at, **more) -> dict[str, Any]:
    """CloudWatch's complete answer of no calls, as a row keeps it."""
    counts = {"AllTraffic": 0.0}
    return {"at": at.isoformat(), "window_days": 30, "invocations": counts, "last_at": ""} | more


@dataclass
class PolicyLab:
    who: Actor
    make_endpoint: Any
    at: datetime = field(default_factory=now)

    def policy(self, *, earnest=True, **wishes) -> Policy:
        wishes = {"name": "nightly", "emails": ["ops@example.com"]} | wishes
        policy = policies.create(self.who, wishes, self.at)
        return policies.make_earnest(self.who, policy, policy.name) if earnest else policy

    def idler(self, name="ep", **fields):
        """A row that idles by its numbers; nothing behind it at AWS."""
        long_ago = self.at - timedelta(days=40)
        values = {"aws_created_at": long_ago, "aws_modified_at": long_ago}
        values["traffic"] = silent(self.at)
        return self.make_endpoint(name, **(values | fields))

    def later(self, **span):
        """Time passes, and CloudWatch goes on telling of no calls."""
        self.at += timedelta(**span)
        for row in Endpoint.objects.exclude(traffic=None):
            told = row.traffic | {"at": self.at.isoformat()}
            Endpoint.objects.filter(pk=row.pk).update(traffic=told)

    def run(self, policy: Policy) -> Cleanup:
        Policy.objects.filter(pk=policy.pk).update(next_run_at=self.at)
        made = policy_runs.run(fresh(policy), self.at)
        assert made
        return made

    def sweep(self) -> None:
        """What a worker does again and again, without a run."""
        notices.send_due(self.at)
        policy_runs.go_on(self.at)
        cleanup.settle(self.at)

    def told(self, policy: Policy, **idler) -> CleanupItem:
        """An endpoint that idles, whose notices are sent."""
        self.idler(**idler)
        run = self.run(policy)
        self.sweep()
        return run.items.get()


def states(run) -> dict[str, tuple[str, str]]:
    """(state, reason) by endpoint."""
    rows = CleanupItem.objects.filter(cleanup=run).select_related("endpoint")
    return {item.endpoint.name: (item.state, item.reason) for item in rows}


def asked() -> list[str]:
    """The endpoints whose deletion was asked for."""
    rows = Endpoint.objects.exclude(delete_requested_at=None)
    return sorted(rows.values_list("name", flat=True))


@pytest.fixture
def chief(admin: User, workspace) -> Actor:
    return access.actor(admin, slug=workspace.slug)


@pytest.fixture
def lab_of_policies(chief, make_endpoint, settings) -> PolicyLab:
    settings.PUBLIC_URL = "https://console.example.com"
    mail.outbox.clear()
    return PolicyLab(chief, make_endpoint)

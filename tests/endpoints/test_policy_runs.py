"""A policy deletes only what it told somebody of, waited for, and finds idle once more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from core.errors import Conflict
from core.models import AuditEvent, Membership, Role
from endpoints import cleanup, policies, policy_runs, protect
from endpoints.models import Cleanup, Endpoint, Notice, Policy
from tests.endpoints.conftest import fresh
from tests.endpoints.policy_lab import (  # noqa: F401  # fixtures among them
    asked,
    chief,
    lab_of_policies,
    silent,
    states,
)


@pytest.fixture
def lab(lab_of_policies):  # noqa: F811  # that fixture
    return lab_of_policies


def test_it_is_a_dry_run_until_somebody_types_its_name(lab):
    policy = lab.policy(earnest=False)
    lab.idler()
    run = lab.run(policy)
    assert (run.is_dry_run, states(run)) == (True, {"ep": ("planned", "")})
    lab.later(days=9)
    lab.sweep()
    assert (asked(), mail.outbox, Notice.objects.count()) == ([], [], 0)
    with pytest.raises(Conflict, match="run of a policy"):
        cleanup.confirm(lab.who, run, lab.at, endpoints=1, shown=cleanup.seal(run))
    with pytest.raises(policies.InvalidFields):
        policies.make_earnest(lab.who, policy, "nightl")
    assert fresh(policy).is_dry_run


def test_it_tells_waits_and_then_asks_for_the_deletion(lab):
    policy = lab.policy(wait_days=4)
    run = lab.run(policy) if lab.idler() else None
    assert states(run) == {"ep": ("notified", "")}
    lab.sweep()
    (message,) = mail.outbox
    assert message.to == ["ops@example.com"]
    assert "The endpoint ep idles" in message.subject
    assert "No call in 14 days" in message.body
    assert "https://console.example.com/k/" in message.body
    lab.later(days=3, hours=23)
    lab.sweep()
    assert asked() == []
    lab.later(hours=1)
    lab.sweep()
    assert asked() == ["ep"]
    row = Endpoint.objects.get()
    assert row.only_if_idle
    assert row.leftovers[0]["window_days"] == 14
    assert states(run)["ep"][0] == "deleting"
    assert len(mail.outbox) == 1
    phases = AuditEvent.objects.filter(action__in=["cleanup.delete", "endpoint.delete"])
    assert list(phases.values_list("phase", flat=True)) == ["intent", "intent"]


def test_the_cap_takes_the_dearest_and_says_the_rest(lab):
    policy = lab.policy(cap=2)
    for name, usd in (("cheap", 0.1), ("dear", 9.0), ("middle", 1.0), ("unpriced", None)):
        lab.idler(name, hourly_cost=usd)
    lab.idler("kept", hourly_cost=99.0, aws_tags={"protected": "true"})
    found = states(lab.run(policy))
    going = [name for name, (state, _) in found.items() if state == "notified"]
    assert going == ["dear", "middle"]
    assert found["cheap"] == found["unpriced"]
    assert found["cheap"] == ("skipped", "over the cap: a run takes at most 2.")


def test_it_is_about_what_its_names_and_tags_say(lab):
    policy = lab.policy(
        name_contains="DEMO", with_tags={"env": "dev", "team": ""}, without_tags={"keep": ""}
    )
    right = {"env": "dev", "team": "a"}
    lab.idler("demo-1", aws_tags=right)
    lab.idler("other", aws_tags=right)
    lab.idler("demo-2", aws_tags={"env": "prod", "team": "a"})
    lab.idler("demo-3", aws_tags={"env": "dev"})
    lab.idler("demo-4", aws_tags=right | {"keep": "please"})
    found = states(lab.run(policy))
    assert found == {
        "demo-1": ("notified", ""),
        "demo-4": ("skipped", "its tag keep keeps it from this."),
    }
    lab.sweep()
    lab.later(days=5)
    lab.sweep()
    kept = fresh(Endpoint.objects.get(name="demo-1")).leftovers[0]
    assert (kept["with_tags"], kept["without_tags"]) == ({"env": "dev", "team": ""}, {"keep": ""})


def test_few_calls_may_count_as_none(lab):
    counts = {"window_days": 14, "invocations": {"AllTraffic": 6.0}}
    lab.idler("rare", traffic=silent(lab.at, **counts))
    lab.idler("queue", traffic=silent(lab.at, waiting=2.0, **counts))
    assert states(lab.run(lab.policy())) == {}
    (item,) = lab.run(lab.policy(name="quiet ones", quiet_below=0.5)).items.all()
    assert (item.endpoint.name, item.state) == ("rare", "notified")
    assert "6 calls in 14 days, fewer than 0.5 a day" in item.evidence


def busy(row, lab):
    row.traffic = silent(lab.at, invocations={"AllTraffic": 900.0})


def updated(row, lab):
    row.aws_modified_at = lab.at


def protected(row, lab):
    protect.protect(lab.who, row, lab.at, reason="the demo")


def snoozed(row, lab):
    protect.snooze(lab.who, row, lab.at, weeks=1)


def tagged(row, _lab):
    row.aws_tags = {"mlconsole:protected": "yes"}


def deleted(row, _lab):
    row.status = "Deleted"


@pytest.mark.parametrize(
    ("happens", "word"),
    [
        (busy, "it is busy now"),
        (updated, "too young"),
        (protected, "the demo"),
        (snoozed, "snoozed"),
        (tagged, "its tag mlconsole:protected"),
        (deleted, "somebody else"),
    ],
)
def test_what_changes_while_it_waits_stays(lab, happens, word):
    item = lab.told(lab.policy())
    row = fresh(item.endpoint)
    happens(row, lab)
    row.save()
    lab.sweep()
    ((state, reason),) = states(item.cleanup).values()
    assert (state, word in reason) == ("skipped", True), reason
    assert asked() == []
    assert Cleanup.objects.get().ended_at


@pytest.mark.parametrize(
    "stop",
    [
        lambda lab, policy: policies.pause(lab.who, policy, lab.at),
        lambda lab, policy: policies.make_dry(lab.who, policy, lab.at),
        lambda lab, policy: policies.remove(lab.who, policy, lab.at),
        lambda lab, policy: policies.change(lab.who, policy, {"window_days": 7}, lab.at),
    ],
    ids=["pause", "dry", "remove", "change"],
)
def test_whoever_stops_the_policy_stops_what_waits(lab, stop):
    policy = lab.policy()
    item = lab.told(policy)
    stop(lab, policy)
    item.refresh_from_db()
    assert (item.state, "its policy" in item.reason) == ("skipped", True)
    assert fresh(policy).is_dry_run
    lab.later(days=9)
    lab.sweep()
    assert asked() == []


def test_a_policy_that_was_stopped_behind_its_back_stops_too(lab):
    item = lab.told(lab.policy())
    Policy.objects.update(is_enabled=False)
    lab.later(days=9)
    lab.sweep()
    assert states(item.cleanup)["ep"] == ("skipped", "its policy was stopped.")


def test_what_waits_is_not_told_again_by_another_run(lab):
    policy = lab.policy()
    lab.told(policy)
    lab.later(days=1)
    assert states(lab.run(policy)) == {"ep": ("skipped", cleanup.TOLD)}
    plan = cleanup.plan(lab.who, policy.workspace, lab.at, rule=policy_runs.rule_of(policy))
    assert states(plan) == {"ep": ("skipped", cleanup.TOLD)}


def test_the_owner_is_told_while_they_belong_to_the_workspace(lab, member, workspace):
    member.email = "bob@example.com"
    member.save()
    policy = lab.policy(emails=[])
    lab.idler("mine", created_by=member)
    lab.idler("outside")
    found = states(lab.run(policy))
    assert found == {"mine": ("notified", ""), "outside": ("skipped", policy_runs.NOBODY)}
    lab.sweep()
    assert mail.outbox[0].to == ["bob@example.com"]
    Membership.objects.filter(user=member).delete()
    lab.idler("left", created_by=member)
    assert states(lab.run(policy))["left"] == ("skipped", policy_runs.NOBODY)
    assert Membership.objects.filter(workspace=workspace, role=Role.ADMIN).exists()


def test_it_runs_once_a_day_at_its_hour(lab):
    policy = lab.policy(hour=6)
    morning = datetime(2030, 5, 5, 5, 59, tzinfo=UTC)
    assert policy_runs.next_at(6, morning) == morning + timedelta(minutes=1)
    assert policy_runs.next_at(6, morning + timedelta(minutes=1)) == datetime(
        2030, 5, 6, 6, tzinfo=UTC
    )
    Policy.objects.update(next_run_at=morning - timedelta(days=3))
    first, second = (fresh(policy) for _ in range(2))
    assert policy_runs.run(first, morning)
    assert policy_runs.run(second, morning) is None
    assert not policy_runs.due(morning).exists()
    assert Cleanup.objects.count() == 1
    policies.pause(lab.who, policy, morning)
    assert not policy_runs.due(morning + timedelta(days=2)).exists()


PROBLEM = {"traffic_problem": "CloudWatch refused."}


@pytest.mark.parametrize(
    "doubt",
    [
        lambda lab: PROBLEM,
        lambda lab: PROBLEM | {"traffic": None},
        lambda lab: {"traffic": None},
        lambda lab: {"traffic": silent(lab.at, window_days=3)},
        lambda lab: {"traffic": silent(lab.at, invocations={"other": 0.0})},
        lambda lab: {"traffic": silent(lab.at - timedelta(hours=2))},
        lambda lab: {"variants": []},
        lambda lab: {"aws_created_at": None, "aws_modified_at": None},
        lambda lab: {"status": "SystemUpdating"},
    ],
    ids=["denied", "never", "none", "short", "variant", "stale", "no-variants", "no-age", "busy"],
)
@pytest.mark.parametrize("few", [0, 5])
def test_what_is_unknown_is_never_told_nor_gone(lab, doubt, few):
    """What turns unknown while it waits is left to AWS's own word: `recheck` asks for it."""
    policy = lab.policy(quiet_below=few)
    row = lab.idler()
    Endpoint.objects.filter(pk=row.pk).update(**doubt(lab))
    assert states(lab.run(policy)) == {}
    Endpoint.objects.filter(pk=row.pk).delete()
    item = lab.told(policy, name="later")
    lab.later(days=4)
    Endpoint.objects.filter(pk=item.endpoint_id).update(**doubt(lab))
    lab.sweep()
    assert states(item.cleanup)["later"][0] == "deleting"
    assert fresh(item.endpoint).only_if_idle

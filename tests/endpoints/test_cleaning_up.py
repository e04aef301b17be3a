"""What idles is deleted only as shown, and only while AWS itself still shows it idle."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Conflict, InvalidFields
from core.models import AuditEvent, Heartbeat
from endpoints import cleanup, delete, mirror, protect, recheck, recreate, savings, traffic
from endpoints.models import Cleanup, CleanupItem, Endpoint, RegisteredModel, Saving
from endpoints.tasks import _advance_deletions
from tests.endpoints.conftest import confirm, fresh, in_service, now, until

RULE = recheck.IfIdle()
LATER = timedelta(days=20)  # when what is made in a test is old enough


def silent(at, **more):
    counts = {"AllTraffic": 0.0}
    return {"at": at.isoformat(), "window_days": 30, "invocations": counts, "last_at": ""} | more


@pytest.fixture
def make_idle(make_endpoint):
    """A row that idles by its numbers; nothing behind it at AWS."""

    def make(name="ep", **fields):
        long_ago = now() - timedelta(days=40)
        values = {
            "aws_created_at": long_ago,
            "aws_modified_at": long_ago,
            "traffic": silent(now()),
        }
        return make_endpoint(name, **(values | fields))

    return make


@pytest.fixture
def stand(aws, lab, artifact, workspace):
    """`stand(name)` is an endpoint that a notebook made, idle by the rows' numbers in `LATER`."""

    def make(name):
        lab.model(f"{name}-model", artifact)
        lab.config(f"{name}-config", **{f"{name}-model": 1.0})
        lab.endpoint(name, f"{name}-config")
        Heartbeat.objects.all().delete()
        mirror.look(workspace, now())
        row = Endpoint.objects.active().get(aws_name=name)
        variant = row.variants[0]["name"]
        told = silent(now() + LATER, invocations={variant: 0.0})
        Endpoint.objects.filter(pk=row.pk).update(traffic=told, hourly_cost=0.2)
        return fresh(row)

    return make


def states(plan):
    return {item.endpoint.name: item.state for item in plan.items.select_related("endpoint")}


def confirmed(who, workspace, at=None):
    """A plan of all that idles, confirmed."""
    at = at or now()
    plan = cleanup.plan(who, workspace, at, rule=RULE)
    planned = plan.items.filter(state="planned").count()
    confirm(who, plan, at, endpoints=planned)
    return plan


def work(at):
    """What sweep does, once."""
    Endpoint.objects.update(next_check_at=now())
    _advance_deletions(Endpoint.objects.all(), at)
    cleanup.settle(at)


def test_it_plans_the_idle_ones_and_says_what_blocks(who, workspace, make_idle, make_endpoint):
    make_idle("dear", hourly_cost=2.0)
    make_idle("cheap", hourly_cost=0.1)
    make_idle("kept", protected_until=protect.FOR_GOOD, protected_reason="demo")
    make_idle("later", snoozed_until=now() + timedelta(days=3))
    make_idle("tagged", aws_tags={"protected": "true"})
    make_idle("busy", traffic=silent(now(), invocations={"AllTraffic": 900.0}))
    make_endpoint("unknown")
    plan = cleanup.plan(who, workspace, now(), rule=RULE)
    found = {item.endpoint.name: (item.state, item.reason) for item in plan.items.all()}
    assert found["dear"] == found["cheap"] == ("planned", "")
    assert next(iter(states(plan))) == "dear"
    assert "demo" in found["kept"][1]
    assert "snoozed" in found["later"][1]
    assert "tag protected" in found["tagged"][1]
    assert set(found) == {"dear", "cheap", "kept", "later", "tagged"}
    assert not Endpoint.objects.exclude(delete_requested_at=None).exists()


def test_the_cap_takes_the_dearest(who, workspace, make_idle):
    for number in range(4):
        make_idle(f"e{number}", hourly_cost=float(number))
    plan = cleanup.plan(who, workspace, now(), rule=RULE, cap=2)
    by_state = plan.items.filter(state="planned").values_list("endpoint__name", flat=True)
    assert set(by_state) == {"e3", "e2"}
    with pytest.raises(InvalidFields):
        cleanup.plan(who, workspace, now(), rule=RULE, cap=cleanup.MAX_CAP + 1)


def test_another_number_confirms_nothing(who, workspace, make_idle):
    make_idle()
    plan = cleanup.plan(who, workspace, now(), rule=RULE)
    with pytest.raises(InvalidFields):
        confirm(who, plan, now(), endpoints=2)
    with pytest.raises(Conflict):
        confirm(who, plan, now() + timedelta(hours=2), endpoints=1)
    assert states(plan) == {"ep": "planned"}


def test_only_what_was_shown_is_confirmed(who, workspace, make_idle):
    row = make_idle()
    plan, other = (cleanup.plan(who, workspace, now(), rule=RULE) for _ in range(2))
    shown = cleanup.seal(plan)
    assert shown != cleanup.seal(other)
    Endpoint.objects.filter(pk=row.pk).update(config_name="newer-config")
    for wrong in (shown, cleanup.seal(other), ""):
        with pytest.raises(Conflict, match="shown"):
            cleanup.confirm(who, plan, now(), endpoints=1, shown=wrong)
    assert states(plan) == {"ep": "planned"}
    assert fresh(row).delete_requested_at is None
    assert len(confirm(who, plan, now(), endpoints=1)) == 1


def test_a_second_click_and_a_second_operator_ask_for_nothing_more(who, workspace, make_idle):
    make_idle()
    mine, theirs = (cleanup.plan(who, workspace, now(), rule=RULE) for _ in range(2))
    again = Cleanup.objects.get(pk=mine.pk)
    assert len(confirm(who, mine, now(), endpoints=1)) == 1
    assert confirm(who, again, now(), endpoints=1) == []
    assert confirm(who, theirs, now(), endpoints=1) == []
    assert (states(mine), states(theirs)) == ({"ep": "deleting"}, {"ep": "skipped"})
    intents = AuditEvent.objects.filter(action="endpoint.delete", phase="intent")
    assert intents.count() == 1
    cleanup.settle(now())
    assert fresh_plan(theirs).ended_at
    assert not fresh_plan(mine).ended_at


def fresh_plan(plan):
    return Cleanup.objects.get(pk=plan.pk)


def test_it_deletes_what_idles_and_counts_what_it_saves(stand, aws, who, workspace):
    row = stand("idler")
    at = now() + LATER
    plan = confirmed(who, workspace, at)
    until(lambda: work(at), lambda: states(plan) == {"idler": "deleted"})
    assert fresh_plan(plan).ended_at
    gone = fresh(row)
    assert gone.status == "Deleted"
    assert Saving.objects.get(endpoint=gone).hourly_usd == 0.2
    (variant,) = gone.recipe["variants"]
    assert (variant["model"], variant["weight"]) == ("idler-model", 1.0)
    assert gone.recipe["models"]["idler-model"]["image"]
    assert aws.client("sagemaker").list_endpoints(NameContains="idler")["Endpoints"] == []
    phases = AuditEvent.objects.filter(action="cleanup.delete").order_by("id")
    assert [event.phase for event in phases] == ["intent", "outcome"]
    assert phases[1].detail["results"] == {"idler": "deleted"}


def called(lab, row, _who):
    lab.ask(row.aws_name, ",".join(map(str, lab.features[500])).encode())


def updated(lab, row, _who):
    model = row.variants[0]["model"]
    lab.config("newer-config", **{model: 1.0})
    lab.sagemaker.update_endpoint(EndpointName=row.aws_name, EndpointConfigName="newer-config")
    lab.settled(row.aws_name, "InService")


def recreated(lab, row, _who):
    lab.sagemaker.delete_endpoint(EndpointName=row.aws_name)
    named = {"NameContains": row.aws_name}
    until(lambda: None, lambda: not lab.sagemaker.list_endpoints(**named)["Endpoints"])
    lab.endpoint(row.aws_name, row.config_name)


def tagged(lab, row, _who):
    tags = [{"Key": protect.OWN_TAG, "Value": "team"}]
    lab.sagemaker.add_tags(ResourceArn=row.arn, Tags=tags)


def protected(_lab, row, who):
    protect.protect(who, row, now(), reason="the demo needs it")


def snoozed(_lab, row, who):
    protect.snooze(who, row, now() + LATER, weeks=1)


def elsewhere(_lab, row, _who):
    arn = row.arn.replace(row.arn.split(":")[4], "999999999999")
    Endpoint.objects.filter(pk=row.pk).update(arn=arn)


@pytest.mark.parametrize(
    ("happens", "word"),
    [
        (updated, "updated to newer-config"),
        (recreated, "another endpoint has its name"),
        (tagged, "tag mlconsole:protected"),
        (protected, "the demo needs it"),
        (snoozed, "snoozed"),
        (elsewhere, "credentials"),
    ],
)
def test_what_changed_since_the_preview_stays(stand, lab, who, workspace, happens, word):
    row = stand(f"ep-{happens.__name__}")
    at = now() + LATER
    plan = confirmed(who, workspace, at)
    happens(lab, row, who)
    until(lambda: work(at), lambda: fresh_plan(plan).ended_at)
    (item,) = plan.items.all()
    assert (item.state, word in item.reason) == ("skipped", True), item.reason
    assert fresh(row).delete_requested_at is None
    names = [e["EndpointName"] for e in lab.sagemaker.list_endpoints()["Endpoints"]]
    assert row.aws_name in names
    assert not Saving.objects.exists()


def test_traffic_since_the_preview_keeps_it(stand, lab, who, workspace):
    row = stand("woken")
    at = now() + LATER
    # Its numbers say idle; one call arrives after them, and AWS knows of it.
    plan = confirmed(who, workspace, at)
    called(lab, row, who)

    def counted():
        told = traffic.read(workspace, [row], now() + timedelta(minutes=2), window_days=14)
        return sum(told[row.pk]["invocations"].values())

    until(lambda: None, counted)
    until(lambda: work(at - timedelta(days=10)), lambda: fresh_plan(plan).ended_at)
    (item,) = plan.items.all()
    assert item.state == "skipped"
    assert "1 call" in item.reason, item.reason
    assert fresh(row).status == "InService"


def test_what_is_busy_at_aws_is_never_waited_for(stand, aws, who, workspace):
    row = stand("patched")
    at = now() + LATER
    plan = confirmed(who, workspace, at)
    seen = recheck.sagemaker.describe_endpoint(row.workspace.account, row.aws_name)
    known = fresh(row).leftovers[0]
    patched = replace(seen, status="SystemUpdating")
    with pytest.raises(recheck.CalledOff, match="unknown"):
        recheck.to_go(fresh(row), patched, known, at)
    assert states(plan) == {"patched": "deleting"}


def test_a_protected_one_is_not_deleted_by_hand_either(who, make_idle):
    row = make_idle()
    protect.protect(who, row, now(), reason="demo", until=now() + timedelta(days=1))
    with pytest.raises(Conflict, match="demo"):
        delete.request(who, fresh(row), now())
    assert delete.request(who, fresh(row), now() + timedelta(days=2))


def test_a_deletion_of_a_tagged_one_is_called_off(stand, lab, who):
    row = stand("tagged-one")
    delete.request(who, row, now())
    tagged(lab, row, who)
    until(
        lambda: work(now() + timedelta(seconds=1)), lambda: fresh(row).delete_requested_at is None
    )
    kept = fresh(row)
    assert "mlconsole:protected" in kept.failure_reason
    assert protect.by_tag(kept.aws_tags)
    lab.sagemaker.delete_tags(ResourceArn=row.arn, TagKeys=[protect.OWN_TAG])
    assert delete.request(who, kept, now())
    until(lambda: work(now() + timedelta(seconds=1)), lambda: fresh(row).status == "Deleting")


def faults(service, rules):
    body = json.dumps(rules).encode()
    assert service.call("PUT", "/_localaws/faults", body, service="localaws")[0] == 200


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalFailure", "Throttling"])
def test_when_cloudwatch_does_not_tell_nothing_goes(stand, aws, who, workspace, code):
    row = stand(f"untold-{code.lower()}")
    at = now() + LATER
    plan = confirmed(who, workspace, at)
    status = 500 if code == "InternalFailure" else 400
    rule = {"operation": "GetMetricData", "kind": "error", "code": code, "status": status}
    faults(aws, [rule | {"message": "no"}])
    try:
        until(lambda: work(at), lambda: fresh_plan(plan).ended_at)
    finally:
        faults(aws, [])
    (item,) = plan.items.all()
    assert item.state == "skipped"
    assert item.reason.startswith("it is unknown now. CloudWatch"), item.reason
    assert fresh(row).status == "InService"
    assert CleanupItem.objects.filter(state="deleting").count() == 0


def test_a_deleted_one_comes_back_with_the_same_variants(stand, lab, who, workspace):
    row = stand("phoenix")
    at = now() + LATER
    confirmed(who, workspace, at)
    until(lambda: work(at), lambda: fresh(row).status == "Deleted")
    gone = fresh(row)
    RegisteredModel.objects.get_or_create(
        workspace=workspace,
        aws_name="phoenix-model",
        defaults={"name": "phoenix-model", "status": "Registered", "origin": "outside"},
    )
    made, again = (recreate.recreate(who, gone, at) for _ in range(2))
    assert made == again
    assert Saving.objects.get(endpoint=gone).until == at
    back = in_service(made)
    assert back.status == "InService", back.failure_reason
    assert back.recreated_from == gone.uid
    config = lab.sagemaker.describe_endpoint_config(EndpointConfigName=back.config_name)
    (variant,) = config["ProductionVariants"]
    (kept,) = gone.recipe["variants"]
    assert variant["ModelName"] == kept["model"]
    assert variant["VariantName"] == kept["name"]
    assert variant["InstanceType"] == kept["instance_type"]
    assert variant["InitialVariantWeight"] == kept["weight"]
    assert savings.ledger(workspace, at).monthly == 0

"""What AWS says before a launch, and that silence or a refusal stops nobody."""

import time
from dataclasses import replace

import pytest
from django.core.cache import cache

from aws import s3
from jobs import inspection
from jobs.machine import Machine
from jobs.models import TrainingJob
from jobs.preflight import Plan, Source, Verdict
from tests.jobs.conftest import inject

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_amazon(console):
    """As if localaws were Amazon: quotas count there."""
    console.workspace.kind = "aws"
    console.workspace.save()
    yield console.workspace
    inject(console.service)


def plan(workspace, **changes):
    uri = s3.uri(workspace.bucket, "cancer/train/")
    fields = {
        "machine": Machine(instance_type="ml.m5.large"),
        "sources": {"train": Source(uri=uri)},
    }
    return Plan(**fields | changes)


def told(workspace, **changes):
    """{check: (verdict, words)} of what AWS was asked."""
    found = inspection.looked_at(plan(workspace, **changes), workspace)
    return {one.check: (one.verdict, one.words) for one in found if one.check != "Channels"}


def test_it_finds_all_well(at_amazon):
    found = told(at_amazon)
    assert {verdict for verdict, _ in found.values()} == {Verdict.OK}
    assert found["Data of train"][1].startswith("1 object, ")
    assert found["Bucket"][1] == "jobs-bucket is there."
    assert found["Role"][1] == "SageMaker may become mlconsole-execution."
    assert "AWS allows 64 (ml.m5.large for training job usage)" in found["Quota"][1]


def test_it_finds_what_is_gone_or_changed(at_amazon):
    uri = s3.uri(at_amazon.bucket, "cancer/train/")
    sources = {
        "train": Source(uri=uri, bytes=1),
        "validation": Source(uri=s3.uri(at_amazon.bucket, "nothing/")),
        "test": Source(uri="s3://no-such-bucket/k"),
        "extra": Source(uri=uri, sharded=True),
    }
    machine = Machine(instance_type="ml.m9.enormous", instance_count=2)
    found = inspection.looked_at(plan(at_amazon, sources=sources, machine=machine), at_amazon)
    bad = {(one.check, one.verdict, one.field) for one in found if one.verdict != "ok"}
    assert bad == {
        ("Data of train", Verdict.WARNING, "preparation"),
        ("Data of validation", Verdict.WOULD_FAIL, "preparation"),
        ("Data of test", Verdict.WOULD_FAIL, "preparation"),
        ("Data of extra", Verdict.WARNING, "instance_count"),
        ("Bucket", Verdict.WOULD_FAIL, ""),
        ("Machine", Verdict.WOULD_FAIL, "instance_type"),
        ("Quota", Verdict.UNCHECKED, ""),
    }
    assert not any(one.certain for one in found if one.verdict == Verdict.WOULD_FAIL)


def test_it_counts_the_machines_in_use(at_amazon):
    TrainingJob.objects.create(
        workspace=at_amazon,
        name="busy",
        status="InProgress",
        instance_type="ml.m5.large",
        instance_count=40,
    )
    machine = Machine(instance_type="ml.m5.large", instance_count=8)
    verdict, words = told(at_amazon, machine=machine, at_once=3)["Quota"]
    assert verdict == Verdict.OK, words
    verdict, words = told(at_amazon, machine=machine, at_once=4)["Quota"]
    assert verdict == Verdict.WOULD_FAIL
    assert "asks for 32, 40 are in use" in words
    spot = replace(machine, use_spot=True)  # which has a quota of its own
    assert told(at_amazon, machine=spot, at_once=4)["Quota"][0] == Verdict.OK


def test_it_does_not_take_a_refusal_for_a_failure(at_amazon, console):
    denied = {"kind": "error", "code": "AccessDeniedException", "message": "not you", "status": 403}
    inject(console.service, *({**denied, "service": s} for s in ("iam", "service-quotas", "s3")))
    found = told(at_amazon)
    words = {check: one for check, one in found.items() if check in ("Role", "Quota")}
    assert set(words.values()) == {(Verdict.UNCHECKED, "AWS does not let us ask: not you")}
    assert {verdict for verdict, _ in found.values()} == {Verdict.UNCHECKED}


def test_it_does_not_wait_for_who_does_not_answer(at_amazon, console, monkeypatch):
    told(at_amazon)  # so that the clients are made
    monkeypatch.setattr(inspection, "SECONDS", 0.6)
    inject(console.service, {"kind": "hang", "service": "iam", "seconds": 30})
    began = time.monotonic()
    found = told(at_amazon)
    assert time.monotonic() - began < 3
    assert found.pop("Role")[0] == Verdict.UNCHECKED
    assert {verdict for verdict, _ in found.values()} == {Verdict.OK}


def test_it_keeps_the_codes_of_quotas(at_amazon, console):
    assert inspection.learned_codes(at_amazon)
    inject(console.service, {"kind": "throttle", "operation": "ListServiceQuotas"})
    assert inspection.learned_codes(at_amazon)
    assert told(at_amazon)["Quota"][0] == Verdict.OK
    cache.delete(inspection.CODES)
    assert not inspection.learned_codes(at_amazon)


def test_it_has_no_quotas_on_this_machine(console):
    assert "Quota" not in told(console.workspace)

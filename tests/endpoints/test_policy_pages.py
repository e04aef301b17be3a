"""A policy is made, tried, made earnest, stopped and deleted, by page and by API."""

import re

import pytest
from django.core import mail

from core.models import AuditEvent
from endpoints.models import Cleanup, Policy
from tests.endpoints.conftest import fresh
from tests.endpoints.policy_lab import (  # noqa: F401  # fixtures among them
    asked,
    chief,
    lab_of_policies,
)

FORM = {
    "name": "nightly",
    "window_days": 14,
    "grace_days": 3,
    "quiet_below": "0.5",
    "hour": 5,
    "cap": 2,
    "wait_days": 4,
    "name_contains": "demo",
    "emails": "ops@example.com\n\n",
    "with_tags": "env=dev\nteam",
    "without_tags": "keep",
    "idempotency_key": "k1",
    "webhook": "https://hooks.slack.com/services/wholly-secret",
}
SECRET = "wholly-secret"


@pytest.fixture
def lab(lab_of_policies):  # noqa: F811  # that fixture
    return lab_of_policies


@pytest.fixture
def boss(signed_in, admin):
    return signed_in(admin)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_it_is_made_once_as_a_dry_run_and_keeps_its_secret(boss):
    form = boss.get("/endpoints/policies/new")
    assert 'name="wait_days"' in form.content.decode()
    urls = {boss.post("/endpoints/policies/new", FORM).url for _ in range(2)}
    (policy,) = Policy.objects.all()
    assert urls == {f"/endpoints/policies/{policy.uid}"}
    assert (policy.is_dry_run, policy.hour, policy.cap) == (True, 5, 2)
    assert policy.with_tags == {"env": "dev", "team": ""}
    assert policy.emails == ["ops@example.com"]
    assert policy.webhook == FORM["webhook"]
    address = urls.pop()
    for page in (address, f"{address}/edit", f"{address}/earnest", "/endpoints/policies"):
        shown = boss.get(page).content.decode()
        assert SECRET not in shown
        assert page == "/endpoints/policies" or "https://hooks.slack.com/…" in shown
    assert not AuditEvent.objects.filter(detail__icontains=SECRET).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"window_days": 31}, "window_days"),
        ({"window_days": 0}, "window_days"),
        ({"grace_days": 0}, "grace_days"),
        ({"quiet_below": 11}, "quiet_below"),
        ({"quiet_below": "nan"}, "quiet_below"),
        ({"wait_days": 0}, "wait_days"),
        ({"cap": 21}, "cap"),
        ({"hour": 24}, "hour"),
        ({"emails": "nobody"}, "emails"),
        ({"emails": "\n".join(f"a{n}@example.com" for n in range(11))}, "emails"),
        ({"webhook": "http://hooks.slack.com/x"}, "webhook"),
        ({"webhook": "https://169.254.169.254/latest"}, "webhook"),
        ({"with_tags": "=dev"}, "with_tags"),
        ({"without_tags": "x" * 129}, "without_tags"),
        ({"name_contains": "x" * 64}, "name_contains"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(boss, wrong, field):
    answer = boss.post("/endpoints/policies/new", FORM | wrong)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert not Policy.objects.exists()


def test_two_of_one_name_are_one_too_many(boss):
    boss.post("/endpoints/policies/new", FORM)
    answer = boss.post("/endpoints/policies/new", FORM | {"idempotency_key": "k2"})
    assert "Another policy has this name" in text(answer)


def test_a_member_tries_it_and_sees_what_it_would_do(lab, signed_in, member):
    bob, policy = signed_in(member), lab.policy(earnest=False)
    lab.idler(hourly_cost=1.0)
    address = f"/endpoints/policies/{policy.uid}"
    assert "Edit" not in text(bob.get(address))
    key = {"idempotency_key": bob.get(address).context["idempotency_key"]}
    (run,) = {bob.post(f"{address}/run", key).url for _ in range(2)}
    shown = text(bob.get(run))
    assert "A dry run: 1 would go, $730 a month" in shown.replace(".00", "")
    assert "would go" in shown
    assert bob.post(f"{run}/confirm", {"typed": "1", "plan": "x"}).status_code == 409
    assert "dry run" in text(bob.get(address))
    assert (asked(), mail.outbox) == ([], [])
    assert "nightly" not in text(bob.get("/endpoints/cleanup"))
    for forbidden in ("edit", "earnest", "delete"):
        assert bob.post(f"{address}/{forbidden}", {"typed": policy.name}).status_code == 403


def test_its_name_makes_it_earnest_and_a_change_makes_it_dry(lab, boss):
    policy = lab.policy(earnest=False)
    address = f"/endpoints/policies/{policy.uid}"
    refused = boss.post(f"{address}/earnest", {"typed": "weekly"})
    assert (refused.status_code, "This is not its name" in text(refused)) == (422, True)
    assert boss.post(f"{address}/earnest", {"typed": "nightly"}).url == address
    assert "It is earnest" in text(boss.get(address))
    lab.told(fresh(policy))
    run = Cleanup.objects.get()
    shown = text(boss.get(f"/endpoints/cleanup/{run.uid}"))
    assert "waiting" in shown
    assert "ops@example.com: told" in shown
    page = text(boss.get(f"/endpoints/{run.items.get().endpoint.uid}"))
    assert f"A policy deletes it after {run.items.get().goes_at:%Y-%m-%d}" in page
    live = boss.get(f"/endpoints/cleanup/{run.uid}?part=items", headers={"HX-Request": "true"})
    assert f"cleanup:{run.uid}" in live.content.decode()
    kept = {"name": "renamed", "window_days": 14, "grace_days": 3, "quiet_below": 0, "hour": 7}
    kept |= {"cap": 5, "wait_days": 4, "emails": "ops@example.com"}
    boss.post(f"{address}/edit", kept)
    assert (fresh(policy).is_dry_run, fresh(policy).name) == (False, "renamed")
    boss.post(f"{address}/edit", kept | {"cap": 6})
    assert fresh(policy).is_dry_run
    assert "its policy was changed" in text(boss.get(f"/endpoints/cleanup/{run.uid}"))


def test_a_webhook_stays_unless_it_is_forgotten(lab, boss):
    policy = lab.policy(webhook=FORM["webhook"])
    address = f"/endpoints/policies/{policy.uid}/edit"
    kept = {"name": "nightly", "window_days": 14, "grace_days": 3, "quiet_below": 0, "hour": 7}
    kept |= {"cap": 5, "wait_days": 4}
    boss.post(address, kept)
    assert fresh(policy).webhook == FORM["webhook"]
    boss.post(address, kept | {"forget_webhook": "1"})
    assert fresh(policy).webhook == ""


def test_it_is_paused_resumed_and_deleted(lab, boss):
    policy = lab.policy()
    address = f"/endpoints/policies/{policy.uid}"
    boss.post(f"{address}/switch", {"to": "paused"})
    assert "It is paused" in text(boss.get(address))
    assert boss.post(f"{address}/earnest", {"typed": "nightly"}).status_code == 409
    boss.post(f"{address}/switch", {"to": "resumed"})
    assert (fresh(policy).is_enabled, fresh(policy).is_dry_run) == (True, True)
    assert boss.post(f"{address}/switch", {"to": "else"}).status_code == 404
    assert boss.post(f"{address}/delete").url == "/endpoints/policies"
    assert boss.get(address).status_code == 404
    assert "No policy yet" in text(boss.get("/endpoints/policies"))


def test_the_api_does_the_same(lab, api, admin):
    client, kind = api(admin), "application/json"

    def call(method, path, body=None):
        address = f"/api/v1/policies{path}"
        return getattr(client, method)(address, body or {}, content_type=kind)

    wish = {"name": "weekly", "emails": ["ops@example.com"], "webhook": FORM["webhook"]}
    made = call("post", "", wish)
    assert (made.status_code, made.json()["is_dry_run"]) == (201, True)
    assert made.json()["webhook_host"] == "https://hooks.slack.com/…"
    assert SECRET not in made.content.decode()
    one = f"/{made.json()['id']}"
    wrong = call("post", "", {"name": "x", "cap": 99, "webhook": "ftp://x"}).json()["error"]
    assert set(wrong["fields"]) == {"cap", "webhook"}
    lab.idler()
    run = call("post", f"{one}/runs").json()
    assert (run["is_dry_run"], run["items"][0]["state"]) == (True, "planned")
    listed = client.get(f"/api/v1/policies{one}/runs").json()
    assert [item["id"] for item in listed["items"]] == [run["id"]]
    refused = client.post(
        f"/api/v1/cleanups/{run['id']}/confirm",
        {"endpoints": 1, "plan": run["plan"]},
        content_type=kind,
    )
    assert refused.status_code == 409
    assert call("post", f"{one}/earnest", {"name": "x"}).status_code == 422
    assert call("post", f"{one}/earnest", {"name": "weekly"}).json()["is_dry_run"] is False
    assert call("patch", one, {"hour": 9}).json()["is_dry_run"] is False
    changed = call("patch", one, {"window_days": 7}).json()
    assert (changed["is_dry_run"], changed["hour"]) == (True, 9)
    assert call("post", f"{one}/earnest", {"name": "weekly"}).status_code == 200
    assert client.delete(f"/api/v1/policies{one}/earnest").json()["is_dry_run"] is True
    assert call("post", f"{one}/pause").json()["is_enabled"] is False
    assert call("post", f"{one}/resume").json()["is_enabled"] is True
    assert client.get("/api/v1/policies").json()["total"] == 1
    assert client.delete(f"/api/v1/policies{one}").status_code == 202
    assert client.get(f"/api/v1/policies{one}").status_code == 404

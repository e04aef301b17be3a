"""Keeping, planning, confirming and recreating, by page and by API."""

import re
from datetime import timedelta

import pytest

from core.models import AuditEvent
from endpoints import protect, savings
from endpoints.models import Cleanup, Endpoint, RegisteredModel
from tests.endpoints.conftest import fresh, now


@pytest.fixture
def bob(signed_in, member):
    return signed_in(member)


@pytest.fixture
def idler(make_endpoint):
    def make(name="ep", **fields):
        long_ago = now() - timedelta(days=40)
        told = {"at": now().isoformat(), "window_days": 30, "invocations": {"AllTraffic": 0.0}}
        moments = {"aws_created_at": long_ago, "aws_modified_at": long_ago}
        return make_endpoint(name, traffic=told, **(moments | fields))

    return make


@pytest.fixture
def gone(idler, make_job):
    """A deleted endpoint whose deletion kept what it was made of."""
    job = make_job()
    model = RegisteredModel.objects.create(
        workspace=job.workspace, name="m", aws_name="m", status="Deleted", job=job
    )
    kept = {
        "variants": [
            {"name": "big", "model": "m", "instance_type": "ml.m5.xlarge", "instance_count": 2}
            | {"weight": 3.0, "serverless": None}
        ],
        "models": {"m": {"image": "i", "artifact": "a", "environment": []}},
        "async_config": {},
        "data_capture": {"percent": 20, "uri": "s3://lab-bucket/captured/"},
        "lost": "",
        "hourly_usd": 0.5,
    }
    row = idler("gone", status="Deleted", recipe=kept, model=model, aws_tags={"team": "a"})
    savings.begin(row, 0.5, now() - timedelta(hours=10))
    return row


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_protected_one_says_so_and_cannot_be_deleted(bob, idler):
    row = idler()
    page = f"/endpoints/{row.uid}"
    assert bob.post(f"{page}/protect", {"reason": ""}).status_code == 422
    assert bob.post(f"{page}/protect", {"reason": "the demo", "until": ""}).status_code == 302
    assert fresh(row).protected_until == protect.FOR_GOOD
    assert "protected for good: the demo" in text(bob.get(page))
    asked = bob.get(f"{page}/delete")
    assert "Nobody can delete it now" in text(asked)
    assert b'name="typed"' not in asked.content
    refused = bob.post(f"{page}/delete", {"typed": row.name})
    assert refused.status_code == 409
    assert "Lift the protection" in text(refused)
    assert fresh(row).delete_requested_at is None
    bob.post(f"{page}/unprotect")
    assert bob.post(f"{page}/delete", {"typed": row.name}).status_code == 302
    assert fresh(row).delete_requested_at


def test_protection_ends_with_its_day(bob, idler):
    row = idler()
    yesterday, tomorrow = (now() + timedelta(days=days) for days in (-1, 1))
    wish = {"reason": "demo", "until": f"{yesterday:%Y-%m-%d}"}
    answer = bob.post(f"/endpoints/{row.uid}/protect", wish)
    assert (answer.status_code, "in the past" in text(answer)) == (422, True)
    bob.post(f"/endpoints/{row.uid}/protect", wish | {"until": f"{tomorrow:%Y-%m-%d}"})
    kept = fresh(row)
    assert protect.by_row(kept, now())
    assert not protect.by_row(kept, now() + timedelta(days=3))


def test_a_snooze_leaves_it_out_of_the_plan(bob, idler):
    row = idler()
    bob.post(f"/endpoints/{row.uid}/snooze", {"weeks": "2"})
    assert "Snoozed until" in text(bob.get(f"/endpoints/{row.uid}"))
    assert bob.post(f"/endpoints/{row.uid}/snooze", {"weeks": "3"}).status_code == 422
    bob.post(f"/endpoints/{row.uid}/snooze", {"weeks": "0"})
    assert fresh(row).snoozed_until is None


def test_a_plan_is_shown_and_confirmed_by_its_number(bob, idler):
    idler("one", hourly_cost=1.0)
    idler("two", hourly_cost=2.0)
    idler("kept", protected_until=protect.FOR_GOOD, protected_reason="demo")
    form = bob.get("/endpoints/cleanup")
    key = form.context["form"]["idempotency_key"].value()
    wish = {"window_days": 14, "grace_days": 3, "cap": 20, "idempotency_key": key}
    urls = {bob.post("/endpoints/cleanup", wish).url for _ in range(2)}
    (plan,) = Cleanup.objects.all()
    (url,) = urls
    shown = text(bob.get(url))
    assert "$2,190" in shown.replace(".00", "")
    assert "the endpoint two , then its configuration two-config" in shown
    assert "protected for good: demo" in shown
    seal = {"plan": bob.get(url).context["seal"]}
    assert bob.post(f"{url}/confirm", {"typed": "3"} | seal).status_code == 422
    unseen = bob.post(f"{url}/confirm", {"typed": "2"})
    assert (unseen.status_code, "Look again" in text(unseen)) == (409, True)
    assert not Endpoint.objects.exclude(delete_requested_at=None).exists()
    for _ in range(2):
        assert bob.post(f"{url}/confirm", {"typed": "2"} | seal).url == url
    assert Endpoint.objects.exclude(delete_requested_at=None).count() == 2
    live = bob.get(f"{url}?part=items", headers={"HX-Request": "true"})
    assert f"cleanup:{plan.uid}" in live.content.decode()
    assert text(live).count("deleting") == 2
    assert bob.post("/endpoints/cleanup", wish | {"cap": 0}).status_code == 422


def test_the_ledger_sums_and_ends_when_one_is_back(bob, gone):
    page = text(bob.get("/endpoints/savings"))
    assert "$5.00" in page
    assert "$365" in page
    asked = text(bob.get(f"/endpoints/{gone.uid}/recreate"))
    assert "2 × ml.m5.xlarge, weight 3.0" in asked
    urls = {bob.post(f"/endpoints/{gone.uid}/recreate").url for _ in range(2)}
    assert len(urls) == 1
    back = Endpoint.objects.get(recreated_from=gone.uid)
    (variant,) = back.variants
    assert (variant["name"], variant["weight"]) == ("big", 3.0)
    assert (variant["instance_type"], variant["instance_count"]) == ("ml.m5.xlarge", 2)
    assert back.data_capture == gone.recipe["data_capture"]
    assert back.aws_tags == {"team": "a"}
    assert (back.model.status, back.model.job) == ("Requested", gone.model.job)
    assert variant["model"] == back.model.aws_name != "m"
    assert "$365" not in text(bob.get("/endpoints/savings"))
    assert AuditEvent.objects.filter(action="endpoint.recreate").count() == 1


@pytest.mark.parametrize(
    ("recipe", "why"),
    [
        ({}, "was not kept"),
        ({"lost": "it had a shadow variant."}, "shadow"),
        ({"lost": "", "variants": [{}], "models": {"other": {}}}, "other is gone"),
    ],
)
def test_what_cannot_come_back_says_why(bob, idler, recipe, why):
    row = idler(status="Deleted", recipe=recipe)
    url = f"/endpoints/{row.uid}/recreate"
    assert why in text(bob.get(url))
    assert bob.post(url).status_code == 409
    assert Endpoint.objects.count() == 1


def test_the_api_does_the_same(api, member, idler, gone):
    client, row = api(member), idler()
    base, kind = "/api/v1", "application/json"

    def post(path, body):
        return client.post(f"{base}{path}", body, content_type=kind)

    kept = post(f"/endpoints/{row.uid}/protection", {"reason": "demo"})
    assert kept.json()["protected_reason"] == "demo"
    assert client.delete(f"{base}/endpoints/{row.uid}").json()["error"]["code"] == "protected"
    assert client.delete(f"{base}/endpoints/{row.uid}/protection").status_code == 200
    assert post(f"/endpoints/{row.uid}/snooze", {"weeks": 4}).json()["snoozed_until"]
    assert post(f"/endpoints/{row.uid}/snooze", {"weeks": 0}).status_code == 200
    assert post("/cleanups", {"cap": 0}).status_code == 422
    plan = post("/cleanups", {}).json()
    assert [item["name"] for item in plan["items"]] == ["ep"]
    assert post(f"/cleanups/{plan['id']}/confirm", {"endpoints": 1}).status_code == 422
    seen = {"plan": plan["plan"]}
    assert post(f"/cleanups/{plan['id']}/confirm", {"endpoints": 7} | seen).status_code == 422
    other = post(f"/cleanups/{plan['id']}/confirm", {"endpoints": 1, "plan": "other"})
    assert other.json()["error"]["code"] == "conflict"
    done = post(f"/cleanups/{plan['id']}/confirm", {"endpoints": 1} | seen)
    assert (done.status_code, done.json()["items"][0]["state"]) == (202, "deleting")
    assert client.get(f"{base}/cleanups/{plan['id']}").json()["confirmed_at"]
    assert client.get(f"{base}/savings").json()["monthly"] == pytest.approx(365)
    back = post(f"/endpoints/{gone.uid}/recreate", {})
    assert (back.status_code, back.json()["name"]) == (201, "gone")

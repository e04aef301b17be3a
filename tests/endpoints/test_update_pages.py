"""Updating by the page and by the API: prefilled, priced, refused in words."""

import re

import pytest

from endpoints import plans
from endpoints.models import Endpoint, RegisteredModel
from tests.endpoints.conftest import fresh

JSON = "application/json"
KEEP = {"source": "kept", "instance_type": "ml.m5.large", "instance_count": "1", "weight": "1"}


@pytest.fixture
def bob(signed_in, member):
    return signed_in(member)


@pytest.fixture
def endpoint(make_endpoint):
    variant = {"name": "AllTraffic", "model": "m", "instance_type": "ml.m5.large"}
    more = {"instance_count": 1, "kind": "real-time", "weight": 1.0}
    return make_endpoint(variants=[variant | more])


@pytest.fixture
def green(workspace):
    return RegisteredModel.objects.create(
        workspace=workspace, name="green", aws_name="green", status="Registered"
    )


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_form_is_filled_with_what_runs(bob, endpoint, green):
    page = bob.get(f"/endpoints/{endpoint.uid}/update")
    form = page.context["form"]
    assert form["instance_type"].value() == "ml.m5.large"
    assert "m (runs now)" in text(page)
    assert "green" in text(page)
    assert "As much as now" in text(page)


def test_the_price_before_and_after_follows_the_choice(bob, endpoint):
    url = f"/endpoints/{endpoint.uid}/update?part=price&instance_count=2&source=kept"
    fragment = text(bob.get(url, headers={"HX-Request": "true"}))
    assert "$0.115" in fragment
    assert "$0.230" in fragment
    assert "$83.95 more a month" in fragment or "$84" in fragment


def test_another_model_and_a_second_variant_are_asked_for(bob, endpoint, green):
    wish = KEEP | {"instance_count": "2", "more_0_source": f"model:{green.uid}"}
    assert bob.post(f"/endpoints/{endpoint.uid}/update", wish).status_code == 302
    wanted = fresh(endpoint).wanted
    assert [(one["model"], one["instance_count"]) for one in wanted["variants"]] == [
        ("m", 2),
        ("green", 1),
    ]
    assert wanted["config_name"].endswith(f"{endpoint.uid}r1")
    page = text(bob.get(f"/endpoints/{endpoint.uid}"))
    assert "About to be updated" in page
    assert "An update of ep is under way" in text(bob.get(f"/endpoints/{endpoint.uid}/update"))


def test_what_is_wrong_stands_at_its_field(bob, endpoint):
    answer = bob.post(f"/endpoints/{endpoint.uid}/update", KEEP | {"weight": "0"})
    assert answer.status_code == 422
    assert answer.context["form"].errors["weight"]
    assert fresh(endpoint).wanted == {}


def test_the_page_shows_kind_variants_and_settings(bob, make_endpoint):
    variant = {"instance_type": "ml.m5.large", "instance_count": 1, "kind": "asynchronous"}
    two = [variant | {"name": name, "model": name, "weight": 3.0} for name in ("one", "two")]
    endpoint = make_endpoint(
        variants=two,
        async_config={"output_uri": "s3://b/answers/", "failure_uri": "", "max_concurrent": 4},
        data_capture={"percent": 20, "uri": "s3://b/seen/"},
    )
    page = text(bob.get(f"/endpoints/{endpoint.uid}"))
    for part in ("asynchronous", "weight 3", "s3://b/answers/", "20 % of the requests"):
        assert part in page


def test_the_api_updates_what_it_is_told(api, member, endpoint, green):
    path = f"/api/v1/endpoints/{endpoint.uid}"
    for _ in range(2):
        answer = api(member).patch(path, {"model": green.uid, "instance_count": 2}, JSON)
        assert answer.status_code == 202
    (variant,) = answer.json()["wanted"]["variants"]
    assert (variant["model"], variant["instance_count"]) == ("green", 2)
    assert variant["instance_type"] == "ml.m5.large"
    assert Endpoint.objects.get().revision == 1
    assert api(member).patch(path, {"weight": 5}, JSON).status_code == 409


def test_the_api_names_what_is_wrong(api, member, endpoint):
    path = f"/api/v1/endpoints/{endpoint.uid}"
    answer = api(member).patch(path, {"instance_count": 99}, JSON)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == ["instance_count"]
    kind = {"variants": [{"name": "new", "instance_type": "ml.m5.large"}]}
    assert api(member).patch(path, kind, JSON).status_code == 422


def test_a_model_that_an_update_brings_is_not_deleted_meanwhile(
    bob, endpoint, green, make_endpoint
):
    variant = endpoint.variants[0] | {"model": "green"}
    other = make_endpoint("other", model=green, variants=[variant])
    assert "green" in [item.name for item in plans.plan(other).goes]
    bob.post(f"/endpoints/{endpoint.uid}/update", KEEP | {"source": f"model:{green.uid}"})
    assert "green" in [item.name for item in plans.plan(other).stays]

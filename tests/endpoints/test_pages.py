"""The endpoint pages: what they say, who may use them, and that each works without JavaScript."""

import re

import pytest

from endpoints.models import Endpoint
from tests.endpoints.conftest import COLUMNS, fresh, in_service, now

M5 = {"instance_type": "ml.m5.large", "instance_count": 1}


@pytest.fixture
def bob(signed_in, member):
    return signed_in(member)


@pytest.fixture
def vera(signed_in, viewer):
    return signed_in(viewer)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_empty_list_teaches(bob):
    answer = bob.get("/endpoints/")
    assert "Nothing is deployed" in text(answer)
    assert "/endpoints/deploy" in answer.content.decode()


def test_the_list_sums_what_runs(bob, make_endpoint):
    make_endpoint("a")
    make_endpoint("b", "Updating", hourly_cost=1.0)
    make_endpoint("c", "Failed", hourly_cost=50.0)
    make_endpoint("d", hourly_cost=None)
    make_endpoint("e", "Deleted")
    page = text(bob.get("/endpoints/"))
    assert "$1.11" in page or "$1.12" in page
    assert "1 without a known price is not counted" in page
    assert "nothing is billed" in page


def test_deleted_ones_are_listed_on_request(bob, make_endpoint):
    make_endpoint("old-one", "Deleted")
    assert "old-one" not in text(bob.get("/endpoints/"))
    assert "old-one" in text(bob.get("/endpoints/?status=Deleted"))


def test_no_match_is_not_the_empty_page(bob, make_endpoint):
    make_endpoint("a")
    page = text(bob.get("/endpoints/?q=zzz"))
    assert "No endpoint matches" in page
    assert "Nothing is deployed" not in page


def test_deploying_shows_prices_and_makes_one_endpoint(bob, make_job):
    url = f"/endpoints/deploy?job={make_job().uid}"
    form = bob.get(url)
    assert "$0.115 an hour · $84 a month" in form.content.decode()
    key = form.context["form"]["idempotency_key"].value()
    wish = {"name": "mine", "idempotency_key": key} | M5
    answers = [bob.post(url, wish) for _ in range(2)]
    (endpoint,) = Endpoint.objects.all()
    assert {answer.url for answer in answers} == {f"/endpoints/{endpoint.uid}"}
    assert endpoint.name == "mine"


def test_the_price_follows_the_choice(bob, make_job):
    url = f"/endpoints/deploy?job={make_job().uid}&part=price"
    choice = "&instance_type=ml.m5.xlarge&instance_count=2"
    fragment = bob.get(url + choice, headers={"HX-Request": "true"})
    assert "$0.460" in text(fragment)
    assert b"<html" not in fragment.content


def test_a_wrong_choice_keeps_what_was_typed(bob, make_job):
    url = f"/endpoints/deploy?job={make_job().uid}"
    wish = {"name": "keep me", "idempotency_key": "k"} | M5 | {"instance_count": 0}
    answer = bob.post(url, wish)
    assert answer.status_code == 422
    assert "keep me" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_job_without_a_model_says_so(bob, make_job):
    page = text(bob.get(f"/endpoints/deploy?job={make_job(status='InProgress').uid}"))
    assert "is InProgress" in page


def test_without_a_job_the_page_offers_those_that_are_done(bob, make_job):
    make_job(name="ready job")
    make_job(name="running job", status="InProgress")
    page = text(bob.get("/endpoints/deploy"))
    assert "ready job" in page
    assert "running job" not in page


def test_one_row_is_asked_without_javascript(aws, bob, lab, requested):
    endpoint = in_service(requested())
    url = f"/endpoints/{endpoint.uid}"
    page = bob.get(f"{url}?example=3")
    truth = ["malignant", "benign"][int(lab.labels[459])]
    assert f"In the data its diagnosis is {truth}" in text(page)
    cells = {f"c{n}": value for n, value in enumerate(lab.features[459])}
    answer = bob.post(f"{url}/ask", cells)
    assert answer.status_code == 200
    assert "Raw request and response" in text(answer)
    assert f'value="{lab.features[459][0]}"' in answer.content.decode(), "what was typed stays"
    fragment = bob.post(f"{url}/ask", cells, headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert re.search(r"(malignant|benign) \d+\.\d %", text(fragment))


def test_csv_rows_are_asked_and_complaints_are_plain(aws, bob, lab, requested):
    endpoint = in_service(requested())
    url = f"/endpoints/{endpoint.uid}/ask"
    rows = "\n".join(",".join(map(str, row)) for row in lab.features[456:459])
    assert "Row Answer Probability 1" in text(bob.post(url, {"csv": rows}))
    wrong = bob.post(url, {"csv": "1,2"})
    assert wrong.status_code == 422
    assert "Expected are 30 columns" in text(wrong)
    assert "1,2" in wrong.content.decode()
    htmx = bob.post(url, {"csv": "1,2"}, headers={"HX-Request": "true"})
    assert htmx.status_code == 200, "htmx shows only successful answers"


def test_the_page_says_how_to_call_it(bob, requested):
    endpoint = requested()
    page = bob.get(f"/endpoints/{endpoint.uid}").content.decode()
    assert f"EndpointName=&#x27;{endpoint.aws_name}&#x27;" in page
    assert f"/endpoints/{endpoint.uid}?way=curl" in page
    page = bob.get(f"/endpoints/{endpoint.uid}?way=curl").content.decode()
    assert "--aws-sigv4 aws:amz:us-east-1:sagemaker" in page
    assert len(re.findall(r'name="c\d+"', page)) == len(COLUMNS)


def test_the_page_says_of_when_its_charts_are(bob, make_endpoint):
    read = {"at": now().isoformat(), "period": 300, "series": {}, "problem": ""}
    endpoint = make_endpoint(charts={"24h": read}, charts_at=now())
    assert "a point every 5 min" in text(bob.get(f"/endpoints/{endpoint.uid}"))


def test_the_status_fragment_is_part_of_the_page(bob, make_endpoint):
    endpoint = make_endpoint(status="Creating")
    url = f"/endpoints/{endpoint.uid}"
    fragment = bob.get(f"{url}?part=status", headers={"HX-Request": "true"}).content.decode()
    assert fragment.strip().startswith('<section id="status"')
    assert f'data-live="endpoint:{endpoint.uid}"' in fragment
    assert "Creating" in fragment


def test_deleting_asks_for_the_name_and_says_what_goes(bob, requested):
    endpoint = requested()
    url = f"/endpoints/{endpoint.uid}/delete"
    page = text(bob.get(url))
    for kind in ("the endpoint", "its configuration", "its model"):
        assert kind in page
    assert "$83.95 a month" in page
    wrong = bob.post(url, {"typed": "something"})
    assert wrong.status_code == 422
    assert fresh(endpoint).delete_requested_at is None
    assert bob.post(url, {"typed": endpoint.name}).status_code == 302
    assert fresh(endpoint).delete_requested_at is not None
    assert "Being deleted since" in text(bob.get(f"/endpoints/{endpoint.uid}"))


def test_what_failed_to_go_is_shown(bob, make_endpoint):
    left = {"kind": "config", "name": "c-1", "problem": "not authorized."}
    endpoint = make_endpoint(status="Deleting", delete_requested_at=now(), leftovers=[left])
    page = text(bob.get(f"/endpoints/{endpoint.uid}"))
    assert "its configuration c-1 – not authorized. It is tried again." in page


@pytest.mark.parametrize("status", [*Endpoint.Status.values, "Hibernating"])
def test_every_status_has_a_page(bob, make_endpoint, status):
    endpoint = make_endpoint(status=status, failure_reason="because")
    for url in ("/endpoints/", f"/endpoints/{endpoint.uid}", f"/endpoints/{endpoint.uid}/delete"):
        assert bob.get(url).status_code == 200


def test_what_others_made_can_be_asked_by_csv_only(bob, make_endpoint):
    page = bob.get(f"/endpoints/{make_endpoint().uid}").content.decode()
    assert 'name="csv"' in page
    assert 'name="c0"' not in page
    assert "outside mlconsole" in page


def test_a_viewer_sees_and_cannot_change(vera, make_endpoint, make_job):
    endpoint, job = make_endpoint(), make_job()
    page = vera.get(f"/endpoints/{endpoint.uid}").content.decode()
    assert "/delete" not in page
    assert vera.get(f"/endpoints/{endpoint.uid}/delete").status_code == 403
    typed = {"typed": endpoint.name}
    assert vera.post(f"/endpoints/{endpoint.uid}/delete", typed).status_code == 403
    assert vera.post(f"/endpoints/deploy?job={job.uid}", M5).status_code == 403
    assert fresh(endpoint).delete_requested_at is None


def test_a_stranger_finds_nothing(signed_in, stranger, make_endpoint, make_job):
    mallory, job = signed_in(stranger), make_job()
    endpoint = make_endpoint("hidden-one")
    urls = [
        f"/endpoints/{endpoint.uid}",
        f"/endpoints/{endpoint.uid}/delete",
        f"/endpoints/deploy?job={job.uid}",
    ]
    assert [mallory.get(url).status_code for url in urls] == [404] * 3
    assert mallory.post(f"/endpoints/{endpoint.uid}/ask", {"csv": "1"}).status_code == 404
    assert endpoint.name not in text(mallory.get("/endpoints/"))


def test_the_models_page_leads_to_job_and_endpoint(bob, requested):
    endpoint = requested(name="served")
    page = bob.get("/endpoints/models").content.decode()
    assert endpoint.model.name in page
    assert f"/endpoints/{endpoint.uid}" in page
    assert f"/endpoints/deploy?model={endpoint.model.uid}" in page

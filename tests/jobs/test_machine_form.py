"""The part of a form that says where a job runs: offered values, typed ones, and copies."""

import pytest
from django.urls import reverse

from jobs.forms import initial_of
from jobs.models import TrainingJob
from tests.jobs.test_pages import make_job, new_url, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


@pytest.fixture
def client(signed_in, member):
    return signed_in(member)


def launched(client, prepared, **changes):
    form = client.get(new_url(prepared)).context["form"]
    answer = client.post(new_url(prepared), typed(form, **changes))
    return answer, TrainingJob.objects.first()


def test_it_offers_what_is_recommended_first_and_all_that_has_a_price(client, prepared):
    page = text(client.get(new_url(prepared)))
    groups = page.index('label="Recommended"'), page.index('label="Others"')
    assert groups[0] < page.index('value="ml.m5.large"') < groups[1]
    assert groups[1] < page.index('value="ml.p3.2xlarge"')
    assert "$0.115 an hour" in page


def test_it_takes_another_instance_type_and_another_time(client, prepared):
    answer, job = launched(
        client,
        prepared,
        **{
            "instance_type": "other",
            "instance_type.other": " ml.m7i.large ",
            "max_runtime_seconds": "other",
            "max_runtime_seconds.other": "90 min",
            "use_spot": "on",
            "max_wait_seconds": "other",
            "max_wait_seconds.other": "2 h",
            "environment": "A=1",
            "aws_tags": "team=blue",
        },
    )
    assert answer.status_code == 302
    assert (job.instance_type, job.max_runtime_seconds) == ("ml.m7i.large", 5_400)
    assert (job.use_spot, job.max_wait_seconds) == (True, 7_200)
    assert (job.environment, job.aws_tags) == ({"A": "1"}, {"team": "blue"})


def test_it_forgets_the_wait_without_spot(client, prepared):
    _, job = launched(client, prepared, max_wait_seconds="600")
    assert (job.use_spot, job.max_wait_seconds) == (False, None)


def test_it_keeps_what_was_typed_wrong(client, prepared):
    wrong = {
        "instance_type": "other",
        "instance_type.other": "m5.large",
        "max_runtime_seconds": "other",
        "max_runtime_seconds.other": "soon",
        "environment": "A=1\nB",
    }
    answer, job = launched(client, prepared, **wrong)
    assert (answer.status_code, job) == (422, None)
    errors = answer.context["form"].errors
    assert "looks like ml.m5.large" in errors["instance_type"][0]
    assert "such as 90 min" in errors["max_runtime_seconds"][0]
    assert errors["environment"] == ["Line 2: write NAME=value."]
    page = text(answer)
    assert '<option value="other" selected>' in page
    assert 'value="m5.large"' in page
    assert 'value="soon"' in page


@pytest.mark.parametrize("name", ["instance_type", "max_runtime_seconds"])
def test_it_wants_what_was_to_be_typed(client, prepared, name):
    answer, job = launched(client, prepared, **{name: "other", f"{name}.other": ""})
    assert (answer.status_code, job) == (422, None)
    assert list(answer.context["form"].errors) == [name]


def test_a_copy_offers_values_that_no_list_has(client, workspace, prepared):
    fields = {"instance_type": "ml.m7i.large", "max_runtime_seconds": 5_400, "use_spot": True}
    job = make_job(workspace, prepared, max_wait_seconds=7_260, **fields)
    answer = client.get(reverse("jobs:new"), {"clone": job.uid})
    page = text(answer)
    assert '<option value="5400" selected>1 h 30 min</option>' in page
    assert '<option value="7260" selected>2 h 1 min</option>' in page
    assert '<option value="ml.m7i.large" selected>' in page
    form = answer.context["form"]
    assert client.post(new_url(prepared), typed(form, use_spot="on")).status_code == 302
    copy = TrainingJob.objects.first()
    assert copy.pk != job.pk
    names = set(initial_of(job)) - {"name"}
    assert {n: initial_of(copy).get(n) for n in names} == {n: initial_of(job)[n] for n in names}

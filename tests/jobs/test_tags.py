"""Words on a job: what one may be, on the page and in the API."""

import pytest
from django.urls import reverse

from core.errors import InvalidFields
from core.models import AuditEvent
from jobs import tags
from jobs.models import TrainingJob

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace, member):
    return TrainingJob.objects.create(
        workspace=workspace, created_by=member, name="First", status="Completed"
    )


def words(job):
    return [tag.name for tag in job.tags.all()]


def test_it_is_small_and_single_spaced():
    assert tags.word("  For   MARY ") == "for mary"


@pytest.mark.parametrize("text", ["", "  ", "a,b", "a:b", 'a"b', "a/b", "x" * 61, "a\0b", "\ud800"])
def test_it_refuses(text):
    with pytest.raises(InvalidFields):
        tags.word(text)


@pytest.mark.usefixtures("stack")
def test_the_page_adds_and_removes(signed_in, member, viewer, job):
    client, url = signed_in(member), reverse("jobs:tags", args=[job.uid])
    for word in ("Baseline", "baseline", "second"):
        assert client.post(url, {"add": word}).headers["Location"].endswith("#tags")
    page = client.get(reverse("jobs:detail", args=[job.uid])).content.decode()
    assert '?query=tag:%22baseline%22">baseline</a>' in page
    client.post(url, {"remove": "second"})
    assert words(job) == ["baseline"]
    assert AuditEvent.objects.filter(action="job.tag").count() == 2
    assert signed_in(viewer).post(url, {"add": "x"}).status_code == 403
    answer = client.post(url, {"add": "a,b"}, follow=True)
    assert "A tag has no comma" in answer.content.decode()


@pytest.mark.usefixtures("stack")
def test_the_api_adds_and_removes(api, member, job):
    client, url = api(member), f"/api/v1/jobs/{job.uid}/tags"
    answer = client.post(url, {"tag": "Two Words"}, content_type="application/json")
    assert answer.json() == {"tags": ["two words"]}
    bad = client.post(url, {"tag": "a:b"}, content_type="application/json")
    assert (bad.status_code, list(bad.json()["error"]["fields"])) == (422, ["tag"])
    assert client.delete(f"{url}/two words").json() == {"tags": []}
    assert client.delete(f"{url}/two words").status_code == 200


def test_a_job_takes_only_so_many(actor, job):
    for number in range(tags.MOST):
        tags.add(actor, job, f"t{number}")
    tags.add(actor, job, "t3")
    with pytest.raises(InvalidFields):
        tags.add(actor, job, "one more")

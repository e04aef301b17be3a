"""The same job on another workspace: chosen, waited for, launched from a filled-in form."""

import pytest
from django.urls import reverse

from core.models import Membership, Role, Workspace
from datasets.models import Preparation
from jobs.models import TrainingJob
from tests.jobs.conftest import QUICK
from tests.jobs.test_pages import make_job, text, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


@pytest.fixture
def job(workspace, prepared):
    return make_job(
        workspace, prepared, hyperparameters=QUICK | {"max_depth": "6"}, instance_count=2
    )


@pytest.fixture
def there(member):
    other = Workspace.objects.create(
        slug="amazon", name="Our account", kind="aws", execution_role_arn="x", bucket="theirs"
    )
    Membership.objects.create(workspace=other, user=member, role=Role.MEMBER)
    return other


@pytest.fixture
def client(signed_in, member):
    return signed_in(member)


def url(job):
    return reverse("jobs:elsewhere", args=[job.uid])


def sent(client, job, there):
    """The form's address in the other workspace, and the copied preparation."""
    answer = client.post(url(job), {"workspace": there.slug})
    assert answer.status_code == 302, text(answer)
    return answer.headers["Location"], Preparation.objects.get(workspace=there)


def test_it_offers_the_workspaces_where_one_may_launch(client, job, there, member, workspace):
    looked_at = Workspace.objects.create(slug="seen", name="Only seen", kind="aws", bucket="b")
    Membership.objects.create(workspace=looked_at, user=member, role=Role.VIEWER)
    Workspace.objects.create(slug="foreign", name="Foreign", kind="aws", bucket="c")
    page = text(client.get(url(job)))
    assert "Our account" in page
    assert "theirs" in page
    assert "Only seen" not in page
    assert "Foreign" not in page
    assert f'value="{workspace.slug}"' not in page
    assert url(job) in text(client.get(reverse("jobs:detail", args=[job.uid])))


def test_it_says_what_to_do_without_another_workspace(client, job):
    assert "An admin of another one can add you" in text(client.get(url(job)))


@pytest.mark.parametrize("slug", ["", "lab", "seen", "nonsense"])
def test_it_takes_no_other_workspace(client, job, there, member, slug):
    looked_at = Workspace.objects.create(slug="seen", name="Only seen", kind="aws", bucket="b")
    Membership.objects.create(workspace=looked_at, user=member, role=Role.VIEWER)
    answer = client.post(url(job), {"workspace": slug})
    assert answer.status_code == 422
    assert not Preparation.objects.exclude(workspace=job.workspace).exists()


def test_a_job_without_known_data_cannot_move(client, workspace):
    assert client.get(url(make_job(workspace, None))).status_code == 400


def test_one_waits_until_the_data_are_there(client, job, there):
    address, row = sent(client, job, there)
    Preparation.objects.filter(pk=row.pk).update(status="Preparing", progress=40)
    page = text(client.get(address))
    assert "on their way to Our account" in page
    assert 'value="40"' in page
    part = client.get(f"{address}&part=waiting", headers={"HX-Request": "1"})
    assert text(part).strip().startswith('<section class="card" id="waiting"')
    Preparation.objects.filter(pk=row.pk).update(status="Ready")
    part = client.get(f"{address}&part=waiting", headers={"HX-Request": "1"})
    assert part.headers["HX-Refresh"] == "true"


def test_one_is_told_why_they_did_not_arrive_and_sends_them_again(client, job, there):
    address, row = sent(client, job, there)
    Preparation.objects.filter(pk=row.pk).update(status="Failed", failure_reason="No bucket.")
    page = text(client.get(address))
    assert "No bucket." in page
    assert url(job) in page
    again = client.post(url(job), {"workspace": there.slug})
    assert again.headers["Location"] != address


def test_the_form_opens_there_as_the_job_was(client, job, there):
    address, row = sent(client, job, there)
    arrived = ("channels", "features", "labels", "task")
    found = {name: getattr(job.preparation, name) for name in arrived}
    Preparation.objects.filter(pk=row.pk).update(status="Ready", **found)
    assert client.post(url(job), {"workspace": there.slug}).headers["Location"] == address
    answer = client.get(address)
    form = answer.context["form"]
    assert form["hyperparameters.max_depth"].value() == "6"
    assert form["instance_count"].value() == 2
    assert "The same as" in text(answer)
    answer = client.post(address, typed(form))
    assert answer.status_code == 302, (answer.context["form"].errors, answer.context["preflight"])
    launched = TrainingJob.objects.get(workspace=there)
    assert (launched.preparation, launched.cloned_from) == (row, job.uid)
    assert launched.hyperparameters["max_depth"] == "6"
    assert "nothing changed" in text(client.get(reverse("jobs:detail", args=[launched.uid])))


def test_who_may_not_see_the_original_sees_the_copy_alone(client, signed_in, stranger, job, there):
    address, row = sent(client, job, there)
    copy = make_job(there, row, aws_name="copy", cloned_from=job.uid)
    Membership.objects.create(workspace=there, user=stranger, role=Role.MEMBER)
    page = text(signed_in(stranger).get(reverse("jobs:detail", args=[copy.uid])))
    assert "Copy of" not in page
    assert client.get(address).status_code == 200
    assert signed_in(stranger).get(address).status_code == 404

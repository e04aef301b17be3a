"""One action on many jobs: each has a result of its own, and a second click does nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core import access
from core.models import AuditEvent, Membership, Role, Workspace
from jobs import bulk
from jobs.models import JobTag, TrainingJob

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]
API = "/api/v1/jobs/bulk"


@pytest.fixture
def make(workspace, member):
    def make(name, status="Completed", **changes):
        fields = {"workspace": workspace, "created_by": member, "aws_name": name} | changes
        return TrainingJob.objects.create(name=name, status=status, **fields)

    return make


@pytest.fixture
def mixed(make):
    """A running job, one that waits unsent, a finished one."""
    return make("runs", "InProgress"), make("waits", "Requested", aws_name=""), make("over")


def results(report):
    return {item.name: (item.result, item.said) for item in report.items}


def run(actor, name, jobs, **more):
    uids = [job.uid for job in jobs]
    return bulk.on_chosen(actor, name, uids, now=timezone.now(), **more)


def test_it_stops_what_runs_and_says_what_did_not(actor, mixed):
    report = run(actor, "stop", mixed)
    assert results(report) == {
        "runs": ("done", "asked to stop"),
        "waits": ("done", "stopped"),
        "over": ("already", "Completed already"),
    }
    assert report.waiting == [mixed[0].pk]
    mixed[0].refresh_from_db()
    assert mixed[0].stop_requested_at
    again = run(actor, "stop", mixed)
    assert {item.result for item in again.items} == {"already"}
    assert (again.waiting, again.undone) == ([], again.items)
    assert AuditEvent.objects.filter(action="job.stop").count() == 2


def test_it_removes_only_what_has_ended(actor, mixed):
    report = run(actor, "delete", mixed)
    assert results(report)["over"] == ("done", "removed")
    assert results(report)["runs"][0] == "refused"
    assert "Stop it first" in results(report)["runs"][1]
    assert report.summary.startswith("2 left: This job has not ended.")
    assert run(actor, "delete", mixed).items[0].result == "missing"


def test_it_leaves_what_others_launched(actor, make):
    foreign = [make("theirs", "InProgress", created_by=None), make("done", created_by=None)]
    assert {item.result for item in run(actor, "stop", foreign).items} == {"refused", "already"}
    assert {item.result for item in run(actor, "delete", foreign).items} == {"refused"}
    assert run(actor, "archive", foreign).summary == "2 archived"


def test_it_archives_and_brings_back(actor, mixed):
    run(actor, "archive", mixed[:1])
    report = run(actor, "archive", mixed)
    assert report.summary == "2 archived, 1 archived already"
    assert TrainingJob.objects.filter(archived_at__isnull=False).count() == 3
    assert run(actor, "unarchive", mixed[:2]).summary == "2 brought back"
    event = AuditEvent.objects.filter(action="job.archive").first()
    assert set(event.detail["jobs"]) == {mixed[1].uid, mixed[2].uid}


def test_it_tags_and_takes_tags_off(actor, mixed):
    JobTag.objects.create(job=mixed[0], name="best one")
    JobTag.objects.bulk_create(JobTag(job=mixed[1], name=f"t{n}") for n in range(20))
    report = run(actor, "tag", mixed, tag="  Best  ONE ")
    assert results(report) == {
        "runs": ("already", "tagged best one already"),
        "waits": ("refused", "left: a job has at most 20 tags"),
        "over": ("done", "tagged best one"),
    }
    assert run(actor, "untag", mixed, tag="best one").summary == (
        "2 no longer tagged best one, 1 not tagged best one"
    )
    assert not JobTag.objects.filter(name="best one").exists()


def test_each_job_needs_the_role_where_it_is(actor, member, make, mixed):
    """Two other workspaces: in one they may only look, of the other they know nothing."""
    other = {"kind": "local", "execution_role_arn": "x", "bucket": "b"}
    seen, unseen = (Workspace.objects.create(slug=name, name=name, **other) for name in "su")
    Membership.objects.create(workspace=seen, user=member, role=Role.VIEWER)
    there, hidden = make("there", workspace=seen), make("hidden", workspace=unseen)
    report = run(actor, "archive", [mixed[2], there, hidden])
    assert [(item.name, item.result) for item in report.items] == [
        ("there", "refused"),
        (hidden.uid, "missing"),
        ("over", "done"),
    ]
    assert TrainingJob.objects.filter(archived_at__isnull=False).count() == 1


def test_it_goes_on_where_a_full_request_ended(actor, make, monkeypatch):
    jobs = [make(f"job-{number}") for number in range(5)]
    monkeypatch.setitem(bulk.ACTIONS, "tag", bulk.Action("tag", "Tag", bulk._tag, at_once=2))
    lefts, after = [], ""
    for _ in range(3):
        rows = TrainingJob.objects.of(actor.workspace)
        now = timezone.now()
        report = bulk.on_matching(actor, "tag", rows, now=now, tag="x", after=after)
        lefts, after = [*lefts, report.left], report.last
    assert (lefts, after) == ([3, 1, 0], "")
    assert JobTag.objects.filter(name="x").count() == 5
    report = run(actor, "tag", jobs, tag="y")
    assert (report.left, report.rest) == (3, [job.uid for job in jobs[2:]])


def test_the_page_asks_first_and_then_tells(signed_in, member, mixed, workspace):
    client, url = signed_in(member), reverse("jobs:bulk")
    chosen = {"action": "stop", "runs": [job.uid for job in mixed]}
    question = client.get(url, chosen).content.decode()
    assert "Stop 3 jobs?" in question
    assert "waits" in question
    assert not TrainingJob.objects.filter(stop_requested_at__isnull=False).exists()
    for _ in range(2):
        done = client.post(url, chosen).content.decode()
    assert "2 asked to stop already" not in done  # one of the two had stopped at once
    assert "1 asked to stop already" in done
    assert "1 Completed already" in done


def test_the_page_acts_on_all_that_match(signed_in, member, mixed):
    client, url = signed_in(member), reverse("jobs:bulk")
    chosen = {"action": "archive", "all": "1", "query": "status = Completed"}
    assert "Archive 1 job?" in client.get(url, chosen).content.decode()
    client.post(url, chosen)
    assert [job.name for job in TrainingJob.objects.filter(archived_at__isnull=False)] == ["over"]


def test_the_page_keeps_what_was_chosen_when_the_word_is_wrong(signed_in, member, mixed):
    chosen = {"action": "tag", "runs": mixed[0].uid, "tag": "a,b"}
    answer = signed_in(member).post(reverse("jobs:bulk"), chosen)
    page = answer.content.decode()
    assert answer.status_code == 422
    for part in ("no comma", 'value="a,b"', f'name="runs" value="{mixed[0].uid}"'):
        assert part in page


def test_the_page_leads_to_the_comparison(signed_in, viewer, mixed):
    chosen = {"action": "compare", "runs": [job.uid for job in mixed[:2]]}
    answer = signed_in(viewer).get(reverse("jobs:bulk"), chosen)
    expected = f"{reverse('jobs:compare')}?runs={mixed[0].uid},{mixed[1].uid}"
    assert answer.headers["Location"] == expected
    all_of_them = {"action": "compare", "all": "1", "query": "status = Completed"}
    answer = signed_in(viewer).get(reverse("jobs:bulk"), all_of_them)
    assert answer.headers["Location"].endswith(f"?runs={mixed[2].uid}")


def test_nothing_ticked_is_said(signed_in, member, mixed):
    answer = signed_in(member).get(reverse("jobs:bulk"), {"action": "stop", "sort": "name"})
    assert answer.headers["Location"] == "/jobs/?sort=name"


def post(client, **body):
    return client.post(API, body, content_type="application/json")


def test_the_api_answers_for_each_job(api, member, viewer, mixed):
    body = {"action": "stop", "ids": [job.uid for job in mixed] + ["nothere"]}
    answer = post(api(member), **body).json()
    assert [(item["name"], item["result"]) for item in answer["items"]] == [
        ("nothere", "missing"),
        ("runs", "done"),
        ("waits", "done"),
        ("over", "already"),
    ]
    assert (answer["left"], answer["after"]) == (0, "")
    assert post(api(viewer), **body).status_code == 403


def test_the_api_acts_on_a_query(api, member, mixed):
    client = api(member)
    answer = post(client, action="tag", tag="Done", query="status = Completed").json()
    assert answer["summary"] == "1 tagged done"
    assert post(client, action="tag", tag="x").status_code == 422
    assert post(client, action="tag", tag="x", query="status =").status_code == 422
    assert post(client, action="explode", ids=["x"]).status_code == 422
    assert post(client, action="archive", ids=["\0", "\ud800", "x" * 99]).json()["summary"] == (
        "3 not here, or not yours"
    )
    assert post(client, action="archive", query="x", after="\0").status_code == 200
    assert JobTag.objects.count() == 1


def test_a_viewer_may_not(viewer, workspace, mixed):
    who = access.actor(viewer, slug=workspace.slug)
    with pytest.raises(Exception, match="needs the role member"):
        run(who, "archive", mixed)

"""Experiments: listed with their best run, renamed, tagged, archived; notes that nobody loses."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import InvalidFields
from core.markdown import LIMIT
from core.models import AuditEvent
from jobs import experiments, notes
from jobs.errors import NotesChanged
from jobs.experiments import Change
from jobs.models import Experiment, TrainingJob, TuningJob

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
AUC, LOSS = "validation:auc", "validation:logloss"


@pytest.fixture
def experiment(workspace, member):
    return Experiment.objects.create(workspace=workspace, name="depth", created_by=member)


@pytest.fixture
def jobs(experiment, prepared):
    """Three by AUC, one by loss: the best is the one with most AUC."""
    made = [("a", AUC, 0.8), ("b", AUC, 0.9), ("c", AUC, 0.7), ("d", LOSS, 0.1), ("e", "", None)]
    return [
        TrainingJob.objects.create(
            workspace=experiment.workspace,
            experiment=experiment,
            preparation=prepared,
            name=f"run {name}",
            status="Completed",
            headline_metric=metric,
            headline_value=value,
        )
        for name, metric, value in made
    ]


def text(answer):
    return answer.content.decode()


def test_the_best_run_goes_by_the_metric_of_most_runs_and_its_direction(experiment, jobs):
    assert experiments.best_of([experiment]) == {experiment.pk: jobs[1]}
    jobs[1].deleted_at = timezone.now()
    jobs[1].save()
    assert experiments.best_of([experiment])[experiment.pk] == jobs[0]
    for job in jobs[:3]:
        job.headline_metric = "gizmo"
        job.save()
    assert experiments.best_of([experiment]) == {}


def test_the_list_counts_and_hides_the_archived(signed_in, viewer, experiment, jobs, workspace):
    old = Experiment.objects.create(workspace=workspace, name="old", archived_at=timezone.now())
    client = signed_in(viewer)
    answer = client.get(reverse("jobs:experiments"))
    ((row, best),) = answer.context["shown"]
    assert (row.runs, best) == (5, jobs[1])
    assert "run b" in text(answer)
    assert old.name in text(client.get(reverse("jobs:experiments"), {"archived": "1"}))
    assert "No experiment matches" in text(client.get(reverse("jobs:experiments"), {"q": "zzz"}))


def test_the_list_begins_with_what_moved_last(signed_in, viewer, experiment, jobs, workspace):
    later = Experiment.objects.create(workspace=workspace, name="later")
    client = signed_in(viewer)
    shown = client.get(reverse("jobs:experiments")).context["shown"]
    assert [row for row, _ in shown] == [later, experiment]
    TrainingJob.objects.update(status_at=timezone.now() + timedelta(hours=1))
    shown = client.get(reverse("jobs:experiments")).context["shown"]
    assert [row for row, _ in shown] == [experiment, later]


def test_the_list_asks_as_often_for_many_as_for_one(
    signed_in, viewer, experiment, jobs, workspace, django_assert_max_num_queries
):
    for number in range(30):
        one = Experiment.objects.create(workspace=workspace, name=f"e{number}")
        TrainingJob.objects.create(
            workspace=workspace, name="x", experiment=one, headline_metric=AUC, headline_value=0.5
        )
    client = signed_in(viewer)
    client.get(reverse("jobs:experiments"))
    with django_assert_max_num_queries(12):
        client.get(reverse("jobs:experiments"))


def test_its_page_shows_runs_tuning_and_leads_to_the_comparison(
    signed_in, viewer, experiment, jobs, workspace
):
    TuningJob.objects.create(workspace=workspace, experiment=experiment, name="deep search")
    page = text(signed_in(viewer).get(reverse("jobs:experiment", args=[experiment.uid])))
    newest = ",".join(job.uid for job in reversed(jobs))
    assert f'href="{reverse("jobs:compare")}?runs={newest}"' in page
    assert page.count('type="checkbox" name="runs"') == 5
    assert "deep search" in page
    assert "Archive</button>" not in page


def test_it_is_renamed_tagged_archived_and_comes_back_with_its_next_job(
    signed_in, member, experiment, actor
):
    client = signed_in(member)
    url = reverse("jobs:experiment_change", args=[experiment.uid])
    client.post(url, {"name": " width ", "tags": "good, baseline,good , "})
    experiment.refresh_from_db()
    assert (experiment.name, experiment.tags) == ("width", ["good", "baseline"])
    client.post(url, {"archived": "1"})
    experiment.refresh_from_db()
    assert experiment.archived_at is not None
    assert experiments.named(actor, "width") == experiment
    experiment.refresh_from_db()
    assert experiment.archived_at is None
    changed = [event.detail for event in AuditEvent.objects.filter(action="experiment.change")]
    assert len(changed) == 3


def test_a_taken_name_and_too_many_tags_are_said_at_the_field(
    signed_in, member, experiment, workspace, actor
):
    Experiment.objects.create(workspace=workspace, name="taken")
    url = reverse("jobs:experiment_change", args=[experiment.uid])
    answer = signed_in(member).post(url, {"name": "taken", "tags": "kept by the form"})
    assert answer.status_code == 422
    assert "Another experiment has this name." in text(answer)
    assert "kept by the form" in text(answer)
    with pytest.raises(InvalidFields):
        experiments.change(actor, experiment, Change(tags=[str(n) for n in range(21)]))
    with pytest.raises(InvalidFields):
        experiments.change(actor, experiment, Change(name="  "))


def test_notes_are_shown_as_safe_markdown(signed_in, member, experiment, jobs):
    client = signed_in(member)
    written = "**deep**\r\n\r\n<script>alert(1)</script>"
    places = [
        (reverse("jobs:experiment_notes", args=[experiment.uid]), "jobs:experiment", experiment),
        (reverse("jobs:notes", args=[jobs[0].uid]), "jobs:detail", jobs[0]),
    ]
    for url, page, row in places:
        back = reverse(page, args=[row.uid])
        answer = client.post(url, {"notes": written, "seen": ""})
        assert answer.headers["Location"] == f"{back}#notes"
        shown = text(client.get(back))
        assert "<strong>deep</strong>" in shown
        assert "<script>alert" not in shown
        row.refresh_from_db()
        assert row.notes == written.replace("\r\n", "\n")


def test_the_second_of_two_writers_sees_both_texts(signed_in, member, experiment):
    client = signed_in(member)
    url = reverse("jobs:experiment_notes", args=[experiment.uid])
    client.post(url, {"notes": "the first\nwriter's", "seen": ""})
    answer = client.post(url, {"notes": "the second one's", "seen": ""})
    assert answer.status_code == 409
    assert "the first\nwriter&#x27;s" in text(answer)
    assert "the second one&#x27;s" in text(answer)
    experiment.refresh_from_db()
    assert experiment.notes == "the first\nwriter's"
    seen = answer.context["seen"].replace("\n", "\r\n")  # as a browser sends it
    client.post(url, {"notes": "both", "seen": seen})
    experiment.refresh_from_db()
    assert experiment.notes == "both"


def test_writing_the_same_again_is_no_conflict_and_too_much_is_refused(
    signed_in, member, experiment, actor
):
    notes.save(actor, experiment, "same", seen="")
    assert notes.save(actor, experiment, "same", seen="") == "same"
    with pytest.raises(NotesChanged):
        notes.save(actor, experiment, "", seen="other")
    url = reverse("jobs:experiment_notes", args=[experiment.uid])
    answer = signed_in(member).post(url, {"notes": "x" * (LIMIT + 1), "seen": "same"})
    assert answer.status_code == 400
    assert f"at most {LIMIT:,} characters" in text(answer)


def test_the_api_lists_changes_and_refuses_a_lost_update(api, member, experiment, jobs):
    client = api(member)
    (item,) = client.get("/api/v1/experiments").json()["items"]
    assert (item["id"], item["runs"], item["best_run"]) == (experiment.uid, 5, jobs[1].uid)
    url = f"/api/v1/experiments/{experiment.uid}"

    def patch(**body):
        return client.patch(url, body, content_type="application/json")

    changed = patch(name="wide", tags=["x"], archived=True, notes="n").json()
    assert (changed["name"], changed["tags"], changed["archived"]) == ("wide", ["x"], True)
    assert changed["notes"] == "n"
    assert patch(notes="m").status_code == 409
    assert patch(notes="m", notes_seen="n").json()["notes"] == "m"
    assert patch(name="").status_code == 422
    assert client.get("/api/v1/experiments").json()["items"] == []
    assert client.get("/api/v1/experiments?archived=1").json()["total"] == 1
    put = client.put(
        f"/api/v1/jobs/{jobs[0].uid}/notes", {"notes": "j"}, content_type="application/json"
    )
    assert put.json() == {"notes": "j"}

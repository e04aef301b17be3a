"""The pages of jobs: what each role sees, and that mistakes lose nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from core import health_notes
from core.templatetags.ui import money
from jobs import cost
from jobs.models import LogLine, MetricPoint, TrainingJob
from tests.jobs.conftest import QUICK, make_preparation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stack")]


@pytest.fixture
def job(workspace, prepared, member):
    return make_job(workspace, prepared, created_by=member)


def make_job(workspace, preparation, **changes):
    fields = {
        "workspace": workspace,
        "preparation": preparation,
        "name": "First",
        "algorithm": "xgboost",
        "status": "InProgress",
        "aws_name": "first-1",
        "hyperparameters": QUICK | {"num_round": "10"},
        "headline_metric": "validation:logloss",
        "instance_type": "ml.m5.large",
    }
    return TrainingJob.objects.create(**fields | changes)


def text(answer):
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def typed(form, **changes):
    """What a browser would send: the form's own values and some changes."""
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None} | changes


def new_url(preparation):
    return f"{reverse('jobs:new')}?preparation={preparation.uid}"


def test_it_teaches_on_an_empty_list(signed_in, member, viewer):
    page = text(signed_in(member).get(reverse("jobs:list")))
    assert "No jobs yet" in page
    assert reverse("jobs:new") in page
    assert reverse("jobs:new") not in text(signed_in(viewer).get(reverse("jobs:list")))


def test_it_lists_and_says_when_nothing_matches(signed_in, viewer, job):
    client = signed_in(viewer)
    page = text(client.get(reverse("jobs:list")))
    assert "First" in page
    assert "breast cancer" in page
    page = text(client.get(reverse("jobs:list"), {"q": "nothing like it"}))
    assert "No job matches" in page


def test_it_refreshes_its_rows_alone(signed_in, viewer, job):
    answer = signed_in(viewer).get(
        reverse("jobs:list"), {"part": "rows", "status": "InProgress"}, headers={"HX-Request": "1"}
    )
    assert text(answer).strip().startswith('<section id="rows"')
    assert "status=InProgress" in text(answer)


def test_its_list_asks_the_database_as_often_for_many_as_for_one(
    signed_in, viewer, job, workspace, prepared, django_assert_max_num_queries
):
    client = signed_in(viewer)
    client.get(reverse("jobs:list"))
    rows = [
        TrainingJob(workspace=workspace, preparation=prepared, name=f"n{n}", status="InProgress")
        for n in range(60)
    ]
    TrainingJob.objects.bulk_create(rows)
    with django_assert_max_num_queries(12):
        assert "n59" in text(client.get(reverse("jobs:list")))


def test_it_offers_what_is_ready_to_learn_from(signed_in, member, prepared, workspace):
    unready = make_preparation(workspace, status="Preparing", name="later")
    client = signed_in(member)
    assert "Gradient-boosted trees" in text(client.get(reverse("jobs:new")))
    page = text(client.get(reverse("jobs:new"), {"algorithm": "xgboost"}))
    assert prepared.uid in page
    assert unready.uid not in page


def test_it_fills_in_what_the_data_imply(signed_in, member, workspace):
    three = make_preparation(workspace, task="multiclass", labels=("a", "b", "c"))
    form = signed_in(member).get(new_url(three)).context["form"]
    assert form["hyperparameters.objective"].value() == "multi:softprob"
    assert form["hyperparameters.num_class"].value() == "3"
    assert "The target has 3 labels" in form["hyperparameters.num_class"].help_text
    assert form["hyperparameters.num_round"].value() == "100"
    assert {field.label for field in form.usual} >= {"num_round", "objective", "eta", "max_depth"}
    assert not form.advanced_is_used


def test_it_launches_once_for_two_clicks(signed_in, member, prepared):
    client = signed_in(member)
    form = client.get(new_url(prepared)).context["form"]
    sent = typed(form, name="Mine")
    first = client.post(new_url(prepared), sent)
    second = client.post(new_url(prepared), sent)
    job = TrainingJob.objects.get()
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["Location"] == reverse("jobs:detail", args=[job.uid])
    assert job.hyperparameters == {"num_round": "100", "objective": "binary:logistic"}
    assert (job.name, job.instance_type) == ("Mine", "ml.m5.large")


def test_it_shows_mistakes_at_the_field_and_loses_nothing(signed_in, member, prepared):
    client = signed_in(member)
    form = client.get(new_url(prepared)).context["form"]
    changes = {"hyperparameters.eta": "7", "hyperparameters.num_round": "", "name": "Keep me"}
    answer = client.post(new_url(prepared), typed(form, **changes))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert "at least 0 and at most 1" in errors["hyperparameters.eta"][0]
    assert "hyperparameters.num_round is required" not in str(errors)
    assert "num_round is required." in errors["hyperparameters.num_round"]
    assert 'value="Keep me"' in text(answer)
    assert not TrainingJob.objects.exists()


def test_it_checks_only_fields_that_there_are(signed_in, member, prepared):
    client, check = signed_in(member), reverse("jobs:check")
    assert client.post(check).status_code == 400
    assert client.post(f"{check}?preparation={prepared.uid}&field=nope").status_code == 400


def test_it_says_when_the_data_are_gone_meanwhile(signed_in, member, prepared):
    client = signed_in(member)
    sent = typed(client.get(new_url(prepared)).context["form"])
    prepared.status = "Failed"
    prepared.save()
    answer = client.post(new_url(prepared), sent)
    assert answer.status_code == 422
    assert "has no data yet" in text(answer)
    assert 'value="100"' in text(answer)


def test_it_tells_the_price_before_the_launch(signed_in, member, prepared):
    client = signed_in(member)
    form = client.get(new_url(prepared)).context["form"]
    sent = typed(form, instance_count="2", max_runtime_seconds="14400")
    answer = client.post(
        f"{reverse('jobs:check')}?preparation={prepared.uid}&part=estimate",
        sent,
        headers={"HX-Request": "1"},
    )
    hourly = cost.per_hour("ml.m5.large", 2)
    assert text(answer).strip().startswith('<div class="card" id="estimate"')
    assert money(hourly) in text(answer)
    assert money(4 * hourly) in text(answer)


def test_it_copies_a_job(signed_in, member, job):
    client = signed_in(member)
    form = client.get(reverse("jobs:new"), {"clone": job.uid}).context["form"]
    assert form["name"].value() == "First (copy)"
    assert form["hyperparameters.num_round"].value() == "10"


def test_it_cannot_copy_what_was_launched_elsewhere(signed_in, member, workspace):
    foreign = make_job(workspace, None)
    answer = signed_in(member).get(reverse("jobs:new"), {"clone": foreign.uid})
    assert answer.status_code == 400
    assert "not launched here" in text(answer)


def test_it_shows_a_running_job(signed_in, member, job):
    job.rounds_done, job.metrics = 4, {"validation:logloss": 0.2}
    job.transitions = [
        {"status": "Training", "start": "2026-05-01T12:00:00+00:00", "end": None, "message": "On."}
    ]
    job.save()
    LogLine.objects.create(job=job, number=1, at=timezone.now(), message="<b>[0]</b>")
    page = text(signed_in(member).get(reverse("jobs:detail", args=[job.uid])))
    for part in ("Round 4 of 10", "On.", "&lt;b&gt;[0]", f'data-live="job:{job.uid}"', "Stop"):
        assert part in page
    assert "Deploy" not in page


def test_it_shows_only_its_status_when_asked(signed_in, viewer, job):
    answer = signed_in(viewer).get(
        reverse("jobs:detail", args=[job.uid]), {"part": "status"}, headers={"HX-Request": "1"}
    )
    assert text(answer).strip().startswith('<div id="status"')
    assert "Stop</button>" not in text(answer)


def test_it_explains_a_failure(signed_in, viewer, job):
    job.status, job.failure_reason = "Failed", "AlgorithmError: exit code: 137"
    job.save()
    page = text(signed_in(viewer).get(reverse("jobs:detail", args=[job.uid])))
    assert "ran out of memory" in page
    assert "exit code: 137" in page


def test_it_offers_to_deploy_what_is_trained(signed_in, member, job):
    job.status, job.artifact = "Completed", "s3://b/k/model.tar.gz"
    job.save()
    page = text(signed_in(member).get(reverse("jobs:detail", args=[job.uid])))
    assert f"{reverse('endpoints:deploy')}?job={job.uid}" in page


def test_it_draws_the_points(signed_in, viewer, job):
    for step, value in enumerate((0.5, 0.4, 0.45)):
        MetricPoint.objects.create(job=job, name="validation:logloss", step=step, value=value)
    figure = signed_in(viewer).get(reverse("jobs:figure", args=[job.uid, "logloss"])).json()
    assert figure["data"][0]["y"] == [0.5, 0.4, 0.45]
    assert figure["data"][1]["x"] == [2]


def test_it_stops_from_the_page(signed_in, member, job):
    client = signed_in(member)
    answer = client.post(reverse("jobs:stop", args=[job.uid]))
    assert answer.status_code == 302
    job.refresh_from_db()
    assert (job.status, job.stop_requested_at is None) == ("InProgress", False)
    assert "Asked to stop" in text(client.get(reverse("jobs:detail", args=[job.uid])))


def test_it_removes_only_what_has_ended(signed_in, member, job):
    client, url = signed_in(member), reverse("jobs:delete", args=[job.uid])
    assert client.post(url).status_code == 409
    TrainingJob.objects.filter(pk=job.pk).update(status="Completed")
    assert "Remove First?" in text(client.get(url))
    assert client.post(url).status_code == 302
    assert client.get(reverse("jobs:detail", args=[job.uid])).status_code == 404


@pytest.mark.parametrize("name", ["detail", "log", "stop", "delete"])
def test_it_is_not_there_for_strangers(signed_in, stranger, job, name):
    client, url = signed_in(stranger), reverse(f"jobs:{name}", args=[job.uid])
    answer = client.post(url) if name in {"stop", "delete"} else client.get(url)
    assert answer.status_code == 404


def test_it_keeps_viewers_from_changing(signed_in, viewer, job, prepared):
    client = signed_in(viewer)
    assert client.get(reverse("jobs:new")).status_code == 403
    assert client.get(new_url(prepared)).status_code == 403
    assert client.post(reverse("jobs:stop", args=[job.uid])).status_code == 403
    assert client.post(reverse("jobs:delete", args=[job.uid])).status_code == 403


def test_it_renders_with_its_age_while_aws_is_away(signed_in, viewer, job, workspace):
    name = health_notes.mirror_name(workspace, "jobs")
    health_notes.beat(name)
    health_notes.beat(name, problem="Unavailable: nobody there")
    for url in (reverse("jobs:list"), reverse("jobs:detail", args=[job.uid])):
        answer = signed_in(viewer).get(url)
        assert answer.status_code == 200
        assert "AWS does not answer" in text(answer)

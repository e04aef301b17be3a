"""Comparing: the set in the address, foreign runs, exports, figures, and how often it asks."""

import csv
import io
import re

import pytest
from django.urls import reverse

from core.models import Role
from jobs import compare
from jobs.models import MetricPoint, TrainingJob
from tests.conftest import person
from tests.jobs.conftest import make_preparation

pytestmark = pytest.mark.django_db
AUC = "validation:auc"


def make_run(workspace, prepared, number, **changes):
    fields = {
        "workspace": workspace,
        "name": f"run {number}",
        "status": "Completed",
        "preparation": prepared,
        "algorithm": "xgboost",
        "hyperparameters": {"eta": f"0.{number}", "max_depth": "6"},
        "instance_type": "ml.m5.large",
        "headline_metric": AUC,
        "headline_value": number / 10,
        "metrics": {AUC: number / 10, "train:auc": 1.0},
        "training_seconds": 60 + number,
        "billable_seconds": 60 + number,
    }
    return TrainingJob.objects.create(**fields | changes)


@pytest.fixture
def three(workspace, prepared):
    jobs = [make_run(workspace, prepared, number) for number in (1, 2, 3)]
    MetricPoint.objects.bulk_create(
        MetricPoint(job=job, name=AUC, step=step, value=step / 10)
        for job in jobs[:2]
        for step in range(4)
    )
    return jobs


def runs(*jobs):
    return ",".join(job if isinstance(job, str) else job.uid for job in jobs)


def text(answer):
    return answer.content.decode()


def named(page):
    """What the rows of the table are called."""
    return set(re.findall(r'<th scope="row"[^>]*>([^< ]+)', page))


def shown(client, *jobs, **more):
    return client.get(reverse("jobs:compare"), {"runs": runs(*jobs)} | more)


def test_it_shows_what_differs_and_hides_what_does_not(signed_in, viewer, three):
    client = signed_in(viewer)
    page = text(shown(client, *three))
    assert "Compare 3 runs" in page
    assert "eta" in named(page)
    assert "max_depth" not in named(page)
    everything = text(shown(client, *three, all="1"))
    assert {"eta", "max_depth"} <= named(everything)
    assert "breast cancer" in everything


def test_the_set_and_its_order_stand_in_the_address(signed_in, viewer, three):
    one, two, three_ = three
    answer = shown(signed_in(viewer), three_, one, one)
    assert [run.job.pk for run in answer.context["runs"]] == [three_.pk, one.pk]
    assert answer.context["runs"][0].remove_url == f"?runs={one.uid}"
    added = {job.pk: url for job, url in answer.context["found"]}
    assert added[two.pk] == f"?runs={three_.uid},{one.uid},{two.uid}"
    ticked = signed_in(viewer).get(f"{reverse('jobs:compare')}?runs={one.uid}&runs={two.uid}")
    assert [run.job.pk for run in ticked.context["runs"]] == [one.pk, two.pk]


def test_what_is_unknown_foreign_or_deleted_is_told_alike(signed_in, viewer, three, stranger):
    foreign = make_run(stranger.memberships.get().workspace, None, 9, name="their secret")
    three[2].deleted_at = three[2].created_at
    three[2].save()
    page = text(shown(signed_in(viewer), three[0], foreign, "nothere000", three[2]))
    assert "their secret" not in page
    assert "run 3" not in page
    for uid in (foreign.uid, "nothere000", three[2].uid):
        assert f"<code>{uid}</code>" in page
    assert "Compare 1 run<" in page


def test_it_goes_to_the_workspace_of_the_runs_where_the_visitor_belongs(
    signed_in, viewer, three, stranger
):
    elsewhere = stranger.memberships.get().workspace
    both = person("bea", elsewhere, Role.VIEWER)
    both.memberships.create(workspace=three[0].workspace, role=Role.VIEWER)
    answer = shown(signed_in(both), *three)
    assert len(answer.context["runs"]) == 3
    assert answer.wsgi_request.actor.workspace == three[0].workspace


def test_at_most_fifty_runs_fit(signed_in, viewer, workspace, prepared):
    jobs = [make_run(workspace, prepared, number) for number in range(53)]
    answer = shown(signed_in(viewer), *jobs)
    assert len(answer.context["runs"]) == 50
    assert "3 are left out" in text(answer)


def test_it_marks_the_best_and_the_distance_from_the_baseline(signed_in, viewer, three):
    page = text(shown(signed_in(viewer), *three, base=three[0].uid))
    assert "+0.2, better" in page
    assert "Baseline ✓" in page
    assert page.count(">best<") >= 1


def test_its_forms_keep_what_else_the_address_says(signed_in, viewer, three):
    where = {
        "base": three[0].uid,
        "all": "1",
        "metric": AUC,
        "x": "param.eta",
        "y": "result.seconds",
    }
    answer = shown(signed_in(viewer), *three, **where)
    forms = re.findall(r"<form[^>]*method=.get.*?</form>", text(answer), re.DOTALL)
    own = (set(), {"metric"}, {"x", "y"})
    for form, mine in zip(forms, own, strict=True):
        kept = set(re.findall(r'type="hidden" name="(\w+)"', form))
        assert kept == {"runs", *where} - mine
    assert answer.context["drawn"] == [AUC]
    assert answer.context["scatter"].y.key == "result.seconds"
    assert shown(signed_in(viewer), *three, metric="unknown").context["drawn"] == [AUC, "train:auc"]


def test_it_finds_runs_to_add(signed_in, viewer, three):
    client = signed_in(viewer)
    found = client.get(
        reverse("jobs:compare"),
        {"runs": three[0].uid, "q": "run 3", "part": "found"},
        headers={"HX-Request": "true"},
    )
    assert text(found).strip().startswith('<div id="found"')
    assert "run 3" in text(found)
    assert "run 2" not in text(found)


def test_its_files_hold_the_table_and_no_formula(signed_in, viewer, three):
    three[0].name, three[0].hyperparameters = "=cmd()", {"eta": "@x", "max_depth": "-2"}
    three[0].save()
    client = signed_in(viewer)
    url = reverse("jobs:compare_table", args=["csv"])
    answer = client.get(url, {"runs": runs(*three), "all": "1"})
    table = {row[1]: row for row in csv.reader(io.StringIO(text(answer)))}
    assert table["name"][3:] == ["'=cmd()", "run 2", "run 3"]
    assert table["eta"] == ["Parameters", "eta", "yes", "'@x", "0.2", "0.3"]
    assert table["max_depth"][3] == "-2"
    assert "attachment" in answer.headers["Content-Disposition"]
    body = client.get(reverse("jobs:compare_table", args=["json"]), {"runs": runs(*three)}).json()
    assert [run["id"] for run in body["runs"]] == [job.uid for job in three]
    assert all(row["differs"] for row in body["rows"])
    assert client.get(reverse("jobs:compare_table", args=["exe"])).status_code == 404


def test_its_figures_hold_the_chosen_runs(signed_in, viewer, three):
    client = signed_in(viewer)
    where = {"runs": runs(*three), "metric": AUC}
    figure = client.get(reverse("jobs:compare_curves"), where).json()
    assert [line["name"] for line in figure["data"]] == ["1 run 1", "2 run 2"]
    assert figure["data"][0]["y"] == [0, 0.1, 0.2, 0.3]
    points = text(client.get(reverse("jobs:compare_points"), where))
    assert points.count("<tr>") == 5
    dots = client.get(
        reverse("jobs:compare_scatter"), where | {"x": "param.eta", "y": f"metric.{AUC}"}
    ).json()["data"][0]
    assert dots["x"] == [0.1, 0.2, 0.3]
    assert dots["customdata"][0] == reverse("jobs:detail", args=[three[0].uid])


def test_a_long_curve_is_drawn_with_few_points_and_its_spike(workspace, prepared):
    job = make_run(workspace, prepared, 1)
    MetricPoint.objects.bulk_create(
        MetricPoint(job=job, name=AUC, step=step, value=9.0 if step == 777 else 0.5)
        for step in range(3_000)
    )
    curve = compare.curves([job], AUC)[job.uid]
    assert len(curve) <= 1_000
    assert (777, 9.0) in curve


def test_an_outside_job_without_data_or_points_has_its_place(signed_in, viewer, workspace, three):
    outside = TrainingJob.objects.create(
        workspace=workspace,
        name="from a notebook",
        status="InProgress",
        inputs={"train": {"uri": "s3://b/t/", "content_type": "text/csv"}},
    )
    page = text(shown(signed_in(viewer), outside, three[0]))
    assert "s3://b/t/" in page
    assert "not set" in page


def test_it_asks_the_database_as_often_for_many_runs_as_for_two(
    signed_in, viewer, workspace, django_assert_max_num_queries
):
    jobs = [make_run(workspace, make_preparation(workspace), number) for number in range(30)]
    client = signed_in(viewer)
    shown(client, *jobs[:2])
    with django_assert_max_num_queries(12):
        shown(client, *jobs)
    with django_assert_max_num_queries(8):
        client.get(reverse("jobs:compare_curves"), {"runs": runs(*jobs), "metric": AUC})


def test_the_api_answers_the_same(api, viewer, three, stranger):
    client = api(viewer)
    body = client.get("/api/v1/jobs/compare", {"runs": runs(*three, "nothere000")}).json()
    rows = {row["key"]: row for row in body["rows"]}
    assert rows["param.eta"]["values"] == ["0.1", "0.2", "0.3"]
    assert rows[f"metric.{AUC}"]["best"] == [2]
    assert not rows["param.max_depth"]["differs"]
    assert body["missing"] == ["nothere000"]
    fewer = client.get("/api/v1/jobs/compare", {"runs": runs(*three), "differences": "1"}).json()
    assert all(row["differs"] for row in fewer["rows"])
    nothing = api(stranger).get("/api/v1/jobs/compare", {"runs": runs(*three)}).json()
    assert nothing["runs"] == []

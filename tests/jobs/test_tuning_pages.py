"""The pages and the API of tuning jobs."""

import json
import re
import time

import pytest
from django.urls import reverse

from jobs import leaderboard
from jobs.models import TrainingJob, TuningJob

pytestmark = pytest.mark.django_db
NEW = {
    "hyperparameters.num_round": "5",
    "vary.max_depth": "on",
    "low.max_depth": "2",
    "high.max_depth": "4",
    "scaling.max_depth": "Linear",
    "objective": "validation:auc",
    "strategy": "Random",
    "max_jobs": "3",
    "max_parallel": "3",
    "instance_type": "ml.m5.large",
    "instance_count": "1",
    "volume_gb": "10",
    "max_runtime_seconds": "3600",
    "idempotency_key": "one",
}


def address(prepared):
    return f"{reverse('jobs:tuning_new')}?preparation={prepared.uid}"


@pytest.fixture
def tuning(workspace, member, prepared):
    row = TuningJob.objects.create(
        workspace=workspace,
        created_by=member,
        name="search",
        status="Completed",
        preparation=prepared,
        algorithm="xgboost",
        ranges=[
            {"name": "eta", "kind": "continuous", "low": "0.1", "high": "0.5"}
            | {"scaling": "Linear", "values": []}
        ],
        objective="validation:auc",
        best_name="search-2",
        best_value=0.9,
        instance_type="ml.m5.large",
    )
    for number, value in enumerate((0.7, 0.9, None), start=1):
        TrainingJob.objects.create(
            workspace=workspace,
            name=f"search-{number}",
            aws_name=f"search-{number}",
            status="Completed" if value else "Failed",
            preparation=prepared,
            algorithm="xgboost",
            tuning_job=row,
            hyperparameters={"eta": str(number / 10)},
            metrics={"validation:auc": value} if value else {},
        )
    return row


def test_the_form_begins_with_what_amazon_recommends(signed_in, member, prepared):
    page = signed_in(member).get(address(prepared)).content.decode()
    assert 'name="low.eta" value="0.1"' in page
    assert 'name="high.eta" value="0.5"' in page
    assert "validation:logloss (less is better)" in page


def test_a_second_click_makes_one(signed_in, member, prepared):
    client = signed_in(member)
    first = client.post(address(prepared), NEW)
    assert first.status_code == 302, first.content.decode()[:2000]
    assert client.post(address(prepared), NEW).url == first.url
    row = TuningJob.objects.get()
    assert (row.objective, row.max_jobs, row.hyperparameters["num_round"]) == (
        "validation:auc",
        3,
        "5",
    )
    assert [(one["name"], one["low"]) for one in row.ranges] == [("max_depth", "2")]


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(signed_in, member, prepared):
    wrong = NEW | {"low.max_depth": "9", "max_jobs": "0", "hyperparameters.eta": "0.25"}
    answer = signed_in(member).post(address(prepared), wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "the lowest value must be below the highest" in page
    assert "Choose 1 to 750." in page
    assert 'value="0.25"' in page
    assert not TuningJob.objects.exists()


def test_the_page_ranks_trials_and_offers_the_best(signed_in, member, tuning):
    page = signed_in(member).get(reverse("jobs:tuning", args=[tuning.uid])).content.decode()
    order = TrainingJob.objects.order_by("aws_name").values_list("uid", flat=True)
    board = page[page.index("Leaderboard") : page.index("Which values win?")]
    places = [board.index(reverse("jobs:detail", args=[uid])) for uid in order]
    assert places[1] < places[0] < places[2]
    assert reverse("jobs:tuning_new") + f"?clone={tuning.uid}" in page


def test_a_copy_carries_ranges_over(signed_in, member, tuning):
    page = signed_in(member).get(f"{reverse('jobs:tuning_new')}?clone={tuning.uid}")
    text = page.content.decode()
    assert 'name="vary.eta" ' in text
    assert 'name="low.eta" value="0.1"' in text
    assert "search (copy)" in text


@pytest.mark.parametrize("figure", ["progress", "importance", "parallel", "slice-eta"])
def test_it_draws_figures(signed_in, member, tuning, figure):
    answer = signed_in(member).get(reverse("jobs:tuning_figure", args=[tuning.uid, figure]))
    assert set(answer.json()) == {"data", "layout"}
    assert bool(answer.json()["data"]) is (figure != "importance")
    if figure in ("progress", "slice-eta"):
        links = answer.json()["data"][0]["customdata"]
        assert len(links) == 2
        assert "search-" in signed_in(member).get(links[0]).content.decode()


def test_importance_comes_from_finished_trials_and_is_kept(tuning, workspace, prepared):
    for number in range(4, 9):
        TrainingJob.objects.create(
            workspace=workspace,
            name=f"search-{number}",
            aws_name=f"search-{number}",
            status="InProgress" if number == 8 else "Completed",
            preparation=prepared,
            tuning_job=tuning,
            hyperparameters={"eta": str(number / 20)},
            metrics={"validation:auc": number / 10},
        )
    board = leaderboard.of(tuning)
    assert [one.number for one in leaderboard.finished(board)] == [2, 1, 7, 6, 5, 4]
    assert leaderboard.importances(tuning, board) == {"eta": 1.0}
    began = time.process_time()
    assert leaderboard.importances(tuning, board) == {"eta": 1.0}
    assert time.process_time() - began < 0.05


def test_it_draws_no_slice_of_what_did_not_vary(signed_in, member, tuning):
    answer = signed_in(member).get(reverse("jobs:tuning_figure", args=[tuning.uid, "slice-gamma"]))
    assert answer.status_code == 404


def test_the_list_shows_it(signed_in, viewer, tuning):
    TrainingJob.objects.filter(name="search-2").update(billable_seconds=3_600)
    tuning.counts = {"Completed": 2, "NonRetryableError": 1}
    tuning.save()
    client = signed_in(viewer)
    page = client.get(reverse("jobs:tuning_list"), {"q": "sear"}).content.decode()
    assert reverse("jobs:tuning", args=[tuning.uid]) in page
    assert "3 of 9" in page
    assert "$0.115" in page
    none = client.get(reverse("jobs:tuning_list"), {"strategy": "Grid"}).content.decode()
    assert "No tuning job matches" in none


def test_numbers_are_shown_in_few_digits(tuning):
    TrainingJob.objects.filter(name="search-1").update(hyperparameters={"eta": "0.34865451768325"})
    board = leaderboard.of(tuning)
    assert [one.shown for one in board] == [["0.2"], ["0.34865"], ["0.3"]]


def test_trials_lead_to_a_comparison(signed_in, viewer, tuning):
    client = signed_in(viewer)
    page = client.get(reverse("jobs:tuning", args=[tuning.uid])).content.decode()
    ahead = re.search(r'href="(/jobs/compare\?runs=[^"]+)"', page)[1]
    runs = TrainingJob.objects.order_by("aws_name").values_list("uid", flat=True)
    assert ahead.partition("=")[2].split(",") == [runs[1], runs[0], runs[2]]
    assert "search-2" in client.get(ahead).content.decode()
    assert page.count('form="compare-trials"') == 3


def test_the_api_launches_and_tells(api, member, prepared):
    client = api(member)
    wish = {
        "algorithm": "xgboost",
        "preparation": prepared.uid,
        "hyperparameters": {"num_round": 5},
        "ranges": [{"name": "eta", "low": 0.1, "high": 0.4}],
        "objective": "validation:auc",
        "instance_type": "ml.m5.large",
    }
    made = client.post("/api/v1/tuning-jobs", json.dumps(wish), content_type="application/json")
    assert made.status_code == 201, made.content
    told = client.get(f"/api/v1/tuning-jobs/{made.json()['id']}").json()
    assert (told["status"], told["ranges"][0]["low"], told["trials"]) == ("Requested", "0.1", [])
    assert told["cost_cap_usd"] > told["cost_usd"] == 0
    assert (told["outside"], told["warm_start"]) == (False, {})
    listed = client.get("/api/v1/tuning-jobs").json()
    assert [one["id"] for one in listed["items"]] == [told["id"]]
    stopped = client.post(f"/api/v1/tuning-jobs/{told['id']}/stop")
    assert stopped.json()["status"] == "Stopped"
    wrong = client.post(
        "/api/v1/tuning-jobs",
        json.dumps(wish | {"objective": "beauty"}),
        content_type="application/json",
    )
    assert (wrong.status_code, "objective" in wrong.content.decode()) == (422, True)

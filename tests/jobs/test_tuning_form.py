"""The form of a tuning job: told while one types, grids, Hyperband, and earlier tuning jobs."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs import tuning
from jobs.models import TuningJob
from tests.jobs.test_tuning_pages import NEW, address

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}
GRID = NEW | {
    "strategy": "Grid",
    "max_jobs": "9",
    "vary.eta": "on",
    "values.eta": "0.1, 0.2, 0.3",
    "values.max_depth": "2, 4",
}


@pytest.fixture
def client(signed_in, member):
    return signed_in(member)


@pytest.fixture
def earlier(workspace, prepared):
    """As many hyperparameters as `NEW` sends: num_round, objective and max_depth."""
    return TuningJob.objects.create(
        workspace=workspace,
        name="last week",
        status="Completed",
        aws_name="last-week",
        preparation=prepared,
        algorithm="xgboost",
        hyperparameters={"num_round": "5", "objective": "binary:logistic"},
        ranges=[{"name": "max_depth", "kind": "integer", "low": "2", "high": "9", "values": []}],
        objective="validation:auc",
        best_value=0.93,
        ended_at=timezone.now(),
    )


def told(client, prepared, field, values):
    place = f"preparation={prepared.uid}&algorithm=xgboost&field={field}"
    answer = client.post(f"{reverse('jobs:tuning_check')}?{place}", values)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_tells_while_one_types(client, prepared):
    text = told(client, prepared, "vary.max_depth", NEW | {"high.max_depth": "1"})
    place = text.index('id="id_vary.max_depth_notes"')
    assert "must be below the highest" in text[place : place + 300]
    assert "It varies: see above." in text
    assert "num_round is required" not in told(
        client, prepared, "seed", NEW | {"hyperparameters.num_round": ""}
    )
    assert client.post(f"{reverse('jobs:tuning_check')}?field=x").status_code == 404


def test_a_grid_says_how_many_trials_it_has_and_what_they_cost(client, prepared):
    assert "6 combinations" in told(client, prepared, "strategy", GRID)
    price = client.post(f"{address(prepared)}&part=estimate", GRID, **HTMX).content.decode()
    assert "At most, 6 trials" in price
    assert client.post(address(prepared), GRID).status_code == 302
    row = TuningJob.objects.get()
    assert row.max_jobs == 6
    assert [(one["name"], one["kind"], one["values"]) for one in row.ranges] == [
        ("eta", "categorical", ["0.1", "0.2", "0.3"]),
        ("max_depth", "categorical", ["2", "4"]),
    ]
    again = client.get(f"{reverse('jobs:tuning_new')}?clone={row.uid}").content.decode()
    assert 'name="values.eta" value="0.1, 0.2, 0.3"' in again


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"values.eta": "0.1, big"}, "could not parse &#x27;big&#x27; as a number"),
        ({"values.eta": ""}, "needs at least one value"),
        ({"values.eta": ",".join(f"0.{n:03}" for n in range(1, 400))}, "798 combinations"),
    ],
)
def test_a_grid_refuses_what_it_cannot_try(client, prepared, changes, words):
    answer = client.post(address(prepared), GRID | changes)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_api_knows_the_same_before_a_launch(api, member, prepared, earlier):
    wish = {
        "algorithm": "xgboost",
        "preparation": prepared.uid,
        "hyperparameters": {"num_round": 5, "gamma": 1},
        "ranges": [
            {"name": "eta", "values": [0.1, 0.2, 0.3]},
            {"name": "max_depth", "values": [2]},
        ],
        "objective": "validation:auc",
        "strategy": "Grid",
        "warm_start": {"kind": "TransferLearning", "parents": [earlier.uid]},
        "instance_type": "ml.m5.large",
        "max_runtime_seconds": 3_600,
    }
    place = "/api/v1/tuning-jobs/preflight"
    told = api(member).post(place, json.dumps(wish), content_type="application/json").json()
    assert "has 3 hyperparameters in all, this one 5" in told["errors"]["warm_start"][0]
    assert told["price"]["cap_usd"] == pytest.approx(3 * told["price"]["usd_per_hour"])


def test_hyperband_goes_up_to_the_rounds_that_stay_the_same(client, prepared):
    wish = NEW | {"strategy": "Hyperband", "hyperparameters.num_round": "81"}
    assert "between 1 and 81 rounds" in told(client, prepared, "strategy", wish)
    varied = {"vary.num_round": "on", "low.num_round": "5", "high.num_round": "50"}
    assert "stays the same: the most" in told(client, prepared, "vary.num_round", wish | varied)
    assert client.post(address(prepared), wish).status_code == 302
    spec = tuning.spec(TuningJob.objects.get())
    assert (spec.strategy, spec.max_resource) == ("Hyperband", 81)


def test_it_offers_earlier_tuning_jobs_and_says_why_one_does_not_fit(
    client, prepared, workspace, earlier
):
    page = client.get(address(prepared)).content.decode()
    assert "last week · breast cancer · validation:auc 0.93" in page
    warm = {"warm_start": [earlier.uid], "warm_kind": "IdenticalDataAndAlgorithm"}
    refused = client.post(address(prepared), NEW | warm | {"objective": "validation:logloss"})
    text = refused.content.decode()
    assert "last week searched by validation:auc; AWS wants the same objective." in text
    assert " checked" in text[text.index(f'value="{earlier.uid}"') :][:120]
    more = told(client, prepared, "warm_start", NEW | warm | {"hyperparameters.gamma": "1"})
    assert "last week has 3 hyperparameters in all, this one 4; AWS wants as many." in more
    assert client.post(address(prepared), NEW | warm).status_code == 302
    row = TuningJob.objects.exclude(pk=earlier.pk).get()
    assert row.warm_start == {"kind": "IdenticalDataAndAlgorithm", "parents": ["last-week"]}
    shown = client.get(reverse("jobs:tuning", args=[row.uid])).content.decode()
    assert "Learned from" in shown
    assert reverse("jobs:tuning", args=[earlier.uid]) in shown
    again = client.get(f"{reverse('jobs:tuning_new')}?clone={row.uid}").content.decode()
    assert " checked" in again[again.index(f'value="{earlier.uid}"') :][:120]


def test_bad_input_in_every_field_is_kept_and_marked(client, prepared):
    typed = {
        "low.max_depth": "shallow",
        "high.max_depth": "deep",
        "max_jobs": "many",
        "max_parallel": "-17",
        "seed": "lucky",
        "hyperparameters.gamma": "gamma-ray",
        "instance_type.other": "a-laptop",
        "instance_count": "a few",
        "volume_gb": "vast",
        "max_runtime_seconds.other": "until noon",
        "environment": "no sign of it",
        "aws_tags": "=nameless",
        "name": "n" * 121,
        "experiment": "e" * 121,
    }
    chosen = {"instance_type": "other", "max_runtime_seconds": "other", "vary.max_depth": "on"}
    answer = client.post(address(prepared), NEW | typed | chosen | {"objective": "beauty"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert [name for name, text in typed.items() if text not in page] == []
    marked = set(answer.context["form"].errors)
    fields = {name.removesuffix(".other") for name in typed} | {"objective", "vary.max_depth"}
    assert fields - marked == {"low.max_depth", "high.max_depth"}  # told at vary.max_depth
    assert not TuningJob.objects.exists()

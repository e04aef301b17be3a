"""What a page and the API say before a launch, and what stops one."""

import pytest
from django.urls import reverse
from django.utils import timezone

from aws import s3
from jobs.models import InstancePrice, TrainingJob, TuningJob
from tests.jobs.conftest import QUICK
from tests.jobs.test_pages import new_url, text, typed

pytestmark = pytest.mark.django_db
SEARCH = {  # of a tuning job; the form of a job does not know them
    "vary.max_depth": "on",
    "low.max_depth": "2",
    "high.max_depth": "4",
    "scaling.max_depth": "Linear",
    "objective": "validation:auc",
    "strategy": "Random",
}
KINDS = [("jobs:new", "jobs:check", TrainingJob), ("jobs:tuning_new", "jobs:tuning_new", TuningJob)]


@pytest.fixture
def at_amazon(console):
    console.workspace.kind = "aws"
    console.workspace.save()
    return console.workspace


def opened(client, url, preparation):
    """The form's address, and what it would send."""
    address = f"{reverse(url)}?preparation={preparation.uid}"
    return address, typed(client.get(address).context["form"]) | SEARCH


@pytest.mark.parametrize(("url", "check", "kind"), KINDS)
def test_it_tells_on_demand_and_creates_nothing(signed_in, member, console, url, check, kind):
    client = signed_in(member)
    _, sent = opened(client, url, console.preparation)
    answer = client.post(
        f"{reverse(check)}?preparation={console.preparation.uid}&part=preflight",
        sent | {"instance_count": "2"},
        headers={"HX-Request": "1"},
    )
    panel = text(answer)
    assert panel.strip().startswith('<section class="card stack-s" id="preflight"')
    assert "Instances: warning" in panel
    assert "SageMaker may become mlconsole-execution." in panel
    assert "launch_anyway" not in panel
    assert not kind.objects.exists()


@pytest.mark.parametrize(("url", "kind"), [(url, kind) for url, _, kind in KINDS])
def test_it_stops_what_aws_would_refuse_unless_told(signed_in, member, console, url, kind):
    workspace = console.workspace
    s3.delete_prefix(workspace.account, workspace.bucket, "cancer/train/")
    client = signed_in(member)
    address, sent = opened(client, url, console.preparation)
    sent |= {"name": "Kept"}
    answer = client.post(address, sent)
    assert answer.status_code == 422
    assert not answer.context["form"].errors
    assert "was not launched" in text(answer)
    assert f"Nothing lies under s3://{workspace.bucket}/cancer/train/" in text(answer)
    assert answer.context["form"]["name"].value() == "Kept"
    assert not kind.objects.exists()
    assert client.post(address, sent | {"launch_anyway": "on"}).status_code == 302
    assert kind.objects.get().name == "Kept"


def test_it_shows_certain_failures_at_the_field(signed_in, member, console):
    train = console.preparation.channels["train"]
    train["bytes"] = 20 * 2**30
    console.preparation.save()
    client = signed_in(member)
    address, sent = opened(client, "jobs:new", console.preparation)
    answer = client.post(address, sent | {"launch_anyway": "on"})
    assert answer.context["form"].errors["volume_gb"] == ["20.0 GB of data do not fit 10 GB."]
    assert not TrainingJob.objects.exists()


def test_it_says_whose_price_it_is(signed_in, member, at_amazon, prepared, viewer):
    client = signed_in(member)
    page = text(client.get(new_url(prepared)))
    assert "list prices of us-east-1, shipped with mlconsole" in page
    assert "only the most is known" in page
    InstancePrice.objects.create(
        region="us-east-1",
        instance_type="ml.m5.large",
        purpose="training",
        usd_per_hour=7,
        fetched_at=timezone.now(),
    )
    page = text(client.get(new_url(prepared)))
    assert "AWS price list of us-east-1, fetched" in page
    assert "$7.00" in page


def asked(client, kind, wish):
    return client.post(f"/api/v1/{kind}/preflight", wish, content_type="application/json").json()


@pytest.fixture
def wish(console):
    return {
        "algorithm": "xgboost",
        "preparation": console.preparation.uid,
        "hyperparameters": QUICK,
        "instance_type": "ml.m5.large",
    }


def test_the_api_tells_of_a_job(api, member, console, at_amazon, wish):
    TrainingJob.objects.create(
        workspace=at_amazon,
        preparation=console.preparation,
        name="done",
        algorithm="xgboost",
        status="Completed",
        hyperparameters=QUICK,
        instance_type="ml.m5.large",
        training_seconds=60,
    )
    told = asked(api(member), "jobs", wish)
    assert (told["would_fail"], told["errors"]) == (False, {})
    assert {one["check"]: one["verdict"] for one in told["findings"]}["Quota"] == "ok"
    assert told["price"]["expected_usd"] == pytest.approx(0.115 / 60)
    assert told["price"]["cap_usd"] == 0.115
    assert told["price"]["source"] == "List price of us-east-1 shipped with mlconsole"
    wrong = wish | {"hyperparameters": {"num_round": "many"}, "instance_type": "m5"}
    told = asked(api(member), "jobs", wrong)
    assert set(told["errors"]) == {"hyperparameters.num_round", "instance_type"}
    assert told["would_fail"]


def test_the_api_tells_of_a_tuning_job(api, member, at_amazon, wish):
    search = {
        "objective": "validation:auc",
        "ranges": [{"name": "max_depth", "low": 2, "high": 4}],
        "max_jobs": 4,
        "max_parallel": 4,
        "instance_count": 20,
    }
    told = asked(api(member), "tuning-jobs", wish | search)
    assert told["would_fail"]
    quota = next(one for one in told["findings"] if one["check"] == "Quota")
    assert (quota["verdict"], quota["certain"]) == ("would fail", False)
    assert told["price"]["cap_usd"] == pytest.approx(0.115 * 20 * 4)


def test_it_looks_at_scripts_too(signed_in, member, console):
    client = signed_in(member)
    address = f"{reverse('jobs:script_new')}?kind=scikit-learn"
    assert 'id="preflight"' in text(client.get(address))
    sent = {
        "preparation": console.preparation.uid,
        "inputs": f"extra=s3://{console.workspace.bucket}/nothing/",
        "instance_type": "ml.m5.large",
        "instance_count": "2",
    }
    answer = client.post(f"{address}&part=preflight", sent, headers={"HX-Request": "1"})
    told = {one.check: one.verdict for one in answer.context["preflight"].troubles}
    assert told == {"Data of extra": "would fail", "Instances": "warning"}
    assert "Script or archive" not in answer.context["preflight"].wrong
    assert not TrainingJob.objects.exists()

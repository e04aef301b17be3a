"""Models that others made in the account: seen by themselves, described a few at a time."""

from datetime import timedelta

import pytest

from aws import clients, sagemaker
from core.errors import Conflict
from core.models import Heartbeat
from endpoints import deploy, models_mirror, plans, register, unregister
from endpoints.models import RegisteredModel
from jobs.cursors import Pass
from tests.endpoints.conftest import fresh, in_service, now
from tests.localaws.lab import ROLE, XGBOOST

Status, Origin = RegisteredModel.Status, RegisteredModel.Origin


@pytest.fixture
def account(aws, workspace):
    """Only what the test makes is in the account."""
    account = workspace.account
    for model in list(sagemaker.list_models(account)):
        sagemaker.delete_model(account, model.name)
    return account


@pytest.fixture
def make(account, artifact):
    def make(name, **environment):
        container = {"Image": XGBOOST, "ModelDataUrl": artifact, "Environment": environment}
        client = sagemaker.models.client(account, "sagemaker")
        client.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)

    return make


@pytest.fixture
def look(workspace):
    def look(after=0, times=1):
        for _ in range(times):
            models_mirror.look(workspace, now() + timedelta(seconds=after))
        return list(RegisteredModel.objects.order_by("name"))

    return look


def test_a_notebooks_model_appears_with_its_facts(make, look, artifact):
    make("from-a-notebook", DEPTH="3", DB_PASSWORD="hunter2")
    (row,) = look()
    assert (row.origin, row.status, row.name) == ("outside", "Registered", "from-a-notebook")
    assert (row.image, row.artifact) == (XGBOOST, artifact)
    assert row.environment == {"DEPTH": "3", "DB_PASSWORD": "…"}
    assert row.aws_created_at is not None
    assert "XGBoost" in row.inspection["findings"][0]
    assert look(after=1) == [row]


def test_ours_are_known_by_their_names(look, who, job, account):
    model = register.from_job(who, job)
    register.submit(fresh(model), now())
    (row,) = look()
    assert (row.pk, row.origin) == (model.pk, "job")
    assert row.aws_created_at is not None


def test_what_is_deleted_at_aws_is_found_out_by_a_round(make, look, account):
    make("short-lived")
    look()
    sagemaker.delete_model(account, "short-lived")
    assert look(after=30)[0].status == "Registered"
    assert look(after=400)[0].status == "Deleted"
    make("short-lived")
    statuses = sorted(row.status for row in look(after=401))
    assert statuses == ["Deleted", "Registered"]


def test_a_name_that_was_given_away_is_another_model(make, look, account):
    make("shared-name", A="1")
    look()
    sagemaker.delete_model(account, "shared-name")
    make("shared-name", A="2")
    old, new = sorted(look(after=1), key=lambda row: row.pk)
    assert (old.status, new.status) == ("Deleted", "Registered")
    assert new.environment == {"A": "2"}
    assert len(look(after=2)) == 2


def test_many_are_described_over_several_looks(make, look, monkeypatch):
    monkeypatch.setattr(models_mirror, "DESCRIBES", 2)
    for number in range(5):
        make(f"m{number}")
    rows = look()
    assert len(rows) == 5
    assert sum(bool(row.arn) for row in rows) == 2
    assert all(row.arn for row in look(after=1, times=2))


def test_a_look_makes_a_bounded_number_of_calls(make, look, monkeypatch, aws):
    monkeypatch.setattr(models_mirror, "CALLS", 3)
    for number in range(4):
        make(f"m{number}")
    asked = []
    monkeypatch.setattr(
        Pass,
        "may_ask",
        lambda one, family, wanted=1, ask=Pass.may_ask: (
            asked.append(count := ask(one, family, wanted)) or count
        ),
    )
    look()
    assert sum(asked) == 3


def test_a_look_that_may_not_ask_loses_nothing(make, look, monkeypatch, workspace):
    make("first")
    look()
    before = dict(Heartbeat.objects.filter(name__contains="models").values_list("name", "at"))
    monkeypatch.setattr(models_mirror, "CALLS", 0)
    look(after=5, times=3)
    after = dict(Heartbeat.objects.filter(name__contains="models").values_list("name", "at"))
    lease = f"lease:mirror:models:{workspace.pk}"
    assert before | {lease: 0} == after | {lease: 0}


def test_a_list_longer_than_a_look_is_read_on_in_the_next(make, look, monkeypatch):
    monkeypatch.setattr(models_mirror, "PAGES", 1)
    pages = models_mirror.sagemaker.model_pages

    def short(account, filters, **order):
        return pages(account, filters | {"PaginationConfig": {"PageSize": 2}}, **order)

    monkeypatch.setattr(models_mirror.sagemaker, "model_pages", short)
    for number in range(7):
        make(f"m{number}")
    assert len(look()) < 7
    rows = [row for after in range(1, 9) for row in look(after=after)]
    assert len({row.name for row in rows}) == 7


def test_one_look_at_a_time(make, look, workspace):
    make("m")
    name = f"lease:mirror:models:{workspace.pk}"
    Heartbeat.objects.create(name=name, at=now() + timedelta(minutes=1))
    assert look() == []


def test_trouble_is_noted_and_nothing_is_forgotten(make, look, monkeypatch, workspace, aws):
    make("m")
    look()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(clients, "_clients", {})
    (row,) = look(after=400)
    assert row.status == "Registered"
    heartbeat = Heartbeat.objects.get(name=f"mirror:models:{workspace.pk}")
    assert heartbeat.problem.startswith("Unavailable: ")


def test_others_are_deployed_and_never_deleted(make, look, who, workspace, account):
    make("theirs")
    (row,) = look()
    with pytest.raises(Conflict, match="outside"):
        unregister.request(who, row)
    wish = {"instance_type": "ml.m5.large", "instance_count": 1}
    endpoint = in_service(deploy.request(who, model=row, **wish))
    assert endpoint.model == row
    stays = {item.name for item in plans.plan(endpoint).stays}
    assert "theirs" in stays

"""Prices: AWS's list as it was fetched, else the shipped table, and always said which."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from jobs import cost, inspection, prices
from jobs.models import InstancePrice
from jobs.prices import Book
from mlconsole.celery import timetable
from tests.jobs.conftest import inject, wire

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def priced(**changes):
    fields = {
        "region": "eu-west-1",
        "instance_type": "ml.m5.large",
        "purpose": "training",
        "usd_per_hour": 0.5,
        "fetched_at": NOW,
    }
    return InstancePrice.objects.create(**fields | changes)


@pytest.fixture
def at_amazon(workspace):
    workspace.kind = "aws"
    workspace.save()
    return workspace


def test_it_takes_the_regions_price_and_says_whose():
    priced()
    rate = Book("eu-west-1").rate("ml.m5.large")
    assert (rate.usd_per_hour, rate.source) == (0.5, "AWS price list of eu-west-1")
    assert rate.fetched_at == NOW
    assert cost.per_hour("ml.m5.large", 3, Book("eu-west-1")) == 1.5


@pytest.mark.parametrize("change", [{"region": "eu-west-2"}, {"purpose": "hosting"}])
def test_it_falls_back_to_the_shipped_table(change):
    priced(**change)
    rate = Book("eu-west-1").rate("ml.m5.large")
    assert (rate.usd_per_hour, rate.fetched_at) == (0.115, None)
    assert rate.source == "List price of us-east-1 shipped with mlconsole"
    assert Book("eu-west-1").rate("ml.no.such") is None


def test_it_asks_the_database_once_for_many(django_assert_num_queries):
    book = Book("eu-west-1")
    with django_assert_num_queries(1):
        for name in ("ml.m5.large", "ml.c5.xlarge", "ml.no.such"):
            book.rate(name)


def test_it_fetches_a_region_once_a_day(localaws, at_amazon, workspace, monkeypatch):
    wire(localaws, monkeypatch)
    priced(region="us-east-1", instance_type="ml.gone.large", fetched_at=NOW - timedelta(days=2))
    assert prices.outdated(now=NOW) == [workspace]
    prices.refresh(workspace, now=NOW)
    assert prices.outdated(now=NOW + timedelta(hours=23)) == []
    assert prices.outdated(now=NOW + timedelta(hours=25)) == [workspace]
    rows = InstancePrice.objects.filter(instance_type="ml.m5.large")
    assert {row.purpose: row.usd_per_hour for row in rows} == dict.fromkeys(prices.PURPOSES, 0.115)
    assert not InstancePrice.objects.filter(instance_type="ml.gone.large")
    prices.refresh(workspace, now=NOW + timedelta(days=1))
    assert Book("us-east-1").fetched_at == NOW + timedelta(days=1)


def test_it_keeps_the_old_prices_when_there_are_no_new_ones(
    localaws, at_amazon, workspace, monkeypatch, caplog
):
    wire(localaws, monkeypatch)
    old = priced(region="us-east-1", fetched_at=NOW - timedelta(days=3))
    inject(localaws, {"kind": "error", "service": "pricing", "code": "AccessDeniedException"})
    try:
        prices.refresh(workspace, now=NOW)
    finally:
        inject(localaws)
    assert Book("us-east-1").rate("ml.m5.large").fetched_at == old.fetched_at
    assert "were not fetched" in caplog.text
    workspace.region = "eu-west-1"  # which localaws has no prices of
    prices.refresh(workspace, now=NOW)
    assert not InstancePrice.objects.filter(region="eu-west-1")


def test_it_fetches_nothing_for_this_machine(workspace):
    assert prices.outdated(now=NOW) == []


def test_its_round_is_in_the_timetable(localaws, at_amazon, monkeypatch):
    wire(localaws, monkeypatch)
    names = [entry["task"] for entry in timetable(2.0).values()]
    for name in ("jobs.tasks.refresh_prices", "jobs.tasks.learn_quota_codes"):
        assert name in names
        import_string(name)()
    assert Book("us-east-1").rate("ml.m5.large").fetched_at
    assert cache.get(inspection.CODES)["ml.m5.large for training job usage"].startswith("L-")

"""Prices are rough and say so."""

from aws import pricing


def test_it_knows_a_list_price():
    price = pricing.hourly("ml.m5.large", purpose="hosting")
    assert price is not None
    assert price.usd_per_hour == 0.115
    assert price.approximate
    assert "us-east-1" in price.source


def test_it_admits_what_it_does_not_know():
    assert pricing.hourly("ml.unheard.of") is None

"""How times, sizes, money and numbers read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.templatetags import ui


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "–"), (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (5 * 2**40, "5.0 TB")],
)
def test_sizes(count, text):
    assert ui.size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0, "0 s"),
        (0.25, "0.2 s"),
        (2.0, "2 s"),
        (75, "1 min 15 s"),
        (3600, "1 h"),
        (timedelta(days=1, seconds=1), "1 d 1 s"),
    ],
)
def test_durations(seconds, text):
    assert ui.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "$0.000"),
        (0.00003, "< $0.001"),
        (0.115, "$0.115"),
        (83.951, "$83.95"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money(value, text):
    assert ui.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        (0, "0.0000"),
        (0.96491, "0.9649"),
        (4254.2, "4,254.2"),
        (1e-9, "1.000e-09"),
    ],
)
def test_metrics(value, text):
    assert ui.figure(value) == text


def test_shares():
    assert ui.percent(0.9649) == "96.5 %"
    assert ui.percent(None) == ui.percent("") == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "just now"), (30, "30 s ago"), (600, "10 min ago"), (7200, "2 h ago"), (-7260, "in 2 h")],
)
def test_relative_times_keep_the_exact_one(seconds, text):
    moment = timezone.now() - timedelta(seconds=seconds)
    shown = ui.ago(moment)
    assert text in shown
    assert f'datetime="{moment.isoformat(timespec="seconds")}"' in shown
    assert 'tabindex="0"' in shown


def test_an_unknown_status_counts_as_moving():
    assert ui.tone("Completed") == "good"
    assert ui.tone("SomethingNew") == "busy"

"""The same recipe on other data: next month's file, a corrected version."""

import pytest

from core.errors import Conflict, InvalidFields
from datasets import repeat, sweep
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import IRIS, soon
from tests.datasets.test_preparing_pages import SHOPS, text_of

pytestmark = pytest.mark.django_db
RECIPE = {"columns_out": ["customer_id"], "scale": "minmax", "missing": {"age": "median"}}


@pytest.fixture
def first(ready, prepared):
    return prepared(ready(SHOPS, filename="shops.csv"), target="churned", seed=4, recipe=RECIPE)


def changed(old, new):
    header, _, rows = SHOPS.partition("\n")
    return f"{header.replace(old, new)}\n{rows}"


def test_it_does_the_same_with_other_rows(first, ready, actor):
    rows = SHOPS.splitlines()
    again = repeat.request(actor, first, ready("\n".join(rows[:101]) + "\n", filename="may.csv"))
    sweep.sweep(soon())
    again.refresh_from_db()
    assert (again.status, again.failure_reason) == ("Ready", "")
    assert (again.repeats, again.recipe, again.seed) == (first.uid, RECIPE, 4)
    assert again.features == first.features
    assert again.labels == first.labels
    assert sum(channel["rows"] for channel in again.channels.values()) == 100


def test_it_names_the_columns_that_are_missing(first, ready, actor):
    without = ready(changed("age", "years"), filename="may.csv")
    with pytest.raises(InvalidFields) as refused:
        repeat.request(actor, first, without)
    assert refused.value.errors == {"dataset": ["“may.csv” lacks “age”, which the recipe needs."]}
    assert Preparation.objects.count() == 1


def test_a_column_that_the_recipe_leaves_out_need_not_be_there(first, ready, actor):
    without = ready(changed("customer_id", "number"), filename="may.csv")
    again = repeat.request(actor, first, without)
    assert again.recipe["columns_out"] == ["number"]


def test_new_columns_are_left_out_so_that_the_features_stay_the_same(first, ready, actor):
    rows = SHOPS.splitlines()
    wider = [f"{rows[0]},score", *(f"{row},{n * 3 % 50}" for n, row in enumerate(rows[1:]))]
    again = repeat.request(actor, first, ready("\n".join(wider) + "\n", filename="may.csv"))
    sweep.sweep(soon())
    again.refresh_from_db()
    assert again.recipe["columns_out"] == ["customer_id", "score"]
    assert again.features == first.features


def test_it_waits_for_the_profile(first, uploaded, actor):
    with pytest.raises(Conflict, match="Profiling"):
        repeat.request(actor, first, uploaded(SHOPS, filename="may.csv"))


def test_the_page_says_whether_it_fits_and_repeats_it_once(first, ready, signed_in, member):
    browser = signed_in(member)
    place = f"/datasets/preparations/{first.uid}/repeat"
    assert "There is no other dataset yet" in text_of(browser.get(place))

    good, bad = ready(SHOPS, filename="may.csv"), ready(IRIS)
    assert "lacks “shop”" in text_of(browser.get(place, {"dataset": bad.uid}))
    assert browser.post(place, {"dataset": bad.uid}).status_code == 422
    assert "Choose the dataset." in text_of(browser.post(place, {"dataset": ""}))
    assert "The recipe fits may.csv" in text_of(browser.get(place, {"dataset": good.uid}))

    for _ in range(2):
        answer = browser.post(place, {"dataset": good.uid, "idempotency_key": "k"})
    again = Preparation.objects.exclude(pk=first.pk).get()
    assert answer["Location"] == f"/datasets/preparations/{again.uid}"
    page = browser.get(answer["Location"]).content.decode()
    assert f'Repeats</dt><dd><a href="/datasets/preparations/{first.uid}">' in page
    page = browser.get(f"/datasets/preparations/{first.uid}").content.decode()
    assert f'<a href="/datasets/preparations/{again.uid}">may.csv</a>' in page


def test_newer_versions_stand_first(first, ready, signed_in, member):
    newer, _ = ready(SHOPS, filename="newer.csv"), ready(SHOPS, filename="other.csv")
    Dataset.objects.filter(pk=first.dataset.pk).update(family=first.dataset.uid)
    Dataset.objects.filter(pk=newer.pk).update(family=first.dataset.uid, version=2)
    page = text_of(signed_in(member).get(f"/datasets/preparations/{first.uid}/repeat"))
    assert page.index("newer.csv, version 2") < page.index("other.csv")
    assert "The recipe fits newer.csv" in page

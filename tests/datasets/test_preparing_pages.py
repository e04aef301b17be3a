import re

import pytest

from core.models import Workspace
from datasets import sweep
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import soon

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SHOPS = "customer_id,shop,age,plan,always,churned\n" + "".join(
    f"{1000 + n},s{n % 20},{n % 60 if n % 9 else ''},{'abc'[n % 3]},x,"
    f"{'yes' if n * 37 % 101 % 4 else 'no'}\n"
    for n in range(200)
)
WISH = {
    "algorithm": "xgboost",
    "target": "churned",
    "train": 70,
    "validation": 20,
    "test": 10,
    "seed": 0,
    "stratify": "on",
    "columns_mode": "out",
    "suggested_for": "churned",
}


@pytest.fixture
def browser(signed_in, member, lab):
    return signed_in(member)


@pytest.fixture
def shops(ready):
    return ready(SHOPS, filename="shops.csv")


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def form_of(dataset):
    return f"/datasets/{dataset.uid}/prepare"


def ticked(response):
    page = response.content.decode()
    return re.findall(r'name="columns" value="([^"]+)" id="c\d+" checked', page)


def test_it_ticks_what_is_better_left_out_and_says_why(browser, shops):
    response = browser.get(form_of(shops))
    assert ticked(response) == ["customer_id", "always"]
    text = text_of(response)
    assert "2 columns are ticked as a suggestion: customer_id , always" in text
    assert "identifier it numbers or names the rows" in text
    assert "Left out on request: customer_id, always." in text
    assert "Learn to predict churned (binary: two classes) with XGBoost" in text


def test_it_opens_for_the_target_in_the_address(browser, shops):
    page = browser.get(f"{form_of(shops)}?target=plan").content.decode()
    assert '<option value="plan" selected>plan</option>' in page
    page = browser.get(f"{form_of(shops)}?target=nobody").content.decode()
    assert '<option value="churned" selected>churned</option>' in page


def test_a_ticked_column_is_left_out_and_an_unticked_suggestion_is_used(browser, shops):
    browser.post(form_of(shops), WISH | {"columns": ["customer_id", "plan"]})
    preparation = Preparation.objects.get()
    assert preparation.recipe == {"columns_out": ["customer_id", "plan"]}


def test_it_prepares_only_the_ticked_columns(browser, shops):
    browser.post(form_of(shops), WISH | {"columns": ["age", "plan"], "columns_mode": "in"})
    assert Preparation.objects.get().recipe == {"columns_in": ["age", "plan"]}


def test_the_preview_stores_nothing_and_marks_the_fields(browser, shops):
    place = f"{form_of(shops)}/preview?part=live"
    response = browser.post(place, WISH | {"split_by": "group"}, headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert '<a href="#field-split_column">' in page
    error = re.search(r'id="id_split_column_error" hx-swap-oob="true">([^<]*)<', page)
    assert error is not None
    assert error[1] == "Choose the column."
    assert 'id="id_train_error" hx-swap-oob="true"></span>' in page
    assert "columns-list" not in page
    assert not Preparation.objects.exists()


def test_another_target_brings_its_own_suggestions(browser, shops):
    leaks = [{"column": "shop", "why": "it determines plan"}]
    insights = {"targets": {"plan": {"leaks": leaks}}}
    Dataset.objects.filter(pk=shops.pk).update(insights=insights)
    wish = WISH | {"target": "plan", "columns": ["customer_id", "age"]}  # “always” was unticked
    response = browser.post(f"{form_of(shops)}/preview?part=live", wish, headers=HTMX)
    assert set(ticked(response)) == {"customer_id", "shop", "age"}
    assert "it determines plan" in text_of(response)
    assert 'name="suggested_for" value="plan"' in response.content.decode()


def test_without_javascript_the_preview_is_a_page_with_everything_kept(browser, shops):
    wish = WISH | {"split_by": "group", "split_column": "shop", "missing_column": ["age", ""]}
    wish |= {"missing_do": ["drop", "median"], "columns": ["customer_id"], "format": "libsvm"}
    response = browser.get(form_of(shops), wish)
    text, page = text_of(response), response.content.decode()
    assert response.status_code == 200
    assert "all rows of one shop together" in text
    assert "age: cost their row" in text
    assert "written as libsvm" in text
    assert ticked(response) == ["customer_id"]
    assert re.search(r'name="missing_column" value="age"', page)
    assert '<option value="drop" selected>' in page
    assert not Preparation.objects.exists()


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"target": ""}, "target", "Choose the column to predict."),
        ({"split_by": "time", "split_column": "plan"}, "split_column", "holds neither dates"),
        ({"split_by": "files"}, "split_by", "Choose the file"),
        ({"format": "blazingtext"}, "format", "is prepared for in csv or libsvm or recordio"),
        ({"algorithm": "blazingtext"}, "text_column", "Choose the column of texts."),
        ({"rare_fewest": "1"}, "rare_fewest", "greater than or equal to 2"),
        ({"missing_column": ["plan"], "missing_do": ["median"]}, "missing", "holds no numbers"),
        ({"columns": ["nobody"]}, "columns", "There is no column “nobody”"),
        (
            {"algorithm": "knn", "missing_all": "leave"},
            "missing",
            "reads no missing values here, and “age” lacks",
        ),
    ],
)
def test_what_does_not_fit_together_is_said_at_the_field(browser, shops, change, field, message):
    response = browser.post(form_of(shops), WISH | change)
    assert response.status_code == 422
    error = re.search(rf'id="id_{field}_error">([^<]*)<', response.content.decode())
    assert error is not None
    assert message in error[1]
    assert "everything you chose is kept" in text_of(response)
    assert not Preparation.objects.exists()


def test_no_target_is_needed_to_cluster(browser, shops):
    wish = WISH | {"algorithm": "kmeans", "target": "", "columns": ["customer_id", "shop"]}
    response = browser.post(form_of(shops), wish)
    assert response.status_code == 302
    preparation = Preparation.objects.get()
    assert (preparation.task, preparation.target) == ("clustering", "")
    assert preparation.recipe["scale"] == "standard"
    sweep.sweep(soon())
    assert "K-Means on shops.csv" in text_of(browser.get(response["Location"]))


def test_the_rows_of_a_split_come_from_another_dataset(browser, shops, ready):
    other = ready(SHOPS, filename="newer.csv")
    wish = WISH | {"split_by": "files", "test_dataset": other.uid, "train": 80, "test": 0}
    browser.post(form_of(shops), wish)
    preparation = Preparation.objects.get()
    assert (preparation.test_dataset, preparation.validation_dataset) == (other, None)
    place = f"/datasets/preparations/{preparation.uid}"
    assert "the rows of newer.csv test" in text_of(browser.get(place))


def test_a_foreign_dataset_is_not_offered_and_not_taken(browser, shops, ready, wired, stranger):
    foreign = ready(SHOPS, filename="theirs.csv")
    Dataset.objects.filter(pk=foreign.pk).update(workspace=stranger.memberships.get().workspace)
    assert "theirs.csv" not in text_of(browser.get(form_of(shops)))
    browser.post(form_of(shops), WISH | {"split_by": "files", "test_dataset": foreign.uid})
    assert not Preparation.objects.exists()


def test_its_page_says_the_recipe_in_words_and_as_json(browser, shops):
    wish = WISH | {"split_by": "group", "split_column": "shop", "columns": ["customer_id"]}
    response = browser.post(form_of(shops), wish | {"scale": "minmax"})
    sweep.sweep(soon())
    page = browser.get(response["Location"])
    text = text_of(page)
    assert "Ready" in text
    assert "Numbers are squeezed to 0 … 1." in text
    assert "Left out on request: customer_id." in text
    assert "&quot;by&quot;: &quot;group&quot;" in page.content.decode()
    assert "Prepare again" in text
    assert "Repeat on new data" in text


def test_prepare_again_opens_the_form_with_everything_chosen(browser, shops):
    wish = WISH | {"columns": ["plan"], "seed": 7, "scale": "minmax", "train": 60, "test": 20}
    browser.post(form_of(shops), wish)
    preparation = Preparation.objects.get()
    response = browser.get(f"{form_of(shops)}?again={preparation.uid}")
    page = response.content.decode()
    assert ticked(response) == ["plan"]
    assert 'name="seed" value="7"' in page
    assert '<option value="minmax" selected>' in page
    assert 'name="train" value="60' in page


def test_it_says_when_a_processing_job_would_do_the_work(browser, shops):
    assert "Processing job" not in text_of(browser.get(form_of(shops)))
    Workspace.objects.update(prepare_here_bytes=100, allow_scripts=True)
    assert "a SageMaker Processing job prepares it" in text_of(browser.get(form_of(shops)))
    Workspace.objects.update(allow_scripts=False)
    assert "this workspace runs none on this machine" in text_of(browser.get(form_of(shops)))
    response = browser.post(form_of(shops), WISH)
    assert response.status_code != 302
    assert "this workspace runs none on this machine" in text_of(response)


def test_what_is_to_be_prepared_again_is_of_the_same_workspace(browser, shops, stranger):
    browser.post(form_of(shops), WISH)
    preparation = Preparation.objects.get()
    Preparation.objects.update(workspace=stranger.memberships.get().workspace)
    assert browser.get(f"{form_of(shops)}?again={preparation.uid}").status_code == 404
    assert browser.get(f"{form_of(shops)}?again=0000000000").status_code == 404


def test_a_failed_preparation_leads_back_to_its_choices(browser, shops):
    browser.post(form_of(shops), WISH)
    preparation = Preparation.objects.get()
    Preparation.objects.update(status="Failed", failure_reason="The disk is full.")
    page = browser.get(f"/datasets/preparations/{preparation.uid}").content.decode()
    assert "The disk is full." in page
    assert f"/datasets/{shops.uid}/prepare?again={preparation.uid}" in page


def test_two_thousand_columns_are_listed(browser, ready):
    names = [f"c{n}" for n in range(1_999)]
    rows = "".join(
        f"{','.join(str(n * k % 7) for k in range(1_999))},{'ab'[n % 2]}\n" for n in range(30)
    )
    wide = ready(f"{','.join(names)},y\n{rows}", filename="wide.csv")
    response = browser.get(form_of(wide))
    assert response.content.decode().count('name="columns"') == 1_999
    wish = WISH | {"target": "y", "suggested_for": "y", "columns": names[3:]}
    assert browser.post(form_of(wide), wish).status_code == 302
    assert len(Preparation.objects.get().recipe["columns_out"]) == 1_996

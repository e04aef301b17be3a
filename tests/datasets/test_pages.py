import gzip
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import access
from datasets import resumable, sweep
from datasets.models import Dataset, Preparation
from tests.datasets.conftest import IRIS, soon

pytestmark = pytest.mark.django_db
LIST, UPLOAD = "/datasets/", "/datasets/upload"


@pytest.fixture
def browser(signed_in, member, lab):
    return signed_in(member)


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def posted(browser, content=IRIS, **extra):
    data = content.encode() if isinstance(content, str) else content
    return browser.post(UPLOAD, {"name": "iris", "file": SimpleUploadedFile("i.csv", data)} | extra)


def test_the_empty_list_teaches_and_offers_samples(browser):
    text = text_of(browser.get(LIST))
    assert "Start with a table" in text
    assert "Use Breast cancer (Wisconsin)" in text


def test_it_uploads_without_javascript(browser):
    response = posted(browser)
    dataset = Dataset.objects.get()
    assert response.status_code == 302
    assert response["Location"] == reverse("datasets:detail", args=[dataset.uid])
    assert "Looking at every row" in text_of(browser.get(response["Location"]))

    sweep.sweep(soon())
    text = text_of(browser.get(response["Location"]))
    assert "Ready" in text
    assert "would be right in 33.3 % of the rows" in text
    assert "virginica" in text
    assert dataset.name in text_of(browser.get(LIST))


def test_it_lists_uploads_that_were_cut_off_and_lets_them_be_discarded(browser, actor, admin):
    now = timezone.now()
    announced = resumable.Announced(filename="big.csv", size=20_000_000, fingerprint="big")
    found, _ = resumable.begin(actor, announced, now=now)
    resumable.begin(access.actor(admin), announced, now=now)
    text = text_of(browser.get(UPLOAD))
    assert text.count("big.csv") == 1, "another person's cannot be gone on with"
    assert "0 % of 19.1 MB there" in text
    place = reverse("datasets:upload_cancel", args=[found.dataset.uid])
    assert browser.post(place).headers["Location"] == UPLOAD
    assert not Dataset.objects.filter(pk=found.dataset.pk).exists()
    assert browser.post(place).status_code == 404


def test_it_shows_what_is_wrong_with_a_file_and_keeps_the_name(browser):
    response = posted(browser, b"a,b,\n1,2,x\n")
    assert response.status_code == 422
    assert "column 3 has no name" in text_of(response)
    assert 'value="iris"' in response.content.decode()
    assert not Dataset.objects.exists()


def test_one_form_makes_one_dataset(browser):
    for _ in range(2):
        posted(browser, idempotency_key="once")
    assert Dataset.objects.count() == 1


def test_it_refuses_an_upload_without_the_forms_token_and_keeps_nothing(member, lab):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(member)
    assert posted(careful).status_code == 403
    assert not Dataset.objects.exists()

    page = careful.get(UPLOAD).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    assert posted(careful, csrfmiddlewaretoken=token[1]).status_code == 302


def test_it_links_to_the_same_file(browser):
    first = posted(browser)["Location"]
    again = posted(browser)["Location"]
    assert f'href="{first}"' in browser.get(again).content.decode()


def test_a_failed_dataset_says_why_and_can_be_deleted(browser):
    place = posted(browser, b"a,b\n1,x\n2\n")["Location"]
    sweep.sweep(soon())
    response = browser.get(place)
    assert "Line 3 has 1 field; expected 2." in text_of(response)
    assert "Prepare for training" not in text_of(response)
    assert browser.post(f"{place}/delete").status_code == 302
    assert browser.get(place).status_code == 404


def test_it_shows_the_format(browser):
    place = posted(browser, gzip.compress(b'{"a": 1, "b": "x"}\n'))["Location"]
    assert "JSON lines, gzip" in text_of(browser.get(place))
    place = posted(browser)["Location"]
    assert "with a header" in text_of(browser.get(place))


def test_it_warns_of_imbalance(browser):
    rows = "".join(f"{n},{'rare' if n % 20 == 0 else 'usual'}\n" for n in range(200))
    place = posted(browser, f"n,kind\n{rows}")["Location"]
    sweep.sweep(soon())
    text = text_of(browser.get(place))
    assert "Imbalanced: the largest class has 19 times the rows of the smallest." in text
    assert "right in 95.0 % of the rows" in text


def test_it_shows_the_split_before_and_the_rows_after(browser):
    place = posted(browser)["Location"]
    sweep.sweep(soon())
    assert "multiclass" in text_of(browser.get(f"{place}/prepare"))
    wish = {"target": "kind", "algorithm": "xgboost", "train": 50, "validation": 25, "test": 25}
    wish |= {"seed": 1, "stratify": "on"}
    part = browser.get(
        f"{place}/prepare", wish | {"part": "preview"}, headers={"HX-Request": "true"}
    )
    assert "All 30 15 15" in text_of(part)
    assert "<html" not in part.content.decode()

    for _ in range(2):
        response = browser.post(f"{place}/prepare", wish | {"idempotency_key": "k"})
    preparation = Preparation.objects.get()
    assert response["Location"] == f"/datasets/preparations/{preparation.uid}"
    assert "Dividing and writing" in text_of(browser.get(response["Location"]))
    sweep.sweep(soon())
    preparation.refresh_from_db()
    text = text_of(browser.get(response["Location"]))
    assert preparation.preview[0] in text
    assert "2 virginica 10 5 5" in text
    assert preparation.target in text_of(browser.get(place))


def test_it_shows_a_bad_recipe_at_the_field(browser):
    place = posted(browser)["Location"]
    sweep.sweep(soon())
    wish = {"target": "kind", "algorithm": "xgboost", "train": 90, "validation": 20, "test": 10}
    response = browser.post(f"{place}/prepare", wish | {"seed": 1})
    assert response.status_code == 422
    assert "must sum to 100 %" in text_of(response)
    assert not Preparation.objects.exists()


def test_it_names_what_stands_in_the_way_of_a_deletion(browser):
    place = posted(browser)["Location"]
    sweep.sweep(soon())
    wish = {"target": "kind", "algorithm": "xgboost", "train": 70, "validation": 20, "test": 10}
    browser.post(f"{place}/prepare", wish | {"seed": 1})
    assert "Something still depends on it" in text_of(browser.get(f"{place}/delete"))
    assert browser.post(f"{place}/delete").status_code == 409
    preparation = Preparation.objects.get()
    assert browser.get(f"/datasets/preparations/{preparation.uid}/delete").status_code == 200
    response = browser.post(f"/datasets/preparations/{preparation.uid}/delete")
    assert response["Location"] == place
    assert browser.post(f"{place}/delete").status_code == 302


def test_it_takes_a_sample(browser):
    response = browser.post("/datasets/sample", {"sample": "breast-cancer"})
    sweep.sweep(soon())
    assert "569" in text_of(browser.get(response["Location"]))
    dataset = Dataset.objects.get()
    assert (dataset.rows, len(dataset.columns), dataset.is_sample) == (569, 31, False)


@pytest.mark.parametrize("path", ["", "/delete", "/prepare"])
def test_a_stranger_finds_no_page(browser, signed_in, stranger, path):
    place = posted(browser)["Location"]
    assert signed_in(stranger).get(place + path).status_code == 404


def test_a_viewer_sees_and_changes_nothing(browser, signed_in, viewer):
    place = posted(browser)["Location"]
    sweep.sweep(soon())
    looking = signed_in(viewer)
    text = text_of(looking.get(place))
    assert "Ready" in text
    assert "Delete" not in text
    assert posted(looking).status_code == 403
    for path in ("/delete", "/prepare"):
        assert looking.post(place + path).status_code == 403
    assert looking.post("/datasets/sample", {"sample": "wine"}).status_code == 403
    assert Dataset.objects.count() == 1


def test_a_visitor_is_sent_to_sign_in(db):
    response = Client().get(LIST)
    assert response.status_code == 302
    assert "/accounts/login" in response["Location"]

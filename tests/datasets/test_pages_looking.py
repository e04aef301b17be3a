import io
import re

import numpy as np
import pytest
from PIL import Image

from core.models import AuditEvent
from datasets.models import Dataset
from tests.datasets.conftest import IRIS
from tests.datasets.kept_rows import PICTURES, digits, first_rows, keep
from tests.localaws.conftest import free_port

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(signed_in, member, lab):
    return signed_in(member)


@pytest.fixture
def url():
    return lambda dataset, more="": f"/datasets/{dataset.uid}{more}"


@pytest.fixture
def drawn(ready):
    """A dataset of 4 × 4 pictures with its kept rows."""
    text = digits()
    rows = first_rows(text) + [("class", n, row) for _, n, row in first_rows(text)[:8]]
    return keep(ready(text), rows, insights={"images": PICTURES})


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_it_says_at_the_top_whether_the_table_is_fit(browser, ready, url):
    dataset = ready()
    text = text_of(browser.get(url(dataset)))
    assert "Usable, but look at this first" in text  # it has 60 rows
    assert "Only 60 rows" in text
    dataset.insights = {
        "constant": ["width"],
        "targets": {"kind": {"leaks": [{"column": "length", "why": "Knows it all."}]}},
    }
    dataset.save()
    text = text_of(browser.get(url(dataset)))
    assert "1 column never changes width" in text
    assert "1 column may give kind away length length: Knows it all." in text


def test_the_target_can_be_chosen_and_what_goes_along_with_it_is_shown(browser, ready, url):
    rows = "".join(f"{n},{n % 2},{'ab'[n % 20 == 0]}\n" for n in range(200))
    dataset = ready(f"n,even,kind\n{rows}")
    dataset.insights = {
        "targets": {
            "kind": {"features": [{"column": "n", "measure": "eta", "value": 0.25}], "leaks": []},
            "even": {"features": [{"column": "n", "measure": "pearson", "value": -0.5}]},
        }
    }
    dataset.save()
    text = text_of(browser.get(url(dataset)))
    assert "Imbalanced: the largest class has 19 times the rows of the smallest." in text
    assert "right in 95.0 % of the rows" in text
    assert "scale_pos_weight of about 19" in text
    assert "n 0.25 correlation ratio" in text
    text = text_of(browser.get(url(dataset), {"column": "even"}))
    assert "Imbalanced" not in text
    assert "n -0.50 correlation" in text
    text = text_of(browser.get(url(dataset), {"column": "n"}))
    assert "the task would be a regression" in text


def test_a_column_is_shown_in_detail(browser, ready, url):
    dataset = ready("n,review\n" + "".join(f"{n},{'so good ' * (n % 3)}\n" for n in range(50)))
    dataset.insights = {
        "texts": {
            "review": {
                "lengths": {"min": 0, "mean": 7, "p50": 8, "max": 16}
                | {"edges": [0, 8, 16], "counts": [17, 33]},
                "words": [{"word": "good", "count": 51}],
                "empty": 17,
            }
        }
    }
    dataset.save()
    part = browser.get(url(dataset), {"about": "n", "part": "about"}, headers=HTMX)
    assert "<html" not in part.content.decode()
    assert "Half (the median) 24.5000 75 %" in text_of(part)
    text = text_of(browser.get(url(dataset), {"about": "review"}))
    assert "Frequent words good 51" in text
    assert "Characters a text 7 on average; half below 8 Empty texts 17" in text
    assert "0 to 8 17 8 to 16 33" in text


@pytest.fixture
def wide(ready):
    names = [f"c{n:04}" for n in range(2_000)]
    lines = [",".join(str(n * m % 7) for m in range(2_000)) for n in range(20)]
    return ready(",".join(names) + "\n" + "\n".join(lines) + "\n")


def test_two_thousand_columns_are_paged_and_searched_on_the_server(browser, wide, url):
    page = browser.get(url(wide)).content.decode()
    assert len(page) < 400_000
    assert "c0024" in page
    assert "about=c0025" not in page
    part = browser.get(url(wide), {"q": "C19", "part": "columns"}, headers=HTMX)
    assert "100 in all, page 1 of 4" in text_of(part)
    assert "c1924" in text_of(part)
    text = text_of(browser.get(url(wide), {"sort": "-name", "page": "80"}))
    assert "c0000" in text
    assert "page 80 of 80" in text
    assert "No column has “zz” in its name." in text_of(browser.get(url(wide), {"q": "zz"}))


def test_the_page_asks_the_database_a_bounded_number_of_times(
    browser, ready, prepared, url, django_assert_max_num_queries
):
    dataset = ready()
    for seed in range(4):
        prepared(
            dataset,
            target="kind",
            algorithm="xgboost",
            train=0.7,
            validation=0.2,
            test=0.1,
            seed=seed,
        )
    browser.get(url(dataset))
    with django_assert_max_num_queries(24):
        browser.get(url(dataset))


@pytest.mark.parametrize("path", ["", "/rows", "/rows?which=random"])
def test_cells_and_names_are_shown_as_text(browser, ready, url, path):
    bad = "<script>alert(1)</script>"
    text = f"{bad},kind\n" + "".join(f"{bad},{n % 2}\n" for n in range(20))
    dataset = ready(text)
    rows = first_rows(text)
    keep(dataset, rows + [("random", n, row) for _, n, row in rows])
    for about in ("", "?about=" + bad):
        page = browser.get(url(dataset, path) + (about if "?" not in path else "")).content.decode()
        assert bad not in page
        assert "&lt;script&gt;" in page


def test_rows_come_by_page_and_say_how_many_were_kept(browser, ready, url):
    dataset = ready()
    rows = first_rows(IRIS)[:55]
    keep(dataset, [*rows, ("random", 40, rows[40][2]), ("random", 7, rows[7][2])], group=10)
    text = text_of(browser.get(url(dataset, "/rows")))
    assert "The first 55 of 60 rows" in text
    assert "Page 1 of 3" in text
    part = browser.get(url(dataset, "/rows"), {"page": "3", "part": "rows"}, headers=HTMX)
    assert "<html" not in part.content.decode()
    assert "51 5.0 1 versicolor" in text_of(part)
    assert "Page 3 of 3" in text_of(browser.get(url(dataset, "/rows"), {"page": "99"}))
    text = text_of(browser.get(url(dataset, "/rows"), {"which": "random"}))
    assert "2 rows picked at random from 60" in text
    assert "41 4.0 5 virginica" in text


def test_rows_of_a_wide_table_come_by_column_page_too(browser, wide, url):
    names = [column["name"] for column in wide.columns]
    keep(wide, [("first", n, dict.fromkeys(names, f"v{n}")) for n in range(3)])
    text = text_of(browser.get(url(wide, "/rows"), {"columns": "2"}))
    assert "columns 51 to 100 of 2,000" in text
    assert "c0050" in text
    assert "c0101" not in text


def test_without_kept_rows_the_stored_ones_are_shown(browser, ready, url):
    dataset = ready()
    Dataset.objects.filter(pk=dataset.pk).update(insights={})  # as it was before they were
    text = text_of(browser.get(url(dataset, "/rows")))
    assert "No rows were kept when this file was looked at." in text
    assert "setosa" in text


def test_while_s3_is_silent_the_stored_rows_are_shown(browser, drawn, url, monkeypatch, lab):
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    lab.external_id = address  # clients are kept by account
    lab.save()
    response = browser.get(url(drawn, "/rows"))
    assert response.status_code == 200
    assert "S3 does not give the rows." in text_of(response)
    assert "250" in text_of(response)
    assert browser.get(url(drawn)).status_code == 200
    assert browser.get(url(drawn, "/images")).status_code == 503


def test_pictures_are_shown_by_class(browser, drawn, url):
    page = browser.get(url(drawn)).content.decode()
    assert "16 pixel columns as 4 × 4" in page
    sheets = re.findall(r'<img src="([^"]+)"[^>]*alt="([^"]+)"', page)
    assert [alt for _, alt in sheets] == [
        f"Some rows of the class {n}, each drawn as a picture" for n in (0, 1)
    ]
    response = browser.get(sheets[1][0].replace("&amp;", "&"))
    assert response["Content-Type"] == "image/png"
    assert "private" in response["Cache-Control"]
    drawing = np.array(Image.open(io.BytesIO(response.content)))
    assert drawing.shape == (9, 29, 4)  # 12 pictures of 4 × 4, six in a line, a pixel between
    assert drawing[0, 0, 0] > 240

    again = browser.get(
        sheets[1][0].replace("&amp;", "&"), headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304
    assert again.content == b""


def test_another_shape_is_kept_and_written_down(browser, drawn, url):
    wish = {"height": 2, "width": 8, "channels": 1, "column": "kind"}
    before = browser.get(url(drawn, "/images"))["ETag"]
    response = browser.post(url(drawn, "/shape"), wish)
    assert response["Location"] == f"/datasets/{drawn.uid}?column=kind#images"
    assert "16 pixel columns as 2 × 8" in text_of(browser.get(url(drawn)))
    assert browser.get(url(drawn, "/images"))["ETag"] != before
    noted = AuditEvent.objects.get(action="dataset.reshape")
    assert noted.detail == {"height": 2, "width": 8, "channels": 1, "planar": False}


@pytest.mark.parametrize(
    ("height", "words"), [(3, "3 × 8 × 1 = 24, and there are 16 pixel columns."), ("", "required")]
)
def test_a_shape_that_does_not_fit_is_refused_at_its_field(browser, drawn, url, height, words):
    wish = {"height": height, "width": 8, "channels": 1}
    response = browser.post(url(drawn, "/shape"), wish)
    assert response.status_code == 422
    assert words in text_of(response)
    drawn.refresh_from_db()
    assert drawn.insights["images"] == PICTURES
    assert not AuditEvent.objects.filter(action="dataset.reshape").exists()


def test_there_are_no_pictures_of_what_is_no_picture(browser, ready, drawn, url):
    assert browser.get(url(ready(), "/images")).status_code == 404
    assert browser.get(url(drawn, "/images"), {"column": "none"}).status_code == 404
    assert browser.get(url(drawn, "/images"), {"column": "kind", "value": "7"}).status_code == 404
    wish = {"height": 1, "width": 3, "channels": 1}
    assert browser.post(url(ready(), "/shape"), wish).status_code == 404


def test_rows_and_pictures_are_for_the_workspace_alone(signed_in, stranger, viewer, drawn, url):
    for path in ("/rows", "/images", "/images?column=kind&value=1"):
        assert signed_in(stranger).get(url(drawn, path)).status_code == 404
        assert signed_in(viewer).get(url(drawn, path)).status_code == 200
    assert "another shape" not in text_of(signed_in(viewer).get(url(drawn)))


def test_other_versions_are_listed_and_a_newer_one_is_announced(browser, ready, url):
    first, second = ready(), ready(IRIS + "9,9,setosa\n")
    for row, version in ((first, 1), (second, 2)):
        Dataset.objects.filter(pk=row.pk).update(family=first.uid, version=version)
    text = text_of(browser.get(url(first)))
    assert "A newer version is there: version 2" in text
    assert "Versions" in text
    assert "A newer version" not in text_of(browser.get(url(second)))
    assert url(first) in browser.get(url(second)).content.decode()

import pytest

from datasets.models import Dataset
from tests.datasets.conftest import IRIS
from tests.datasets.kept_rows import PICTURES, digits, first_rows, keep

pytestmark = pytest.mark.django_db


def test_it_answers_rows_by_page(api, viewer, ready):
    dataset = keep(ready(), first_rows(IRIS)[:55])
    found = api(viewer).get(f"/api/v1/datasets/{dataset.uid}/rows", {"page": 3}).json()
    assert (found["total"], found["of"], found["page"], found["pages"]) == (55, 60, 3, 3)
    assert found["columns"] == ["length", "width", "kind"]
    assert found["numbers"] == [50, 51, 52, 53, 54]
    assert found["rows"][0] == ["5.0", "1", "versicolor"]


def test_it_says_when_no_rows_were_kept(api, viewer, ready):
    dataset = ready()
    Dataset.objects.filter(pk=dataset.pk).update(insights={})  # as it was before they were
    answer = api(viewer).get(f"/api/v1/datasets/{dataset.uid}/rows")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "rows_not_kept"


def test_it_answers_insights_and_takes_another_shape(api, member, viewer, ready):
    text = digits()
    dataset = keep(ready(text), first_rows(text), insights={"images": PICTURES})
    place = f"/api/v1/datasets/{dataset.uid}"
    assert api(viewer).get(place).json()["insights"]["images"] == PICTURES

    def put(who, **wish):
        return api(who).put(f"{place}/shape", wish, content_type="application/json")

    assert put(viewer, height=2, width=8).status_code == 403
    answer = put(member, height=3, width=8)
    assert answer.status_code == 422
    assert "16 pixel columns" in answer.json()["error"]["fields"]["height"][0]
    assert put(member, height=2, width=8).json()["width"] == 8
    images = api(viewer).get(place).json()["insights"]["images"]
    assert (images["height"], images["width"], images["low"]) == (2, 8, 0)


def test_it_answers_whether_the_table_is_fit(api, viewer, ready):
    rows = "".join(f"{n * n % 997 / 2},{'rare' if n % 20 == 0 else 'usual'}\n" for n in range(200))
    dataset = ready(f"n,kind\n{rows}")
    place = f"/api/v1/datasets/{dataset.uid}/fitness"
    found = api(viewer).get(place).json()
    assert (found["target"], found["task"], found["tone"]) == ("kind", "binary", "warn")
    assert [one["title"] for one in found["findings"]] == ["The classes of kind are imbalanced"]
    assert (found["guess"], found["guess_share"]) == ("usual", 0.95)
    found = api(viewer).get(place, {"target": "n"}).json()
    assert (found["task"], found["tone"], found["guess"]) == ("regression", "good", None)

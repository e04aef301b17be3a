import pytest

from datasets import sweep
from datasets.models import Preparation
from datasets.prepare import split_lines
from tests.datasets.conftest import IRIS, soon
from tests.datasets.test_preparing_pages import SHOPS

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(api, member, lab):
    return api(member)


@pytest.fixture
def shops(ready):
    return ready(SHOPS, filename="shops.csv")


def call(client, path, body, **headers):
    return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)


def prepare(client, dataset, **wish):
    return call(client, f"/datasets/{dataset.uid}/preparations", {"target": "churned"} | wish)


def test_it_takes_a_whole_recipe_and_tells_what_became_of_it(client, shops):
    recipe = {
        "columns_out": ["customer_id", "always"],
        "split": {"by": "group", "column": "shop"},
        "missing": {"*": "median"},
        "categories": {"plan": "ordinal"},
        "scale": "standard",
        "format": "recordio",
    }
    answer = prepare(client, shops, algorithm="knn", recipe=recipe)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["recipe"], made["progress"], made["artefacts"]) == (recipe, 0, {})

    sweep.sweep(soon())
    found = client.get(f"/api/v1/preparations/{made['id']}").json()
    assert (found["status"], found["failure_reason"]) == ("Ready", "")
    assert found["features"] == ["age", "plan"]
    assert found["implied"]["feature_dim"] == "2"
    assert found["implied"]["predictor_type"] == "classifier"
    assert found["channels"]["train"]["content_type"] == "application/x-recordio-protobuf"
    assert len(found["preview"]) == 5
    listed = client.get("/api/v1/preparations").json()["items"]
    assert [one["recipe"] for one in listed] == [recipe]


@pytest.mark.parametrize(
    ("recipe", "field", "message"),
    [
        ({"columns_out": ["nobody"]}, "recipe.columns_out", "There is no column “nobody”"),
        ({"split": {"by": "time"}}, "recipe.split.column", "Choose the column."),
        ({"split": {"by": "magic"}}, "recipe.split.by", "Input should be 'random'"),
        ({"format": "blazingtext"}, "recipe.format", "is prepared for in csv"),
        ({"scale": 3}, "recipe.scale", "Input should be 'none'"),
        ({"colums_out": []}, "recipe.colums_out", "Extra inputs are not permitted"),
        ({"text": {"column": "plan", "top": 0}}, "recipe.text.top", "from 1 to 10,000"),
        ({"rare": {"fewest": -1}}, "recipe.rare.fewest", "Must be a whole number"),
    ],
)
@pytest.mark.parametrize("place", ["preparations", "preparations/preview"])
def test_a_wrong_recipe_is_refused_at_its_field(client, shops, place, recipe, field, message):
    wish = {"target": "churned", "recipe": recipe}
    answer = call(client, f"/datasets/{shops.uid}/{place}", wish)
    assert answer.status_code == 422
    assert message in answer.json()["error"]["fields"][field][0]
    assert not Preparation.objects.exists()


def test_the_preview_tells_what_would_be_prepared_and_stores_nothing(client, shops):
    wish = {"target": "churned", "recipe": {"columns_in": ["age", "plan"]}}
    answer = call(client, f"/datasets/{shops.uid}/preparations/preview", wish)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["task"], found["format"], found["labels"]) == ("binary", "csv", ["no", "yes"])
    assert found["rows"] == {"train": 140, "validation": 40, "test": 20}
    assert found["classes"]["no"] == [36, 10, 5]
    assert found["features"] == ["age", "plan=a", "plan=b", "plan=c"]
    assert found["lines"][0] == "0,,1,0,0"
    assert found["implied"] == {"objective": "binary:logistic"}
    assert {"name": "shop", "reason": "not among the chosen columns"} in found["left_out"]
    assert not Preparation.objects.exists()


def test_the_preview_shows_the_lines_that_are_written(client, shops):
    wish = {"target": "churned", "recipe": {"columns_in": ["age", "plan"]}}
    place = f"/datasets/{shops.uid}/preparations"
    foretold = call(client, f"{place}/preview", wish).json()
    made = call(client, place, wish).json()
    sweep.sweep(soon())
    preparation = Preparation.objects.get(uid=made["id"])
    written = {
        line.decode() for name in preparation.channels for line in split_lines(preparation, name)
    }
    assert preparation.features == foretold["features"]
    assert set(foretold["lines"]) <= written


def test_splits_come_from_files_of_their_own(client, shops, ready):
    other = ready(SHOPS, filename="newer.csv")
    files = {"recipe": {"split": {"by": "files"}}, "test_dataset": other.uid}
    made = prepare(client, shops, train=80, validation=20, test=0, **files).json()
    assert (made["test_dataset"], made["validation_dataset"]) == (other.uid, None)
    answer = prepare(client, shops, **files | {"test_dataset": "0000000000"})
    assert answer.status_code == 422
    assert "There is no dataset" in answer.json()["error"]["fields"]["test_dataset"][0]


def test_a_repeated_key_makes_one_preparation_and_another_recipe_a_conflict(client, shops):
    place, wish = f"/datasets/{shops.uid}/preparations", {"target": "churned"}
    first = call(client, place, wish, **{"Idempotency-Key": "k"})
    again = call(client, place, wish, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = call(client, place, wish | {"recipe": {"scale": "minmax"}}, **{"Idempotency-Key": "k"})
    assert other.status_code == 409


def test_the_recipe_is_described_in_openapi(client):
    schema = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert set(schema["SplitRule"]["properties"]) == {"by", "column"}
    assert schema["RecipeWish"]["properties"]["columns_out"]["description"]
    assert "split" in schema["RecipeWish"]["properties"]


def test_a_dataset_without_the_columns_is_refused_by_their_names(client, shops, ready):
    made = prepare(client, shops).json()
    answer = call(client, f"/preparations/{made['id']}/repeat", {"dataset": ready(IRIS).uid})
    assert answer.status_code == 422
    message = answer.json()["error"]["fields"]["dataset"][0]
    assert message.startswith("“iris.csv” lacks ")
    assert "“age”" in message
    assert Preparation.objects.count() == 1

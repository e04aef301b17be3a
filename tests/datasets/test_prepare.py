import csv
import io

import pytest

from aws import s3
from core.errors import Conflict, InvalidFields, NotFound
from datasets import prepare
from datasets.models import Preparation
from datasets.tables import encode_row
from tests.datasets.conftest import IRIS, soon

pytestmark = pytest.mark.django_db


def rows_of(preparation, name):
    return [line.decode().split(",") for line in prepare.split_lines(preparation, name)]


def test_it_writes_label_first_channels(ready, prepared):
    preparation = prepared(ready(), target="kind")

    assert preparation.status == "Ready", preparation.failure_reason
    assert preparation.task == "multiclass"
    assert preparation.labels == ["setosa", "versicolor", "virginica"]
    assert preparation.features == ["length", "width"]
    assert {name: c["rows"] for name, c in preparation.channels.items()} == {
        "train": 42,
        "validation": 12,
        "test": 6,
    }
    train = preparation.channels["train"]
    assert train["content_type"] == "text/csv"
    assert train["counts"] == {"setosa": 14, "versicolor": 14, "virginica": 14}
    bucket, key = s3.parse_uri(train["uri"])
    body = s3.get_object(preparation.workspace.account, bucket, key)
    assert len(body) == train["bytes"]
    assert body.decode().splitlines()[:5] == preparation.preview
    place = f"datasets/{preparation.dataset.uid}/preparations/{preparation.uid}/train/part-0.csv"
    assert key == place


def test_it_keeps_every_row_exactly_once(ready, prepared):
    preparation = prepared(ready(), target="kind")
    written = [row for name in preparation.channels for row in rows_of(preparation, name)]
    source = list(csv.DictReader(io.StringIO(IRIS)))
    expected = [
        [str(preparation.labels.index(row["kind"])), *encode_row(preparation.encoding, row)]
        for row in source
    ]
    assert sorted(written) == sorted(expected)


def test_it_repeats_itself_for_the_same_seed(ready, prepared):
    dataset = ready()
    first, again, other = (prepared(dataset, target="kind", seed=seed) for seed in (7, 7, 8))
    assert rows_of(first, "test") == rows_of(again, "test")
    assert rows_of(first, "test") != rows_of(other, "test")


def test_it_encodes_words_from_the_training_rows_and_leaves_free_text_out(ready, prepared):
    rows = "".join(
        f"{n},{'red' if n % 2 else 'blue'},{n % 4 == 0},text {n},{n % 2}\n" for n in range(80)
    )
    preparation = prepared(ready(f"n,colour,ok,note,y\n{rows}"), target="y")

    assert preparation.features == ["n", "colour=blue", "colour=red", "ok"]
    assert preparation.encoding["left_out"] == [
        {"name": "note", "reason": "text with 80 different values"}
    ]
    assert preparation.labels == ["0", "1"]
    row = {"n": "5", "colour": "green", "ok": "True", "note": "?"}
    assert encode_row(preparation.encoding, row) == ["5", "0", "0", "1"]


def test_it_takes_a_number_with_many_values_as_a_quantity(ready, prepared):
    rows = "".join(f"{n * 1.5},{n}\n" for n in range(50))
    preparation = prepared(ready(f"price,size\n{rows}"), target="price")
    assert (preparation.task, preparation.labels) == ("regression", [])
    assert len(rows_of(preparation, "train")) == 35
    assert {row[0] for row in rows_of(preparation, "test")} <= {str(n * 1.5) for n in range(50)}


def test_it_leaves_out_and_counts_few_rows_without_a_target(ready, prepared):
    rows = "".join(f"{n},{'ab'[n % 2] if n else ''}\n" for n in range(200))
    preparation = prepared(ready(f"n,y\n{rows}"), target="y")
    assert preparation.encoding["dropped_rows"] == 1
    assert sum(c["rows"] for c in preparation.channels.values()) == 199


@pytest.mark.parametrize(
    ("wish", "field", "text"),
    [
        ({"target": "kinds"}, "target", "Did you mean “kind”?"),
        ({"target": ""}, "target", "Choose the column"),
        ({"target": "kind", "algorithm": "magic"}, "algorithm", "Known: xgboost"),
        ({"target": "kind", "train": 0.9}, "train", "must sum to 100 %"),
        ({"target": "kind", "train": 0, "validation": 0.9}, "train", "more than 0 %"),
        ({"target": "kind", "test": -1}, "test", "between 0 and 100"),
        ({"target": "kind", "seed": -1}, "seed", "Must be from 0"),
        ({"target": "kind", "train": 98, "validation": 1, "test": 1}, "test", "Would get no row"),
    ],
)
def test_it_refuses_a_bad_recipe_at_the_field(ready, actor, wish, field, text):
    with pytest.raises(InvalidFields) as refused:
        prepare.request(actor, ready(), **wish)
    assert text in refused.value.errors[field][0]
    assert not Preparation.objects.exists()


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (["yes"] * 20, "Only one class: every row is “yes”"),
        (["a", "b"] * 9 + ["", ""], "2 of 20 rows have no value"),
        (["a", "b"], "splitting needs at least 10"),
    ],
)
def test_it_refuses_a_target_that_cannot_be_learned(ready, actor, cells, text):
    dataset = ready("n,y\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells)))
    with pytest.raises(InvalidFields, match=text):
        prepare.request(actor, dataset, target="y")


def test_it_accepts_percentages(ready, prepared):
    preparation = prepared(ready(), target="kind", train=80, validation=0, test=20)
    assert {name: c["rows"] for name, c in preparation.channels.items()} == {
        "train": 48,
        "test": 12,
    }
    with pytest.raises(NotFound):
        next(prepare.split_lines(preparation, "validation"))


def test_it_refuses_a_dataset_that_is_not_ready(uploaded, actor):
    with pytest.raises(Conflict, match="Profiling"):
        prepare.request(actor, uploaded(), target="kind")


def test_it_starts_over_after_a_worker_died(ready, actor):
    preparation = prepare.request(actor, ready(), target="kind")
    Preparation.objects.filter(pk=preparation.pk).update(status="Preparing")
    preparation.refresh_from_db()
    prepare.prepare(preparation, now=soon())
    assert preparation.status == "Ready"

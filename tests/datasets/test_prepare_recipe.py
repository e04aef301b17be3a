"""Recipes beyond the plain one, through S3 and the database."""

import json

import pytest

from aws import s3
from core.errors import InvalidFields
from datasets import prepare
from datasets.errors import NoLabelledRows
from datasets.models import Preparation
from datasets.tables import encode_row
from tests.datasets.conftest import soon
from tests.datasets.pure_run import ran

pytestmark = pytest.mark.django_db

REVIEWS = "note,x,y\n" + "".join(
    f"{('good food', 'bad service', 'so so')[n % 3]} {n},{n},{('yes', 'no')[n % 2]}\n"
    for n in range(60)
)
RECORDIO = "application/x-recordio-protobuf"


def lines(preparation, name="train"):
    return [line.decode().split(",") for line in prepare.split_lines(preparation, name)]


def content(preparation, uri):
    return s3.get_object(preparation.workspace.account, *s3.parse_uri(uri))


def test_it_keeps_what_was_asked_and_what_was_found(ready, prepared):
    recipe = {"text": {"column": "note", "top": 3}, "scale": "none", "columns_out": []}
    made = prepared(ready(REVIEWS), target="y", algorithm="knn", recipe=recipe, repeats="abc")
    assert made.status == "Ready", made.failure_reason
    text = {"column": "note", "do": "words", "lower": True, "top": 3}
    assert (made.recipe, made.repeats, made.progress) == ({"text": text}, "abc", 100)
    assert made.implied["feature_dim"] == "4"
    assert made.channels["train"]["content_type"] == RECORDIO
    assert made.channels["train"]["uri"].endswith("train/part-0.pbr")
    assert len(content(made, made.channels["train"]["uri"])) == made.channels["train"]["bytes"]
    assert made.preview == [",".join(row) for row in plain(lines(made)[:5])]


def plain(rows):
    return [[f"{float(cell):g}" for cell in row] for row in rows]


def test_the_vocabulary_lies_beside_the_channels_and_is_used_at_prediction(ready, prepared):
    recipe = {"text": {"column": "note", "top": 3}, "columns_out": ["x"]}
    made = prepared(ready(REVIEWS), target="y", recipe=recipe)
    vocabulary = json.loads(content(made, made.artefacts["vocabulary"]))
    assert made.features == [f"note:{word}" for word in vocabulary["words"]]
    assert encode_row(made.encoding, {"note": "so so"}) == [
        str(["so", "so"].count(word)) for word in vocabulary["words"]
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {"algorithm": "xgboost", "recipe": {"format": "csv"}},
        {"algorithm": "xgboost", "recipe": {"format": "libsvm"}},
        {"algorithm": "knn", "recipe": {"format": "recordio"}},
        {"algorithm": "factorization-machines", "recipe": {"format": "recordio-sparse"}},
    ],
    ids=str,
)
def test_any_labelled_channel_is_given_as_csv(ready, prepared, wish):
    table = "a,b,y\n" + "".join(f"{n},{n % 5},{n % 2}\n" for n in range(40))
    made = prepared(ready(table), target="y", **wish)
    assert made.status == "Ready", made.failure_reason
    rows = [row for name in made.channels for row in plain(lines(made, name))]
    assert sorted(rows) == sorted([str(n % 2), str(n), str(n % 5)] for n in range(40))


@pytest.mark.parametrize(
    "wish",
    [
        {"algorithm": "kmeans", "target": "", "recipe": {"format": "csv-unlabelled"}},
        {"algorithm": "kmeans", "target": ""},
        {"algorithm": "blazingtext", "target": "y", "recipe": {"text": {"column": "note"}}},
    ],
    ids=str,
)
def test_channels_without_labels_as_numbers_say_so(ready, prepared, wish):
    made = prepared(ready(REVIEWS), **wish)
    assert made.status == "Ready", made.failure_reason
    with pytest.raises(NoLabelledRows):
        list(prepare.split_lines(made, "train"))


def test_splits_come_from_files_of_their_own(ready, prepared):
    other = "note,x,y\n" + "".join(f"hm,{1000 + n},yes\n" for n in range(12))
    made = prepared(
        ready(REVIEWS),
        target="y",
        recipe={"split": {"by": "files"}, "columns_out": ["note"]},
        test_dataset=ready(other, filename="test.csv"),
    )
    assert made.status == "Ready", made.failure_reason
    assert sorted(lines(made, "test")) == [["1", str(1000 + n)] for n in range(12)]
    assert {name: c["rows"] for name, c in made.channels.items()} == {
        "train": 47,
        "validation": 13,
        "test": 12,
    }


def test_a_given_file_must_be_ready_and_fit(ready, uploaded, actor):
    wish = {"target": "y", "recipe": {"split": {"by": "files"}}}
    dataset = ready(REVIEWS)
    for other, text in (
        (uploaded("note,x,y\na,1,yes\n", filename="b.csv"), "must be Ready"),
        (dataset, "the dataset itself"),
        (ready("note,y\na,yes\nb,no\n", filename="c.csv"), "lacks the column “x”"),
    ):
        with pytest.raises(InvalidFields) as refused:
            prepare.request(actor, dataset, validation_dataset=other, **wish)
        assert text in " ".join(refused.value.errors["validation_dataset"])
    assert not Preparation.objects.exists()


def test_it_starts_over_after_a_worker_died_in_the_middle(ready, actor):
    made = prepare.request(actor, ready(REVIEWS), target="y", algorithm="knn")
    Preparation.objects.filter(pk=made.pk).update(status="Preparing", progress=66)
    made.refresh_from_db()
    prepare.prepare(made, now=soon())
    assert (made.status, made.progress) == ("Ready", 100)


def test_a_preview_shows_what_will_be_written(ready, prepared):
    dataset = ready(REVIEWS)
    wish = {"target": "y", "recipe": {"columns_out": ["note"]}}
    before = prepare.preview(dataset, **wish)
    made = prepared(dataset, **wish)
    assert (before.features, before.implied) == (made.features, made.implied)
    assert set(before.lines) <= {",".join(row) for n in made.channels for row in lines(made, n)}
    with pytest.raises(InvalidFields):
        prepare.preview(dataset, target="z")


@pytest.mark.parametrize(
    "wish",
    [
        {"target": "y"},
        {"target": "y", "recipe": {"columns_in": ["x"]}},
        {"target": "", "algorithm": "kmeans", "recipe": {"columns_in": ["x"]}},
        {"target": "y", "recipe": {"scale": "standard", "split": {"by": "files"}}, "files": True},
    ],
    ids=str,
)
def test_progress_goes_up_to_the_end(wish):
    wish = wish | {"files": {"test": REVIEWS} if wish.get("files") else None}
    told = ran(REVIEWS, **wish).percents
    assert told == sorted(told)
    assert told[-1] == 99
    assert told[0] < 50

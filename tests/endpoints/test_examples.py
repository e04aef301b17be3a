"""Real rows to ask with come out of every kind of channel, as the dataset's columns."""

from typing import Any

import numpy as np
import pytest

from datasets.writing.registry import FORMATS
from endpoints import register
from endpoints.errors import NoAnswer, WrongInput
from endpoints.examples import example, examples, offered, split_of
from tests.localaws.lab import BUCKET

NUMBERS: list[dict[str, Any]] = [
    {"name": name, "kind": "number", "categories": []} for name in ("a", "b")
]
ROWS = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)


@pytest.fixture
def channel(aws, lab, preparation):
    """`channel(format, content)` is the preparation with that as its test split."""

    def made(name, content, **changes):
        found = FORMATS[name]
        key = f"examples/{name}{found.suffix}"
        lab.put(key, content)
        uri = f"s3://{BUCKET}/{key}"
        split = {"uri": uri, "rows": 3, "content_type": found.content_type}
        values = {
            "features": ["a", "b"],
            "encoding": {"features": NUMBERS},
            "channels": {"train": {"rows": 9}, "test": split},
        }
        for field, value in (values | changes).items():
            setattr(preparation, field, value)
        return preparation

    return made


def told(recipe):
    return [(one.label, list(one.cells.values())) for one in examples(recipe, 0, 9)]


def test_labelled_rows_have_their_labels_names(channel):
    recipe = channel("csv", b"1,1,2\n0,3,4\n1,5,6\n")
    assert told(recipe) == [
        ("benign", ["1", "2"]),
        ("malignant", ["3", "4"]),
        ("benign", ["5", "6"]),
    ]
    assert [one.number for one in examples(recipe, 1, 2)] == [1, 2]


def test_a_number_stays_a_number(channel):
    recipe = channel("csv", b"12.5,1,2\n", labels=[])
    assert told(recipe) == [("12.5", ["1", "2"])]


@pytest.mark.parametrize("name", ["csv-unlabelled", "recordio"])
def test_rows_without_labels_are_offered_too(channel, name):
    cells = ROWS.astype(int).astype(str).tolist() if name == "csv-unlabelled" else ROWS
    recipe = channel(name, FORMATS[name].encode(None, cells), labels=[], target="")
    found = told(recipe)
    assert [label for label, _ in found] == ["", "", ""]
    assert [[float(cell) for cell in cells] for _, cells in found] == ROWS.tolist()


def test_texts_come_with_the_label_that_their_word_stands_for(channel):
    text = [{"name": "text", "kind": "text", "categories": [], "lower": True}]
    recipe = channel(
        "blazingtext",
        b"__label__sci_space to the moon , soon\n__label__talk hello\n",
        features=["text"],
        encoding={"features": text, "tokens": ["sci_space", "talk"]},
        labels=["sci space", "talk"],
        algorithm="blazingtext",
    )
    assert told(recipe) == [("sci space", ["to the moon , soon"]), ("talk", ["hello"])]


def test_numbers_are_counted_round_and_the_best_split_is_taken(channel):
    recipe = channel("csv", b"1,1,2\n0,3,4\n1,5,6\n")
    assert (split_of(recipe), offered(recipe)) == ("test", 3)
    assert example(recipe, 4).cells == {"a": "3", "b": "4"}
    recipe.channels["test"]["rows"] = 0
    assert split_of(recipe) == "train"
    recipe.channels = {}
    with pytest.raises(WrongInput, match="No split"):
        example(recipe, 0)


def test_a_split_that_is_gone_says_so(channel):
    recipe = channel("csv", b"1,1,2\n")
    recipe.channels["test"]["uri"] = f"s3://{BUCKET}/examples/gone.csv"
    with pytest.raises(NoAnswer, match="test split cannot be read"):
        example(recipe, 0)


def test_a_wide_row_comes_as_csv(channel, signed_in, viewer, make_endpoint, make_job, who):
    names = [f"word {n}" for n in range(100)]
    features = [{"name": name, "kind": "number", "categories": []} for name in names]
    line = ",".join(map(str, range(101)))
    recipe = channel("csv", line.encode(), features=names, encoding={"features": features})
    recipe.channels["test"]["rows"] = 1
    recipe.labels = []
    recipe.save()
    recipe.dataset.columns = [{"name": name, "dtype": "number"} for name in names]
    recipe.dataset.save()
    row = make_endpoint("wide", model=register.from_job(who, make_job(preparation=recipe)))
    vera, url = signed_in(viewer), f"/endpoints/{row.uid}"
    assert "Take a row training has not seen" in vera.get(url).content.decode()
    page = vera.get(f"{url}?example=7").content.decode()
    assert f"{','.join(names)}\n1,2,3," in page.replace("\r\n", "\n")
    assert "A row of the test split" in page

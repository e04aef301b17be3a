"""Real data for the first minutes: each sample becomes Ready with the shape that it names."""

import pytest

from core.errors import UserError
from datasets import profile, samples
from datasets.models import Dataset
from tests.datasets.conftest import soon

pytestmark = pytest.mark.django_db

# Rows (None: by the release of Python), columns, and the values of the target (None: many).
SHAPES = {
    "digits": (1_797, 65, 10),
    "breast-cancer": (569, 31, 2),
    "wine": (178, 14, 3),
    "diabetes": (442, 11, None),
    "python-docs": (None, 2, 8),
}


def test_every_sample_is_here():
    assert set(SHAPES) == set(samples.SAMPLES) == set(samples.TABLES)


@pytest.mark.parametrize("name", SHAPES)
def test_it_becomes_ready_with_its_target(lab, actor, name):
    dataset = samples.create(actor, lab, name)
    profile.profile(dataset, now=soon())
    dataset.refresh_from_db()
    assert (dataset.status, dataset.failure_reason) == ("Ready", "")

    rows, width, classes = SHAPES[name]
    assert dataset.rows == rows if rows else dataset.rows > 2_000
    assert len(dataset.columns) == width
    assert dataset.columns[-1]["name"] == samples.SAMPLES[name].target
    if classes:
        assert dataset.columns[-1]["unique"] == classes
    else:
        assert dataset.columns[-1]["unique"] > 100
    assert not any(column["missing"] for column in dataset.columns)


def test_pixels_are_whole_numbers():
    lines = samples.table("digits").decode().splitlines()
    assert lines[0].split(",")[:2] == ["pixel_0_0", "pixel_0_1"]
    values = {cell for line in lines[1:] for cell in line.split(",")[:64]}
    assert values == {str(n) for n in range(17)}


@pytest.mark.slow
def test_texts_are_the_same_each_time():
    first = samples.table("python-docs")
    assert first == samples.table("python-docs")
    counts = {module: first.count(f",{module}\n".encode()) for module in samples.DOCUMENTED}
    assert min(counts.values()) > 100


def test_it_refuses_another_name(lab, actor):
    with pytest.raises(UserError, match="no sample “iris”"):
        samples.create(actor, lab, "iris")
    assert not Dataset.objects.exists()


def test_the_page_and_the_api_offer_them(member, signed_in, api, lab):
    page = signed_in(member).get("/datasets/").text
    offered = api(member).get("/api/v1/datasets/samples").json()
    assert [one["sample"] for one in offered] == list(SHAPES)
    for one in offered:
        assert f"Use {one['title']}".replace("'", "&#x27;") in page
        assert f"<code>{one['target']}</code>" in page
    made = api(member).post("/api/v1/datasets/samples", {"sample": "wine"}, "application/json")
    assert made.status_code == 201

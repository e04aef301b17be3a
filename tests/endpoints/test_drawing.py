"""Pictures to draw on and to pick: what is known of the data's pixels, and what is asked with."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from datasets.models import Dataset, Preparation
from endpoints import register
from endpoints.pixels import canvas
from tests.endpoints.conftest import fresh
from tests.localaws.lab import BUCKET

SIDE = 8
NAMES = [f"pixel_{n}" for n in range(SIDE * SIDE)]


def picture(ink=16, paper=0):
    """A bar of two by six pixels."""
    sheet = np.full((SIDE, SIDE), paper)
    sheet[1:7, 3:5] = ink
    return sheet.ravel().tolist()


@pytest.fixture
def pictures(workspace):
    """`pictures(rows)` is a preparation of a dataset of such pictures and a label."""

    def made(rows, *, low=0, high=16, dtype="integer", images=None, features=NAMES, **changes):
        columns = [{"name": name, "dtype": dtype} for name in NAMES]
        columns.append({"name": "digit", "dtype": "integer"})
        found = {"first": 0, "count": 64, "height": 8, "width": 8, "low": low, "high": high}
        preview = {"columns": [*NAMES, "digit"], "rows": [[*map(str, row), "1"] for row in rows]}
        dataset = Dataset.objects.create(
            workspace=workspace,
            name="digits",
            status="Ready",
            columns=columns,
            key="digits.csv",
            preview=preview,
            insights={"images": found | (images or {})},
        )
        kinds = [{"name": name, "kind": "number", "categories": []} for name in features]
        values = {
            "target": "digit",
            "task": "multiclass",
            "features": list(features),
            "encoding": {"features": kinds, "left_out": [], "dropped_rows": 0},
            "labels": ["0", "1"],
        }
        return Preparation.objects.create(
            workspace=workspace, name="digits", dataset=dataset, status="Ready", **values | changes
        )

    return made


def test_light_ink_on_dark_paper(pictures):
    found = canvas(pictures([picture()] * 3))
    assert (found.paper, found.ink, found.is_whole, found.is_drawable) == (0, 16, True, True)
    assert found.box == (3, 1, 5, 7)
    facts = json.loads(found.facts)
    assert (facts["width"], facts["height"], facts["box"]) == (8, 8, [3, 1, 5, 7])


def test_dark_ink_on_light_paper(pictures):
    rows = [picture(ink=0.0, paper=1.0)] * 3
    found = canvas(pictures(rows, low=0.0, high=1.0, dtype="number"))
    assert (found.paper, found.ink, found.is_whole) == (1.0, 0.0, False)
    assert found.box == (3, 1, 5, 7)


def test_without_rows_the_whole_sheet_is_drawn_on(pictures):
    assert canvas(pictures([])).box == (0, 0, 8, 8)


def test_colours_are_picked_and_not_drawn(pictures):
    shape = {"height": 4, "width": 4, "channels": 4}
    found = canvas(pictures([picture()], images=shape))
    assert not found.is_drawable
    assert found.picture({}).startswith("data:image/png;base64,")


@pytest.mark.parametrize("features", [[*NAMES, "digit"], []], ids=["more than pixels", "nothing"])
def test_only_models_that_read_pixels_alone_have_a_canvas(pictures, features):
    assert canvas(pictures([picture()], features=features)) is None
    assert canvas(None) is None


def test_columns_that_training_left_out_are_drawn_all_the_same(pictures):
    found = canvas(pictures([picture()], features=NAMES[1:]))
    assert len(found.row(",".join(["0"] * 64))) == 64


def test_a_row_becomes_a_picture_in_the_datas_own_light(pictures):
    found = canvas(pictures([picture()]))
    cells = dict(zip(NAMES, map(str, picture()), strict=True))
    data = base64.b64decode(found.picture(cells).partition(",")[2])
    grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    assert grey.shape == (8, 8)
    assert (grey[1:7, 3:5] == 255).all()
    assert grey.sum() == 12 * 255


@pytest.mark.parametrize("text", ["", "1,2", ",".join(["x"] * 64), ",".join(["nan?"] * 64)])
def test_what_is_no_drawing_is_none(pictures, text):
    assert canvas(pictures([picture()])).row(text) == {}


@pytest.fixture
def drawable(aws, lab, pictures, make_job, make_endpoint, who):
    """An endpoint of a model of pictures, with a test split to pick from and nothing behind it."""
    lines = [",".join(map(str, [n % 2, *picture()])) for n in range(30)]
    lab.put("drawing/test.csv", "\n".join(lines).encode())
    split = {"uri": f"s3://{BUCKET}/drawing/test.csv", "rows": 30, "content_type": "text/csv"}
    recipe = pictures([picture()], channels={"test": split})
    job = make_job(preparation=recipe, algorithm="xgboost")
    return fresh(make_endpoint("drawn", model=register.from_job(who, job)))


def test_the_page_offers_a_canvas_and_rows_to_pick(signed_in, viewer, drawable):
    vera, url = signed_in(viewer), f"/endpoints/{drawable.uid}"
    page = vera.get(url).content.decode()
    assert "data-draw hidden" in page, "without JavaScript nobody sees a canvas"
    assert 'href="?rows=0#picks"' in page, "rows are read when somebody wants them"
    picks = vera.get(f"{url}?rows=24").content.decode()
    assert picks.count('class="pick"') == 6
    assert 'aria-label="Row 26, in the data 1"' in picks
    part = vera.get(f"{url}?rows=0&part=picks", headers={"HX-Request": "true"}).content.decode()
    assert part.count('class="pick"') == 24
    assert "<html" not in part
    assert vera.get(f"{url}?rows=9999").content.decode().count('class="pick"') == 6


def test_an_empty_drawing_says_so(signed_in, viewer, drawable):
    page = signed_in(viewer).post(f"/endpoints/{drawable.uid}/ask", {"pixels": ""})
    assert page.status_code == 422
    assert "Nothing was drawn." in page.content.decode()


def test_what_is_drawn_or_picked_goes_to_the_model(signed_in, viewer, drawable):
    vera, url = signed_in(viewer), f"/endpoints/{drawable.uid}/ask"
    drawing = ",".join(map(str, picture()))
    for question in ({"pixels": drawing}, {"example": "3"}):
        vera.post(url, question)  # nobody answers, and what was sent is kept
        asked = drawable.predictions.first()
        assert asked.request == drawing
        assert asked.has_failed

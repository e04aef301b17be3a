"""What a report fetches once from S3: pictures of a cell, and whether models really differ."""

import pytest
from django.test import Client

from aws import s3
from results import originals, reports, share
from results.gather import gather
from results.models import Report
from tests.results.kept import evaluated

ROWS = 60
TRUTH = [float(n % 2) for n in range(ROWS)]
PIXELS = [f"p{n}" for n in range(4)]


def answered(endpoint, preparation, wrong, cells=None):
    """An evaluation that is wrong about every `wrong`th row."""
    said = [1 - code if n % wrong == 0 else code for n, code in enumerate(TRUTH)]
    columns = {"actual": TRUTH, "predicted": said}
    columns |= {"score_0": [1 - code for code in said], "score_1": said}
    return evaluated(endpoint, preparation, columns, cells, split="test")


@pytest.fixture
def pictured(aws_workspace, endpoint, preparation):
    """Its rows are pictures of two by two pixels."""
    dataset = preparation.dataset
    shape = {"height": 2, "width": 2, "channels": 1, "order": "rows", "upright": True}
    dataset.insights = {"images": {"first": 0, "count": 4, "low": 0, "high": 255, **shape}}
    dataset.columns = [{"name": name, "dtype": "integer"} for name in PIXELS]
    dataset.save()
    cells = {name: [str(n * 4 % 256) for n in range(ROWS)] for name in PIXELS}
    return answered(endpoint, preparation, 6, cells)


def images_of(evaluation, **cell):
    return {"id": "pics", "kind": "images", "evaluation": evaluation.uid} | cell


def test_pictures_of_a_cell_stand_in_the_report_itself(actor, pictured):
    report = reports.create(
        actor, title="x", evaluations=[], wishes=[images_of(pictured, actual=0, predicted=1)]
    )
    gather(report)
    kept = Report.objects.get().blocks[0]["pictures"]
    assert len(kept) == pictured.confusion[0][1] == 10
    assert kept[0]["src"].startswith("data:image/png;base64,")
    _, token = share.create(actor, report, share.Terms(expires_in_days=1))
    answer = Client().get(f"/s/{token}")
    assert answer.content.decode().count('<img src="data:image/png') == 10
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]
    # Nobody asks S3 again: what the block shows is in the row.
    s3.delete_object(
        pictured.workspace.account,
        pictured.workspace.bucket,
        f"{originals.prefix(pictured)}{originals.ROWS}",
    )
    again = reports.save(actor, report, title="y", wishes=report.blocks, revision=1)
    gather(again)
    assert len(Report.objects.get().blocks[0]["pictures"]) == 10


def test_what_is_gone_is_said_and_asked_for_again(actor, pictured):
    place = (pictured.workspace.account, pictured.workspace.bucket)
    s3.delete_object(*place, f"{originals.prefix(pictured)}{originals.ROWS}")
    report = reports.create(
        actor, title="x", evaluations=[], wishes=[images_of(pictured, actual=0, predicted=1)]
    )
    gather(report)
    kept = Report.objects.get()
    assert "Save again" in reports.shown(kept)[0]["problem"]
    assert reports.lacks(kept.blocks[0])


def test_a_comparison_says_whether_the_difference_is_chance(
    actor, aws_workspace, endpoint, preparation
):
    good, bad = (answered(endpoint, preparation, wrong) for wrong in (20, 3))
    report = reports.create(actor, title="x", evaluations=[good.uid, bad.uid])
    gather(report)
    found = next(one for one in reports.shown(report) if one["kind"] == "comparison")
    assert found["sentences"]
    assert "Model 1" in " ".join(found["sentences"])
    assert found["results"]


def test_a_save_in_between_is_not_overwritten(actor, pictured):
    report = reports.create(
        actor, title="x", evaluations=[], wishes=[images_of(pictured, actual=0, predicted=1)]
    )
    other = Report.objects.get()
    reports.save(actor, other, title="y", wishes=[{"kind": "text", "text": "new"}], revision=1)
    gather(report)
    assert Report.objects.get().blocks[0]["text"] == "new"

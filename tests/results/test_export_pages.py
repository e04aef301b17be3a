"""Files of a result by page and by API: only of a finished one, under the name asked for."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from results import reports
from results.models import Evaluation
from tests.results.made import result


@pytest.fixture
def measured(workspace, endpoint, preparation):
    """An evaluation whose outcome was made from rows."""
    found = result("binary", rows=200)
    kept = {name: found[name] for name in ("labels", "metrics", "confusion", "outcome", "rows")}
    return Evaluation.objects.create(
        workspace=workspace,
        name="Fraud on test",
        status="Completed",
        endpoint=endpoint,
        preparation=preparation,
        **kept,
    )


@pytest.mark.parametrize(
    ("kind", "content_type", "start"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("json", "application/json", b"{"),
        ("csv", "text/csv; charset=utf-8", b"result,"),
    ],
)
def test_a_result_is_downloaded_as_a_file(member, signed_in, measured, kind, content_type, start):
    answer = signed_in(member).get(f"/results/{measured.uid}/export.{kind}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="fraud-on-test.{kind}"'
    assert answer.content.startswith(start)


def test_the_api_gives_the_same_file_under_a_chosen_title(member, api, measured):
    client = api(member)
    answer = client.get(f"/api/v1/evaluations/{measured.uid}/exports/pdf?title=For the board")
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in reader.pages).replace("\n", " ")
    assert reader.metadata.title == "For the board"
    assert measured.endpoint.name not in text
    told = client.get(f"/api/v1/evaluations/{measured.uid}").json()["metrics"]
    assert told
    for name, value in told.items():
        assert value is None or f"{name} {value!r}" in text


def test_a_figure_is_downloaded_as_a_picture(member, signed_in, api, measured):
    page = signed_in(member).get(f"/results/{measured.uid}/figures/roc.png")
    again = api(member).get(f"/api/v1/evaluations/{measured.uid}/figures/roc")
    assert page["Content-Type"] == "image/png"
    assert page.content == again.content


@pytest.mark.parametrize("path", ["export.exe", "figures/scatter.png", "figures/none.png"])
def test_what_there_is_not_is_not_found(member, signed_in, measured, path):
    assert signed_in(member).get(f"/results/{measured.uid}/{path}").status_code == 404


def test_there_is_no_file_before_there_is_a_result(member, signed_in, api, measured):
    Evaluation.objects.update(status="Running")
    assert signed_in(member).get(f"/results/{measured.uid}/export.pdf").status_code == 409
    answer = api(member).get(f"/api/v1/evaluations/{measured.uid}/exports/pdf")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "not_completed"


def test_the_menu_offers_what_there_is(measured):
    assert list(measured.figures) == ["matrix", "roc", "pr", "calibration", "gain", "scores"]


@pytest.mark.parametrize("kind", ["pdf", "html", "json", "csv"])
def test_a_report_is_downloaded_as_it_is_now(actor, member, signed_in, api, measured, kind):
    made = reports.create(actor, title="For the board", evaluations=[measured.uid])
    page = signed_in(member).get(reverse("results:report_export", args=[made.uid, kind]))
    assert page.status_code == 200
    assert page["Content-Disposition"] == f'attachment; filename="for-the-board.{kind}"'
    assert api(member).get(f"/api/v1/reports/{made.uid}/exports/{kind}").status_code == 200
    assert measured.uid.encode() not in page.content
    missing = signed_in(member).get(reverse("results:report_export", args=[made.uid, "exe"]))
    assert missing.status_code == 404

"""Reports: what they begin with, two writers, freezing, and what is left when a result is gone."""

import pytest
from django.utils import timezone

from core import access
from core.errors import InvalidFields, NotAllowed
from core.markdown import as_html
from core.models import AuditEvent
from results import blocks, reports
from results.errors import Frozen, ReportChanged
from results.models import Evaluation, Report


@pytest.fixture
def again(workspace, finished):
    """Another result, somewhat worse."""
    return Evaluation.objects.create(
        workspace=workspace,
        name="cancer-old on test",
        status="Completed",
        endpoint=finished.endpoint,
        preparation=finished.preparation,
        rows=57,
        labels=finished.labels,
        confusion=[[15, 6], [1, 35]],
        metrics={"accuracy": 50 / 57, "baseline_accuracy": 36 / 57},
    )


@pytest.fixture
def report(actor, finished):
    return reports.create(actor, title="Tumours", evaluations=[finished.uid])


def kinds(report):
    return [block["kind"] for block in report.blocks]


def shown(report, kind):
    return next(one for one in reports.shown(report) if one["kind"] == kind)


def text(words, **more):
    return {"kind": "text", "text": words} | more


def test_it_begins_with_a_summary_in_plain_words(report):
    assert kinds(report)[:3] == ["text", "metric", "matrix"]
    assert "It is right in 55 of 57 cases" in report.blocks[0]["text"].replace("\\", "")


def test_names_of_classes_are_no_markdown(actor, finished):
    finished.labels = ["[win](http://evil.example)", "*bold*"]
    finished.save()
    made = reports.create(actor, title="", evaluations=[finished.uid])
    html = as_html(made.blocks[0]["text"])
    assert "<a " not in html
    assert "*bold*" in html


def test_several_results_are_compared_under_names_that_tell_nothing(actor, finished, again):
    made = reports.create(actor, title="Two", evaluations=[finished.uid, again.uid])
    found = shown(made, "comparison")
    assert found["names"] == ["Model 1", "Model 2"]
    accuracy = found["rows"][0]
    assert accuracy["values"] == [55 / 57, 50 / 57]
    assert accuracy["best"] == 0
    assert finished.name not in str(reports.shown(made))


def test_of_two_writers_one_wins_and_the_other_is_told(actor, report):
    reports.save(actor, report, title="Mine", wishes=[text("mine")], revision=1)
    other = Report.objects.get()
    with pytest.raises(ReportChanged) as refusal:
        reports.save(actor, other, title="Yours", wishes=[text("yours")], revision=1)
    assert refusal.value.revision == 2
    assert Report.objects.get().blocks[0]["text"] == "mine"
    reports.save(actor, other, title="Yours", wishes=[text("yours")], revision=2)
    assert Report.objects.get().name == "Yours"


def test_a_frozen_report_shows_what_it_showed(actor, report, finished):
    before = reports.shown(report)
    reports.freeze(actor, report, revision=1, now=timezone.now())
    finished.confusion, finished.deleted_at = [[0, 0], [0, 0]], timezone.now()
    finished.save()
    assert reports.shown(Report.objects.get()) == before
    with pytest.raises(Frozen):
        reports.save(actor, report, title="x", wishes=[], revision=report.revision)
    assert Report.objects.get().name == "Tumours"


def test_a_copy_of_a_frozen_report_is_live(actor, report):
    reports.freeze(actor, report, revision=1, now=timezone.now())
    made = reports.copy(actor, report)
    assert (made.name, made.frozen_at) == ("Tumours (copy)", None)
    reports.save(actor, made, title="Next", wishes=[text("new")], revision=1)
    assert shown(report, "matrix")["counts"] == [[20, 1], [1, 35]]


def test_a_live_report_says_what_is_gone_and_can_still_be_saved(actor, report, finished):
    finished.deleted_at = timezone.now()
    finished.save()
    assert shown(report, "matrix")["problem"] == blocks.NOT_THERE
    saved = reports.save(actor, report, title="Still", wishes=report.blocks, revision=1)
    assert saved.name == "Still"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"id": "a", "kind": "spell"}, "a-kind"),
        ({"id": "a", "kind": "matrix", "evaluation": "none"}, "a-evaluation"),
        ({"id": "a", "kind": "text", "text": "x" * 10_001}, "a-text"),
        ({"id": "a", "kind": "text", "heading": "x" * 121}, "a-heading"),
        ({"id": "a", "kind": "comparison", "evaluations": ["one"]}, "a-evaluations"),
    ],
)
def test_a_wrong_block_is_told_at_its_field(actor, report, wish, field):
    with pytest.raises(InvalidFields) as refusal:
        reports.save(actor, report, title="x", wishes=[wish], revision=1)
    assert list(refusal.value.errors) == [field]


def test_no_block_may_draw_from_another_workspace(actor, report, stranger, finished):
    theirs = access.actor(stranger)
    with pytest.raises(InvalidFields):
        reports.create(theirs, title="x", evaluations=[finished.uid])
    wish = {"id": "a", "kind": "matrix", "evaluation": finished.uid}
    with pytest.raises(InvalidFields):
        reports.create(theirs, title="x", evaluations=[], wishes=[wish])


def test_no_block_takes_more_than_its_kind_has(actor, report):
    wish = text("hello", evaluation="x", snapshot="y", pictures=["z"])
    saved = reports.save(actor, report, title="x", wishes=[wish], revision=1)
    assert set(saved.blocks[0]) == {"id", "kind", "heading", "text"}


def test_a_viewer_cannot_write(viewer, workspace, finished, report):
    who = access.actor(viewer)
    with pytest.raises(NotAllowed):
        reports.create(who, title="x", evaluations=[])
    with pytest.raises(NotAllowed):
        reports.save(who, report, title="x", wishes=[], revision=1)


def test_a_repeated_request_makes_one_report(actor, finished):
    made = [reports.create(actor, title="x", evaluations=[], key="click") for _ in range(2)]
    assert made[0].pk == made[1].pk
    assert AuditEvent.objects.filter(action="report.create").count() == 1

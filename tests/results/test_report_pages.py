"""Writing a report in a browser without JavaScript: every button keeps what was typed."""

import re

import pytest

from results import reports
from results.models import Report


@pytest.fixture
def report(actor, finished):
    return reports.create(actor, title="Tumours", evaluations=[finished.uid])


@pytest.fixture
def browser(member, signed_in):
    return signed_in(member)


def typed(report, **changes):
    """What the form of `report` sends, with `changes` to its fields."""
    data = {"title": report.name, "revision": report.revision, "block": []}
    for block in report.blocks:
        data["block"].append(block["id"])
        fields = {name: value for name, value in block.items() if name not in ("id", "columns")}
        data |= {f"{block['id']}-{name}": value for name, value in fields.items()}
    return data | changes


def edit(browser, report, **changes):
    return browser.post(f"/results/reports/{report.uid}/edit", typed(report, **changes))


def kinds():
    return [block["kind"] for block in Report.objects.get().blocks]


def test_it_begins_with_the_chosen_results(browser, finished):
    page = browser.get(f"/results/reports/new?evaluation={finished.uid}").content.decode()
    assert re.search(rf'value="{finished.uid}"[^>]*checked', page)
    key = re.search(r'name="idempotency_key" value="(\w+)"', page)[1]
    wish = {"title": "Tumours", "evaluations": [finished.uid], "idempotency_key": key}
    answers = [browser.post("/results/reports/new", wish) for _ in range(2)]
    report = Report.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/results/reports/{report.uid}/edit"}
    assert browser.get(answers[0]["Location"]).status_code == 200


def test_a_reader_sees_words_figures_and_matrix(viewer, signed_in, report):
    page = signed_in(viewer).get(f"/results/reports/{report.uid}").content.decode()
    assert "<strong>It is right in 55 of 57 cases (96.5 %).</strong>" in page
    assert 'class="matrix"' in page
    assert "Constant guess" in page
    assert "/edit" not in page
    assert "Create a link" not in page


def test_moving_a_block_saves_what_was_typed(browser, report):
    first = report.blocks[0]["id"]
    changes = {f"{first}-text": "My own words", "action": f"down:{first}"}
    answer = edit(browser, report, **changes)
    assert answer["Location"].endswith(f"#block-{first}")
    assert kinds() == ["metric", "text", "matrix", "table"]
    assert Report.objects.get().blocks[1]["text"] == "My own words"


def test_blocks_are_added_and_removed(browser, report, finished):
    edit(browser, report, action="add", new_kind="table", new_evaluation=finished.uid)
    assert kinds() == ["text", "metric", "matrix", "table", "table"]
    report.refresh_from_db()
    edit(browser, report, action=f"remove:{report.blocks[1]['id']}")
    assert kinds() == ["text", "matrix", "table", "table"]


def test_what_was_removed_can_be_put_back_with_what_was_typed(browser, report):
    first = report.blocks[0]["id"]
    changes = {f"{first}-text": "Half a novel", "action": f"remove:{first}"}
    answer = edit(browser, report, **changes)
    assert "Put it back" in browser.get(answer["Location"]).content.decode()
    report.refresh_from_db()
    edit(browser, report, action="back:")
    assert kinds() == ["text", "metric", "matrix", "table"]
    assert Report.objects.get().blocks[0]["text"] == "Half a novel"
    assert "Put it back" not in browser.get(answer["Location"]).content.decode()


def test_a_wrong_field_is_marked_and_nothing_typed_is_lost(browser, report):
    first = report.blocks[0]["id"]
    changes = {f"{first}-heading": "h" * 130, f"{first}-text": "Do not lose me"}
    answer = edit(browser, report, **changes)
    assert answer.status_code == 422
    assert "at most 120 characters" in answer.content.decode()
    assert "Do not lose me" in answer.content.decode()
    assert Report.objects.get().revision == 1


def test_a_second_writer_keeps_both_texts(browser, report):
    first = report.blocks[0]["id"]
    edit(browser, report, **{f"{first}-text": "The first writer"})
    answer = edit(browser, report, **{f"{first}-text": "The second writer"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "The first writer" in page
    assert "The second writer" in page
    assert Report.objects.get().blocks[0]["text"] == "The first writer"
    assert 'name="revision" value="2"' in page
    kept = edit(browser, report, **{f"{first}-text": "The second writer", "action": "copy"})
    assert kept.status_code == 302
    assert sorted(one.blocks[0]["text"] for one in Report.objects.all()) == [
        "The first writer",
        "The second writer",
    ]


def test_frozen_copied_deleted(browser, report):
    at = f"/results/reports/{report.uid}"
    browser.post(f"{at}/freeze", {"revision": 1})
    assert "Frozen" in browser.get(at).content.decode()
    assert browser.get(f"{at}/edit")["Location"] == at
    copied = browser.post(f"{at}/copy", {"idempotency_key": "one"})
    assert copied["Location"].endswith("/edit")
    assert "stay" in browser.get(f"{at}/delete").content.decode()
    browser.post(f"{at}/delete")
    assert browser.get(at).status_code == 404
    listed = browser.get("/results/reports").content.decode()
    assert "Tumours (copy)" in listed
    assert at not in listed


def test_freezing_what_one_has_not_seen_is_refused(browser, report):
    edit(browser, report, title="Other")
    browser.post(f"/results/reports/{report.uid}/freeze", {"revision": 1})
    assert Report.objects.get().frozen_at is None


def test_the_api_writes_the_same(api, member, finished):
    client, json = api(member), "application/json"
    wish = {"title": "By program", "evaluations": [finished.uid]}
    made = client.post("/api/v1/reports", wish, json).json()
    assert [one["kind"] for one in made["shown"]] == ["text", "metric", "matrix", "table"]
    at = f"/api/v1/reports/{made['id']}"
    body = {"title": "New", "blocks": [{"kind": "text", "text": "Hi"}], "revision": 1}
    assert client.put(at, body, json).json()["revision"] == 2
    stale = client.put(at, body, json)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "report_changed")
    wrong = client.put(at, body | {"blocks": [{"id": "a", "kind": "x"}], "revision": 2}, json)
    assert wrong.json()["error"]["fields"]["a-kind"]
    assert client.post(f"{at}/freeze", {"revision": 2}, json).json()["frozen_at"]
    assert client.put(at, body | {"revision": 3}, json).json()["error"]["code"] == "frozen"
    copied = client.post(f"{at}/copy", {}, json, headers={"Idempotency-Key": "c"}).json()
    assert copied["blocks"][0]["text"] == "Hi"
    assert client.delete(at).status_code == 202
    assert [one["title"] for one in client.get("/api/v1/reports").json()["items"]] == ["New (copy)"]

"""The pages of results, as a member, a viewer and a stranger find them."""

import html.parser
import re

import pytest
from django.test import Client
from django.urls import reverse

from results import evaluate
from results.models import Evaluation, Sample, Share
from results.scores import regression


class Cells(html.parser.HTMLParser):
    """Every header and cell of the confusion matrix, as (tag, attributes, text)."""

    def __init__(self, text):
        super().__init__()
        self.found, self.inside = [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inside = self.inside or (tag == "table" and given.get("class") == "matrix")
        if self.inside and tag in ("th", "td"):
            self.found.append((tag, given, []))

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "table"

    def handle_data(self, data):
        if self.inside and self.found and data.strip():
            self.found[-1][2].append(data.strip())


@pytest.fixture
def browser(signed_in, member):
    return signed_in(member)


def text_of(answer) -> str:
    assert answer.status_code == 200, answer.content.decode()[:500]
    return " ".join(answer.content.decode().split())


def test_the_list_teaches_when_it_is_empty(browser):
    assert "No results yet" in text_of(browser.get("/results/"))


def test_the_list_shows_searches_and_filters(browser, finished):
    text = text_of(browser.get("/results/"))
    assert finished.name in text
    assert "96.5 %" in text
    assert finished.name in text_of(browser.get("/results/?q=cancer&status=Completed"))
    assert "No result matches" in text_of(browser.get("/results/?q=nothing"))


def test_the_page_says_what_it_means_first(browser, finished):
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert text.index("It is right in 55 of 57 cases") < text.index("h-matrix")
    assert "Of 21 malignant cases it finds 20 and takes 1 for benign." in text
    assert "63.2 %" in text  # the constant guess stands beside


def test_the_matrix_is_a_table_that_can_be_heard(browser, finished):
    cells = Cells(browser.get(f"/results/{finished.uid}").content.decode()).found
    assert all(given.get("scope") for tag, given, _ in cells if tag == "th")
    rows = [words for tag, given, words in cells if given.get("scope") == "row"]
    assert rows == [["malignant"], ["benign"], ["All"]]
    shaded = [(given, words) for tag, given, words in cells if "shade" in given.get("class", "")]
    assert [words for _, words in shaded] == [["20", "right"], ["1"], ["1"], ["35", "right"]]
    assert sum(int(words[0]) for _, words in shaded) == finished.rows
    assert all(re.fullmatch(r"shade-[0-5]( hit)?", given["class"]) for given, _ in shaded)
    assert shaded[1][0]["title"] == "1 of 21 malignant taken for benign"


def test_the_matrix_switches_by_address(browser, finished):
    page = text_of(browser.get(f"/results/{finished.uid}?view=row"))
    assert "95.2 %" in page
    assert re.search(r'view=row#matrix" aria-current="true"', page)


def test_a_running_one_tells_how_far_it_is(browser, finished):
    Evaluation.objects.update(status="Running", rows_done=19, confusion=[], metrics={})
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert "19 of 57 rows" in text
    assert "to go at the speed so far" in text
    assert f'data-live="evaluation:{finished.uid}"' in text
    part = browser.get(f"/results/{finished.uid}?part=result", headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div class="stack" id="result"')


def test_a_finished_one_polls_no_more(browser, finished):
    assert "data-live" not in text_of(browser.get(f"/results/{finished.uid}"))


def test_a_failed_one_says_why_and_what_next(browser, finished):
    Evaluation.objects.update(status="Failed", failure_reason="The endpoint was <deleted>.")
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert "The endpoint was &lt;deleted&gt;." in text
    assert f"/results/evaluate?endpoint={finished.endpoint.uid}" in text


def test_numbers_have_no_matrix(browser, finished):
    Evaluation.objects.update(
        labels=[], confusion=[], metrics=regression([1.0, 2.0, 3.0], [1.0, 2.0, 2.0])
    )
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert "RMSE" in text
    assert "Confusion matrix" not in text


def test_many_classes_are_drawn_in_view_and_looked_up_by_name(browser, finished):
    names = [f"<b>{number}</b>" for number in range(25)]
    counts = [[5 if a == p else 1 for p in range(25)] for a in range(25)]
    Evaluation.objects.update(labels=names, confusion=counts, metrics={"accuracy": 5 / 29})
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert f'data-cells="/results/{finished.uid}/matrix.json"' in text
    assert "Look a class up" in text
    assert "Most frequent mistakes" in text
    assert "<b>3</b>" not in text
    told = browser.get(f"/results/{finished.uid}/matrix.json").json()
    assert told["labels"] == names
    assert told["cells"][:6] == [0, 0, 5, 0, 1, 1]
    assert len(told["cells"]) == 3 * 25 * 25


def test_it_walks_back_to_where_it_comes_from(browser, finished):
    text = text_of(browser.get(f"/results/{finished.uid}"))
    assert reverse("endpoints:detail", args=[finished.endpoint.uid]) in text
    assert reverse("jobs:detail", args=[finished.endpoint.model.job.uid]) in text
    assert reverse("datasets:detail", args=[finished.preparation.dataset.uid]) in text


def terms(**more):
    return {"title": "Tumours", "expires_in_days": "7", "password": "", **more}


def test_a_link_is_shown_once(browser, finished):
    page = text_of(browser.post(f"/results/{finished.uid}/share", terms(idempotency_key="k")))
    (link,) = set(re.findall(r"http://testserver/s/[\w-]+", page))
    assert Client().get(link).status_code == 200
    again = text_of(browser.get(f"/results/{finished.uid}"))
    assert "/s/" not in again
    assert "Tumours" in again
    double = text_of(browser.post(f"/results/{finished.uid}/share", terms(idempotency_key="k")))
    assert link in double
    assert Share.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expires_in_days": "0"}, "greater than or equal to 1"),
        ({"expires_in_days": "soon"}, "whole number"),
        ({"password": "short"}, "at least 8 characters"),
        ({"title": ""}, "required"),
    ],
)
def test_bad_terms_are_told_at_the_field(browser, finished, change, message):
    answer = browser.post(f"/results/{finished.uid}/share", terms(**change))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not Share.objects.exists()


def test_a_link_is_revoked_from_the_page(browser, finished):
    page = text_of(browser.post(f"/results/{finished.uid}/share", terms()))
    (link,) = set(re.findall(r"http://testserver/s/[\w-]+", page))
    uid = Share.objects.get().uid
    assert browser.post(f"/results/shares/{uid}/revoke").status_code == 302
    assert Client().get(link).status_code == 404
    assert "Revoked" in text_of(browser.get(f"/results/{finished.uid}"))


def test_an_evaluation_is_asked_for_once(browser, endpoint):
    address = f"/results/evaluate?endpoint={endpoint.uid}"
    key = re.search(r'name="idempotency_key" value="(\w+)"', text_of(browser.get(address)))
    wish = {
        "preparation": endpoint.model.job.preparation.uid,
        "split": "test",
        "idempotency_key": key[1],
    }
    first, second = browser.post(address, wish), browser.post(address, wish)
    assert first.status_code == 302
    assert first["Location"] == second["Location"]
    assert Evaluation.objects.count() == 1


def test_a_refusal_stands_at_the_field(browser, endpoint):
    address = f"/results/evaluate?endpoint={endpoint.uid}"
    wish = {"preparation": endpoint.model.job.preparation.uid, "split": "validation"}
    answer = browser.post(address, wish)
    assert answer.status_code == 422
    assert "no rows in a split" in answer.content.decode()


@pytest.mark.usefixtures("aws_workspace")
def test_predictions_are_downloaded_with_inert_names(browser, endpoint, actor, soon):
    preparation = endpoint.model.job.preparation
    preparation.labels = ['=HYPERLINK("http://evil")', "benign"]
    preparation.save()
    evaluation = evaluate.request(actor, endpoint=endpoint)
    evaluate.run(evaluation, soon)
    assert evaluation.status == "Completed", evaluation.failure_reason
    answer = browser.get(f"/results/{evaluation.uid}/predictions.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 1 + evaluation.rows
    assert lines[0].startswith('row,actual,predicted,"score of ')
    assert not any(cell.startswith("=") for line in lines for cell in line.split(","))
    assert any(line.split(",")[1] == "benign" for line in lines)
    assert answer["Content-Disposition"].startswith("attachment")


def test_there_is_nothing_to_download_before_the_end(browser, finished):
    Evaluation.objects.update(predictions_key="")
    assert browser.get(f"/results/{finished.uid}/predictions.csv").status_code == 409


def test_the_sample_is_removed_after_a_question(browser, workspace):
    assert browser.get("/results/sample/remove").status_code == 404
    Sample.objects.create(workspace=workspace, name="sample", status="Building")
    assert "Remove the sample" in text_of(browser.get("/"))
    assert "What goes" in text_of(browser.get("/results/sample/remove"))
    assert browser.post("/results/sample/remove").status_code == 302
    assert Sample.objects.get().status == "Removing"


def visits(finished, share):
    uid, endpoint = finished.uid, finished.endpoint.uid
    return [
        ("get", f"/results/{uid}"),
        ("get", f"/results/{uid}/matrix.json"),
        ("get", f"/results/evaluate?endpoint={endpoint}"),
        ("post", f"/results/{uid}/share"),
        ("post", f"/results/shares/{share.uid}/revoke"),
    ]


@pytest.fixture
def shared(browser, finished):
    browser.post(f"/results/{finished.uid}/share", terms())
    return Share.objects.get()


def statuses(browser, rows):
    return [getattr(browser, method)(address).status_code for method, address in rows]


def test_a_viewer_sees_and_changes_nothing(signed_in, viewer, finished, shared):
    browser = signed_in(viewer)
    assert statuses(browser, visits(finished, shared)) == [200, 200, 403, 403, 403]
    assert "Create a link" not in text_of(browser.get(f"/results/{finished.uid}"))
    assert browser.post("/results/sample/remove").status_code == 403
    shared.refresh_from_db()
    assert shared.revoked_at is None


def test_a_stranger_finds_nothing(signed_in, outsider, finished, shared):
    browser = signed_in(outsider)
    assert statuses(browser, visits(finished, shared)) == [404] * 5
    assert finished.name not in text_of(browser.get("/results/"))


def test_who_has_not_signed_in_is_asked_to(finished, shared):
    assert statuses(Client(), visits(finished, shared)) == [302] * 5
    assert Client().get("/results/").status_code == 302

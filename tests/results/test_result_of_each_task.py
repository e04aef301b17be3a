"""The page of a result shows what its task needs, at the threshold that somebody chose."""

import re

import pytest
from django.urls import reverse

from core.models import AuditEvent
from results import threshold
from results.models import Evaluation
from tests.results.outcomes import NAMES, fields


@pytest.fixture
def of_task(finished):
    """`of_task("binary")` is a finished evaluation of such a task, with its rows kept."""

    def make(task, rows=400, **more):
        key = f"batches/{finished.uid}/predictions.parquet"
        changes = fields(task, rows, **more) | {"predictions_key": key}
        Evaluation.objects.filter(pk=finished.pk).update(**changes)
        return Evaluation.objects.get(pk=finished.pk)

    return make


@pytest.fixture
def browser(signed_in, member):
    return signed_in(member)


@pytest.fixture
def read(browser):
    def text(evaluation, query=""):
        answer = browser.get(f"/results/{evaluation.uid}{query}")
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return text


SHOWN = {
    "binary": ["Threshold", "ROC curve", "Calibration", "1 of ", "95 % sure", "Constant guess"],
    "multiclass": ["Most confused first", "Among its best guesses", "Most frequent mistakes"],
    "regression": ["RMSE", "True and said", "Errors", "Median error"],
    "clustering": ["Cluster 3", "most typical", "Adjusted Rand index", "known labels"],
    "anomaly": ["strangest", "Precision at the top", "ROC AUC"],
}


@pytest.mark.parametrize("task", NAMES)
def test_each_task_has_a_page(read, of_task, task):
    evaluation = of_task(task)
    text = read(evaluation)
    for words in SHOWN[task]:
        assert words in text
    assert f'href="/results/{evaluation.uid}/rows?' in text
    assert "None" not in re.sub(r"<[^>]+>", "", text)
    assert "nan" not in re.sub(r"<[^>]+>", "", text).lower().split()


def cells(text):
    found = re.findall(r'data-cell="(\d)-(\d)">(?:<a[^>]*>)?([\d,]+)', text)
    return {(int(a), int(p)): int(count.replace(",", "")) for a, p, count in found}


def test_one_number_in_the_address_moves_everything(read, of_task):
    evaluation = of_task("binary")
    point = threshold.at(evaluation.outcome, 0.35)
    text = read(evaluation, "?threshold=0.35&cost_fp=1&cost_fn=7.5")
    assert cells(text) == {(0, 0): point.tn, (0, 1): point.fp, (1, 0): point.fn, (1, 1): point.tp}
    assert f"{100 * point.recall:.1f} %" in text
    assert "only in your view" in text
    cost = point.cost(1, 7.5)
    assert f'data-out="cost">{cost:,.{1 if cost >= 100 else 4}f}<' in text
    best = threshold.cheapest(evaluation.outcome, 1, 7.5)
    assert f'name="use" value="{best.threshold!r}"' in text
    assert "rows?threshold=0.35&amp;actual=1&amp;predicted=0" in text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?threshold=nan", "not a number"),
        ("?threshold=soon", "not a number"),
        ("?threshold=0.4&cost_fp=-1&cost_fn=2", "0 or more"),
        ("?threshold=0.4&cost_fp=1&cost_fn=", "Give both costs"),
    ],
)
def test_what_is_no_number_is_told_at_the_field(read, of_task, query, message):
    text = read(of_task("binary"), query)
    assert message in text
    assert 'aria-invalid="true"' in text


def test_a_threshold_is_kept_for_everybody(browser, read, of_task):
    evaluation = of_task("binary")
    address = reverse("results:threshold", args=[evaluation.uid])
    wish = {"threshold": "0.41", "cost_fp": "1", "cost_fn": "20"}
    assert browser.post(address, wish).status_code == 302
    evaluation.refresh_from_db()
    assert (evaluation.threshold, evaluation.cost_false_negative) == (0.41, 20)
    assert AuditEvent.objects.filter(action="evaluation.threshold").count() == 1
    assert "chosen for everybody" in read(evaluation)
    browser.post(address, wish | {"use": "0.2"})
    evaluation.refresh_from_db()
    assert evaluation.threshold == 0.2
    browser.post(address, wish | {"use": ""})
    evaluation.refresh_from_db()
    assert evaluation.threshold is None
    assert browser.post(address, {"threshold": "x"}).status_code == 302
    evaluation.refresh_from_db()
    assert evaluation.threshold is None


def test_a_viewer_moves_it_in_their_own_view_only(signed_in, viewer, of_task):
    evaluation = of_task("binary")
    browser = signed_in(viewer)
    page = browser.get(f"/results/{evaluation.uid}?threshold=0.3").content.decode()
    assert "Keep this for everybody" not in page
    address = reverse("results:threshold", args=[evaluation.uid])
    assert browser.post(address, {"threshold": "0.3"}).status_code == 403


def test_the_page_gets_the_points_of_the_curve(browser, of_task):
    evaluation = of_task("binary")
    told = browser.get(f"/results/{evaluation.uid}/curve.json").json()
    assert told["curve"] == evaluation.outcome["curve"]
    assert told["positives"] + told["negatives"] == evaluation.rows


def test_classes_are_ordered_by_confusion(read, of_task):
    evaluation = of_task("multiclass")
    assert 'order=confusion#matrix" aria-current="true"' in read(evaluation, "?order=confusion")
    text = read(evaluation, "?view=row&order=confusion")
    assert 'view=row&amp;order=confusion#matrix" aria-current="true"' in text


def test_texts_show_examples_of_each_class(read, of_task):
    evaluation = of_task("multiclass", is_text=True)
    first = ",".join(map(str, evaluation.outcome["examples"]["2"]))
    assert f"rows?rows={first}" in read(evaluation)


def test_a_thousand_classes_fit_a_page(browser, of_task):
    evaluation = of_task("multiclass", 2_000, labels=[f"class {n}" for n in range(1_000)])
    answer = browser.get(f"/results/{evaluation.uid}")
    assert "1,000 classes" in answer.content.decode()
    assert len(answer.content) < 900_000
    assert (
        browser.get(f"/results/{evaluation.uid}/matrix.json").json()["labels"][999] == "class 999"
    )


@pytest.fixture
def client(api, member):
    return api(member)


def test_the_api_answers_for_any_threshold(client, of_task):
    evaluation = of_task("binary")
    path = f"/api/v1/evaluations/{evaluation.uid}/threshold"
    told = client.get(f"{path}?at=0.37&cost_fp=1&cost_fn=10").json()
    point = threshold.at(evaluation.outcome, 0.37)
    assert told["confusion"] == point.confusion
    assert told["predicted_positives"] == point.alarms
    assert told["f1"] == point.f1
    assert told["cost"] == point.cost(1, 10)
    assert told["cheapest"] == threshold.cheapest(evaluation.outcome, 1, 10).threshold
    assert client.get(path).json()["threshold"] == 0.5
    assert client.get(f"{path}?at=high").status_code == 422
    kept = client.post(path, {"threshold": 0.3}, content_type="application/json").json()
    assert kept["threshold"] == client.get(path).json()["threshold"] == 0.3


def test_the_api_has_no_threshold_of_numbers(client, of_task):
    path = f"/api/v1/evaluations/{of_task('regression').uid}/threshold"
    assert client.get(f"{path}?at=0.5").status_code == 409

"""Results beside each other: what the page says is what the API says and what the rows tell."""

import csv
import io

import numpy as np
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from scipy import stats
from sklearn.metrics import f1_score, roc_auc_score

from aws import s3
from core import lineage
from core.models import Workspace
from results import compare, compared, disagree
from results.models import Evaluation
from results.verdict import Verdict
from tests.localaws.lab import BUCKET
from tests.results.conftest import prepared
from tests.results.kept import evaluated
from tests.results.made import predictions, result

ROWS = 300


def kept(endpoint, preparation, task, skill, **more):
    columns = predictions(task, rows=ROWS, skill=skill, seed=3)
    del columns["row"]
    cells = {"town": [f"town {n}" for n in range(ROWS)], "sum": ["=1+1"] * ROWS}
    made = evaluated(endpoint, preparation, columns, cells, labels=preparation.labels)
    Evaluation.objects.filter(pk=made.pk).update(name=f"{task} {skill}", **more)
    made.refresh_from_db()
    return made, columns


@pytest.fixture
def two(aws_workspace, endpoint, preparation):
    """The same 300 rows of two classes, judged badly and well."""
    return [kept(endpoint, preparation, "binary", skill) for skill in (0.8, 2.5)]


def told(client, rows):
    return client.get("/api/v1/evaluations/compare", {"ids": ",".join(row.uid for row in rows)})


def page(client, rows, **more):
    ids = {"ids": [row.uid for row in rows]}
    return client.get(reverse("results:compare"), ids | more)


def test_the_api_tells_what_the_rows_tell(member, api, two):
    (first, weak), (second, strong) = two
    found = told(api(member), [first, second]).json()
    truth = weak["actual"]
    right = [one["predicted"] == truth for one in (weak, strong)]
    only = [int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())]
    tests = {one["metric"]: one for one in found["pairs"][0]["tests"]}
    assert found["pairs"][0]["same_rows"]
    assert tests["accuracy"]["difference"] == pytest.approx((only[1] - only[0]) / ROWS)
    assert tests["accuracy"]["p"] == pytest.approx(stats.binomtest(only[0], sum(only)).pvalue)
    auc = [roc_auc_score(truth, one["score_1"]) for one in (weak, strong)]
    assert tests["auc"]["difference"] == pytest.approx(auc[1] - auc[0])
    f1 = [f1_score(truth, one["predicted"]) for one in (weak, strong)]
    assert tests["f1"]["difference"] == pytest.approx(f1[1] - f1[0])
    metrics = {one["name"]: one for one in found["metrics"]}
    assert metrics["auc"]["values"] == [first.metrics["auc"], second.metrics["auc"]]
    assert metrics["auc"]["best"] == [1]
    changed = np.array(second.confusion) - np.array(first.confusion)
    assert found["pairs"][0]["matrix"] == changed.tolist()
    assert found["pairs"][0]["matrix_unit"] == "rows"


def test_the_page_says_it_in_words_with_signs_and_curves(member, signed_in, two):
    rows = [row for row, _ in two]
    text = page(signed_in(member), rows).content.decode()
    found = compare.compare(rows).pairs[0]
    assert found.sentences[0].startswith("B is right in ")
    for sentence in found.sentences:
        assert sentence in text
    assert "appears by chance in fewer than 1 of 1,000 repetitions" in text
    assert 'class="less-' in text
    assert "−" in text
    assert text.count('<svg class="plot"') == 4, "ROC, precision, calibration, gain"
    assert text.count("View as table") == 4


def test_each_difference_has_its_sign_as_text():
    first, second = (result("binary", skill=skill) for skill in (0.8, 2.5))
    found = compared.difference(first, second)
    for (_, cells), one, other in zip(
        found.rows, first["confusion"], second["confusion"], strict=True
    ):
        for cell, before, after in zip(cells, one, other, strict=True):
            expected = f"{after - before:+,}".replace("-", "−") if after != before else "±0"
            assert cell.text == expected
            assert cell.tone.startswith(
                {1: "more", -1: "less", 0: ""}[int(np.sign(after - before))]
            )


def test_many_classes_show_where_most_changed():
    labels = [f"k{n}" for n in range(60)]
    first, second = (result("multiclass", labels=labels, skill=s, rows=900) for s in (2.0, 2.5))
    found = compared.difference(first, second)
    assert len(found.labels) == 20
    assert found.left_out == 40


def test_rows_they_disagree_about_come_with_their_columns(member, signed_in, two):
    (first, weak), (second, strong) = two
    apart = weak["predicted"] != strong["predicted"]
    only_second = apart & (strong["predicted"] == weak["actual"])
    found = disagree.page(first, second, "second", 1)
    assert found.counts["all"] == int(apart.sum())
    assert found.counts["second"] == int(only_second.sum())
    numbers = (np.flatnonzero(only_second) + 1).tolist()
    assert [row.number for row in found.rows] == numbers[: disagree.PER_PAGE]
    assert [row.cells[0] for row in found.rows] == [f"town {row.number - 1}" for row in found.rows]
    assert all(row.second_is_right and not row.first_is_right for row in found.rows)
    last = disagree.page(first, second, "all", 10**6)
    assert last.page == last.pages
    text = page(signed_in(member), [first, second], kind="second", page=2).content.decode()
    assert f"town {numbers[disagree.PER_PAGE] - 1}" in text


def test_all_of_those_rows_are_a_csv_without_formulas(member, signed_in, two):
    (first, weak), (second, strong) = two
    answer = signed_in(member).get(
        reverse("results:compare_rows"), {"ids": f"{first.uid},{second.uid}"}
    )
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert lines[0] == ["row", "actual", first.name, second.name, "town", "sum"]
    assert len(lines) - 1 == int((weak["predicted"] != strong["predicted"]).sum())
    assert {line[5] for line in lines[1:]} == {"'=1+1"}


def test_the_table_is_a_csv_with_the_pages_numbers(member, signed_in, two):
    first, second = (row for row, _ in two)
    answer = signed_in(member).get(
        reverse("results:compare_csv"), {"ids": f"{first.uid},{second.uid}"}
    )
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    auc = next(line for line in lines if line["metric"] == "auc")
    assert float(auc[first.name]) == first.metrics["auc"]
    assert float(auc["difference"]) == pytest.approx(second.metrics["auc"] - first.metrics["auc"])
    assert float(auc["low"]) < float(auc["difference"]) < float(auc["high"])


def test_a_drawn_line_is_what_is_compared(two):
    (first, weak), (second, _) = two
    Evaluation.objects.filter(pk=first.pk).update(threshold=0.2)
    first.refresh_from_db()
    said = (weak["score_1"] >= 0.2).astype(float)
    assert compare.answers(first).predicted.tolist() == said.tolist()
    before = compare.pair(first, second).verdicts["accuracy"].difference
    Evaluation.objects.filter(pk=first.pk).update(threshold=None)
    first.refresh_from_db()
    assert compare.pair(first, second).verdicts["accuracy"].difference != before


@pytest.mark.parametrize("task", ["multiclass", "regression", "anomaly"])
def test_every_task_with_a_truth_is_tested_row_by_row(
    aws_workspace, endpoint, workspace, signed_in, member, task
):
    labels = ["cat", "dog", "cow"] if task == "multiclass" else []
    preparation = prepared(workspace, task=task, labels=labels)
    rows = [kept(endpoint, preparation, task, skill)[0] for skill in (1.0, 3.0)]
    found = compare.compare(rows).pairs[0]
    main = {"multiclass": "accuracy", "regression": "rmse", "anomaly": "auc"}[task]
    assert found.is_paired
    assert main in found.verdicts
    assert page(signed_in(member), rows).status_code == 200


def test_gone_rows_make_it_rougher_and_do_not_break_it(member, signed_in, two):
    first, second = (row for row, _ in two)
    s3.delete_object(first.workspace.account, BUCKET, second.predictions_key)
    answer = page(signed_in(member), [first, second])
    assert answer.status_code == 200
    assert "What is told is rougher" in answer.content.decode()
    found = compare.pair(first, second)
    assert not found.is_paired
    assert found.verdicts["accuracy"].method == "separate rows"


def made(workspace, endpoint, preparation, task="binary", **more):
    found = result(task, rows=120)
    fields = {name: found[name] for name in ("labels", "metrics", "confusion", "outcome", "rows")}
    common = {"workspace": workspace, "endpoint": endpoint, "preparation": preparation}
    return Evaluation.objects.create(
        **common, **{"name": f"{task} run", "status": "Completed", **fields, **more}
    )


@pytest.fixture
def make(workspace, endpoint, preparation):
    return lambda *given, **more: made(workspace, endpoint, preparation, *given, **more)


def test_other_rows_are_told_apart_without_reading_them(make):
    found = compare.pair(make(split="test"), make(split="train"))
    assert not found.is_paired
    assert {"accuracy", "auc"} <= set(found.verdicts)
    assert not any(one.is_clear for one in found.verdicts.values())


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ({"status": "Running"}, "There is no result of"),
        ({"task": "regression"}, "They answer different questions: binary, regression"),
        (None, "Choose 2 to 8 evaluations"),
    ],
)
def test_what_cannot_be_compared_is_said(member, signed_in, api, make, second, problem):
    rows = [make(), *([make(**second)] if second else [])]
    assert problem in page(signed_in(member), rows).content.decode()
    answer = told(api(member), rows)
    assert answer.status_code == 422
    assert problem in answer.json()["error"]["message"]


def test_strangers_results_are_as_if_they_were_not_there(
    member, signed_in, make, endpoint, preparation
):
    elsewhere = made(Workspace.objects.create(slug="other", name="Other"), endpoint, preparation)
    rows = [make(), make(), elsewhere]
    text = page(signed_in(member), rows).content.decode()
    assert f"Not here, or not yours: <code>{elsewhere.uid}</code>" in text
    assert "Compare 2 results" in text


def test_at_most_eight_stand_beside_each_other(make):
    rows = [make() for _ in range(9)]
    chosen = compare.choose(rows[0].workspace, [row.uid for row in rows])
    assert len(chosen.evaluations) == 8
    assert chosen.left_out == 1


def test_jobs_tunings_and_endpoints_lead_to_their_newest_results(member, signed_in, make, endpoint):
    old, new = make(), make()
    client = signed_in(member)
    job = endpoint.model.job
    by_job = client.get(reverse("results:compare"), {"jobs": f"{job.uid},nobody"})
    assert by_job.url == reverse("results:compare") + f"?ids={new.uid},{old.uid}"
    by_endpoint = client.get(reverse("results:compare"), {"endpoint": endpoint.uid})
    assert by_endpoint.url.endswith(f"?ids={new.uid},{old.uid}")


def test_lineage_leads_to_the_comparison_of_what_is_finished(make, endpoint):
    first, second = make(), make()
    make(status="Running")
    found = {"lineage": lineage.walk(endpoint)}
    text = render_to_string("_parts/lineage.html", found)
    assert f"{reverse('results:compare')}?ids={second.uid},{first.uid}," in text


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0002, "in fewer than 1 of 1,000 repetitions."),
        (0.0041, "in 5 of 1,000 repetitions."),
        (0.03, "in 3 of 100 repetitions."),
        (0.3, "in 30 of 100 repetitions: it may be nothing."),
    ],
)
def test_chance_is_said_in_words(p, words):
    verdict = Verdict("accuracy", 0.012, 0.004, 0.02, p, "McNemar")
    told = compared.sentence(verdict, ("A", "B"), 5_000, is_paired=True)
    assert told.startswith("B is right in 12 more of 1,000 cases than A")
    assert told.endswith(words)


def test_a_lower_error_is_better():
    verdict = Verdict("rmse", -0.5, -0.8, -0.2, 0.001, "bootstrap")
    told = compared.sentence(verdict, ("A", "B"), 100, is_paired=True)
    assert told.startswith("RMSE: B is better than A by 0.5000 (by 0.2000 to 0.8000).")

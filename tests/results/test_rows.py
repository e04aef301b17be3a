"""Behind every figure stand rows: found by what was said of them, shown as the table has them."""

import csv
import io
import time
from urllib.parse import parse_qsl

import numpy as np
import pytest

from core.errors import InvalidFields
from results import drill, rows
from results.errors import NotCompleted, NotKept
from results.models import Evaluation
from tests.results.conftest import prepared
from tests.results.kept import evaluated

COUNT = 100
ACTUAL = [float(n % 2) for n in range(COUNT)]
SCORES = [((n * 37) % 100) / 100 for n in range(COUNT)]
PREDICTED = [float(score >= 0.5) for score in SCORES]


@pytest.fixture
def made(aws_workspace, endpoint, preparation) -> Evaluation:
    """100 rows of two classes, with two columns."""
    columns = {
        "actual": ACTUAL,
        "predicted": PREDICTED,
        "score_0": [1 - score for score in SCORES],
        "score_1": SCORES,
    }
    cells = {
        "age": [str(20 + n % 50) for n in range(COUNT)],
        "town": ["=HOME()" if n % 5 == 0 else "there" for n in range(COUNT)],
    }
    return evaluated(endpoint, preparation, columns, cells)


def numbers(evaluation, **params):
    asked = rows.wanted_of({name: str(value) for name, value in params.items()})
    return rows.find(evaluation, asked)[0].tolist()


def those(condition) -> list[int]:
    return [n + 1 for n in range(COUNT) if condition(n)]


def test_each_cell_of_the_matrix_has_as_many_rows_as_it_counts(made):
    for actual in (0, 1):
        for predicted in (0, 1):
            found = numbers(made, actual=actual, predicted=predicted)
            assert len(found) == made.confusion[actual][predicted]
            cells = list(zip(ACTUAL, PREDICTED, strict=True))
            assert found == [n for n, cell in enumerate(cells, 1) if cell == (actual, predicted)]


@pytest.mark.parametrize(
    ("params", "condition"),
    [
        ({}, lambda n: True),
        ({"wrong": 1}, lambda n: ACTUAL[n] != PREDICTED[n]),
        ({"right": 1}, lambda n: ACTUAL[n] == PREDICTED[n]),
        ({"score_min": 0.2, "score_max": 0.3}, lambda n: 0.2 <= SCORES[n] <= 0.3),
        ({"confidence_min": 0.9}, lambda n: max(SCORES[n], 1 - SCORES[n]) >= 0.9),
        ({"rows": "3,5,999"}, lambda n: n in (2, 4)),
        ({"column": "town", "value": "there"}, lambda n: n % 5 != 0),
        ({"column": "age", "low": 30, "high": 40}, lambda n: 30 <= 20 + n % 50 < 40),
        ({"column": "age", "value": ""}, lambda n: False),
        ({"threshold": 0.8, "predicted": 1}, lambda n: SCORES[n] >= 0.8),
        ({"threshold": 0.8, "wrong": 1, "actual": 1}, lambda n: n % 2 == 1 and SCORES[n] < 0.8),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_it_finds_what_is_asked_for(made, params, condition):
    assert numbers(made, **params) == those(condition)


def test_it_puts_the_surest_mistakes_first(made):
    found = numbers(made, wrong=1, sort="-confidence")
    sure = [max(SCORES[n - 1], 1 - SCORES[n - 1]) for n in found]
    assert sure == sorted(sure, reverse=True)
    assert numbers(made, sort="-score")[0] == SCORES.index(max(SCORES)) + 1


def test_a_page_shows_the_rows_with_their_columns(made):
    found = rows.page(made, rows.wanted_of({"page": "2"}))
    assert (found.total, found.page, found.pages) == (COUNT, 2, 5)
    assert found.columns == ["age", "town"]
    first = found.rows[0]
    assert (first.number, first.actual, first.cells) == (21, "malignant", ["40", "=HOME()"])
    assert first.is_right == (PREDICTED[20] == ACTUAL[20])
    assert first.score == SCORES[20]
    assert rows.page(made, rows.wanted_of({"page": "99"})).page == 5


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"actual": "x"}, "actual"),
        ({"score_min": "nan"}, "score_min"),
        ({"actual": "1.5"}, "actual"),
        ({"sort": "age"}, "sort"),
        ({"rows": "1,b"}, "rows"),
        ({"residual_min": "1", "column": "no"}, "column"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_makes_no_sense_is_told_at_its_field(made, params, field):
    with pytest.raises(InvalidFields) as refusal:
        rows.find(made, rows.wanted_of(params))
    assert list(refusal.value.errors) == [field]


def test_a_slice_of_a_result_leads_to_its_rows(made):
    for one in drill.by_column(made, "age") + drill.by_column(made, "town"):
        assert len(numbers(made, **dict(parse_qsl(one.query)))) == one.slice["rows"]


def test_numbers_are_found_by_their_error(aws_workspace, endpoint, workspace):
    recipe = prepared(workspace, task="regression", labels=[])
    columns = {"actual": [0.0] * 50, "predicted": [float(n - 25) for n in range(50)]}
    made = evaluated(endpoint, recipe, columns, labels=[])
    assert numbers(made, residual_min=20) == [46, 47, 48, 49, 50]
    assert numbers(made, sort="-residual")[:3] == [1, 2, 50]
    found = rows.page(made, rows.wanted_of({"sort": "-residual"}))
    assert found.rows[0].residual == -25
    assert found.rows[0].is_right is None
    assert "no longer in the bucket" in found.problem, "their columns were not kept"


def test_old_predictions_say_that_it_must_be_evaluated_again(finished):
    with pytest.raises(NotKept) as refusal:
        rows.page(finished, rows.Wanted())
    assert "Evaluate again" in refusal.value.hint
    finished.predictions_key = ""
    with pytest.raises(NotCompleted):
        rows.page(finished, rows.Wanted())


def test_twenty_rows_of_a_hundred_thousand_take_less_than_a_second(
    aws_workspace, endpoint, preparation
):
    count = 100_000
    rng = np.random.default_rng(1)
    scores = rng.random(count)
    columns = {
        "actual": rng.integers(0, 2, count).astype(float),
        "predicted": (scores >= 0.5).astype(float),
        "score_0": 1 - scores,
        "score_1": scores,
    }
    texts = [str(n) for n in range(1, count + 1)]
    cells = {f"c{k}": texts for k in range(20)}
    made = evaluated(endpoint, preparation, columns, cells)
    began = time.perf_counter()
    found = rows.page(made, rows.wanted_of({"wrong": "1", "sort": "-confidence"}))
    assert time.perf_counter() - began < 1
    assert len(found.rows) == 20
    assert all(row.cells == [str(row.number)] * 20 for row in found.rows)


# --- pages and API -------------------------------------------------------------------------------


def test_the_page_tells_which_rows_and_links_to_a_file_of_them(made, member, signed_in):
    client = signed_in(member)
    address = f"/results/{made.uid}/rows?actual=1&predicted=0&sort=-confidence&page=2"
    answer = client.get(address)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "really benign, answered malignant" in text
    assert "rows.csv?actual=1&amp;predicted=0&amp;sort=-confidence" in text
    assert client.get(f"/results/{made.uid}/rows?actual=x").status_code == 422
    assert (
        "No row is like that" in client.get(f"/results/{made.uid}/rows?rows=999").content.decode()
    )


def test_the_file_has_every_column_and_runs_nothing(made, member, signed_in):
    answer = signed_in(member).get(f"/results/{made.uid}/rows.csv?wrong=1")
    found = list(csv.reader(io.StringIO(b"".join(answer).decode())))
    assert found[0] == ["row", "actual", "predicted", "score", "confidence", "age", "town"]
    assert [int(row[0]) for row in found[1:]] == numbers(made, wrong=1)
    assert {row[-1] for row in found[1:]} == {"'=HOME()", "there"}


def test_old_results_offer_to_be_evaluated_again(finished, member, viewer, signed_in):
    text = signed_in(member).get(f"/results/{finished.uid}/rows").content.decode()
    assert "kept in an earlier way" in text
    assert f'href="/results/evaluate?endpoint={finished.endpoint.uid}' in text
    text = signed_in(viewer).get(f"/results/{finished.uid}/slices").content.decode()
    assert "kept in an earlier way" in text
    assert "/results/evaluate?" not in text


def test_slices_by_any_column_are_listed_with_links(made, member, signed_in):
    client = signed_in(member)
    text = client.get(f"/results/{made.uid}/slices?by=town").content.decode()
    assert "town: there" in text
    assert f"/results/{made.uid}/rows?column=town&amp;value=there&amp;wrong=1" in text
    assert client.get(f"/results/{made.uid}/slices").status_code == 200
    assert client.get(f"/results/{made.uid}/slices?by=nothing").status_code == 422


def test_the_api_gives_the_same_rows_and_slices(made, member, api):
    client = api(member)
    found = client.get(f"/api/v1/evaluations/{made.uid}/rows?wrong=1&sort=-confidence").json()
    assert found["total"] == len(numbers(made, wrong=1))
    assert [row["row"] for row in found["rows"]] == numbers(made, wrong=1, sort="-confidence")[:20]
    assert found["rows"][0]["cells"].keys() == {"age", "town"}
    sliced = client.get(f"/api/v1/evaluations/{made.uid}/slices?by=town").json()
    assert [one["value"] for one in sliced["slices"]] == ["there", "=HOME()"]
    bad = client.get(f"/api/v1/evaluations/{made.uid}/rows?sort=x")
    assert (bad.status_code, list(bad.json()["error"]["fields"])) == (422, ["sort"])

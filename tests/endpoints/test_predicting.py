"""Asking a deployed model, and what it cannot be asked."""

import pytest

from core.errors import TooLarge
from endpoints import register
from endpoints.errors import ModelRefused, NoAnswer, NotServing, WrongInput
from endpoints.examples import example
from endpoints.models import Endpoint
from endpoints.predict import columns_of, predict
from tests.aws.conftest import credentials, scripted  # noqa: F401  # fixtures for this folder
from tests.endpoints.conftest import COLUMNS, fresh, in_service


@pytest.fixture
def serving(aws, requested):
    return in_service(requested())


def test_one_row_gets_a_label_with_its_probability(serving, lab):
    row = ",".join(map(str, lab.features[500]))
    prediction = predict(serving, csv=row)
    (answer,) = prediction.answers
    assert answer.label == ["malignant", "benign"][int(lab.labels[500])]
    assert 0.5 <= answer.probability <= 1
    assert prediction.top(answer)[0][0] == answer.label
    assert prediction.request == row
    assert float(prediction.response) == pytest.approx(answer.value)
    assert (prediction.variant, prediction.latency_ms > 0) == ("AllTraffic", True)


def test_rows_by_list_by_name_and_by_text_are_the_same_rows(serving, lab):
    rows = lab.features[456:461]
    named = [dict(zip(COLUMNS, map(float, row), strict=True)) for row in rows]
    text = "\n".join([",".join(COLUMNS), *(",".join(map(str, row)) for row in rows)])
    asked = [
        predict(serving, instances=rows.tolist()),
        predict(serving, instances=named),
        predict(serving, csv=text),
    ]
    answers = [[answer.value for answer in prediction.answers] for prediction in asked]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 5


def test_the_wrong_number_of_columns_says_which_are_expected(make_endpoint, job_model):
    endpoint = make_endpoint(model=job_model)
    with pytest.raises(WrongInput, match=r"has 2 values\. Expected are 30 columns: mean radius"):
        predict(endpoint, csv="1,2")


@pytest.mark.parametrize("status", ["Creating", "Failed", "Deleting", "Requested", "Deleted"])
def test_it_answers_only_while_it_serves(make_endpoint, status):
    with pytest.raises(NotServing, match=status):
        predict(make_endpoint(status=status), csv="1,2")


def test_an_endpoint_that_vanished_says_so(aws, make_endpoint):
    with pytest.raises(NotServing):
        predict(make_endpoint("never-was"), csv="1,2")


def test_the_containers_complaint_is_shown(serving):
    # Without a recipe the text goes to the model as it stands.
    Endpoint.objects.filter(pk=serving.pk).update(model=None)
    with pytest.raises(ModelRefused, match="could not answer") as error:
        predict(fresh(serving), csv="not,a,number")
    assert serving.aws_name in error.value.hint


def test_a_body_beyond_the_containers_limit_is_not_sent(make_endpoint):
    with pytest.raises(TooLarge):
        predict(make_endpoint(), csv="1" * (6 * 2**20 + 1))


def test_a_silent_endpoint_is_no_answer(scripted, monkeypatch, make_endpoint):  # noqa: F811  # that fixture
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripted.url)
    monkeypatch.setattr("aws.clients._clients", {})
    scripted.fails("ServiceUnavailable", "later", status=503)
    with pytest.raises(NoAnswer):
        predict(make_endpoint(), csv="1,2")


def test_an_example_comes_from_the_test_split(aws, lab, preparation):
    found = example(preparation, 3)
    assert found.label == ["malignant", "benign"][int(lab.labels[459])]
    assert list(map(float, found.cells.values())) == lab.features[459].tolist()
    assert example(preparation, 3 + 113) == found
    assert columns_of(preparation).inputs == COLUMNS


@pytest.fixture
def job_model(who, make_job):
    return register.from_job(who, make_job())

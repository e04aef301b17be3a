"""What pages tell of an evaluation that is on its way, and what may be done about it."""

import pytest
from django.utils import timezone

from endpoints.models import RegisteredModel
from results import evaluate
from results.models import Evaluation


@pytest.fixture
def asked(actor, endpoint) -> Evaluation:
    return evaluate.request(actor, endpoint=endpoint)


@pytest.fixture
def browser(member, signed_in):
    return signed_in(member)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def running(evaluation, done=50):
    Evaluation.objects.filter(pk=evaluation.pk).update(status="Running", status_at=timezone.now())
    type(evaluation.batch).objects.filter(pk=evaluation.batch_id).update(
        status="Running", rows_done=done
    )


def test_it_tells_how_far_it_is_from_its_batch(browser, asked):
    assert "Waiting for a worker" in text_of(browser.get(f"/results/{asked.uid}"))
    running(asked)
    text = text_of(browser.get(f"/results/{asked.uid}"))
    assert "50 of 113 rows, about" in text
    assert f'data-live="evaluation:{asked.uid} batch:{asked.batch.uid}"' in text
    assert "44.2 %" in text_of(browser.get("/results/"))
    running(asked, done=113)
    assert "Comparing the answers" in text_of(browser.get(f"/results/{asked.uid}"))


def test_it_is_stopped_from_its_page(browser, asked, viewer, signed_in):
    address = f"/results/{asked.uid}/stop"
    assert address not in text_of(signed_in(viewer).get(f"/results/{asked.uid}"))
    assert address in text_of(browser.get(f"/results/{asked.uid}"))
    text = text_of(browser.post(address, follow=True))
    assert "The evaluation was stopped" in text
    assert f"/results/evaluate?endpoint={asked.endpoint.uid}" in text
    assert browser.post(address).status_code == 409


def test_the_api_stops_it(api, member, asked):
    answer = api(member).post(f"/api/v1/evaluations/{asked.uid}/stop")
    assert (answer.status_code, answer.json()["status"]) == (202, "Stopped")
    assert api(member).post(f"/api/v1/evaluations/{asked.uid}/stop").status_code == 409


def test_those_of_one_wish_know_each_other_and_are_compared(browser, actor, endpoint):
    other = type(endpoint).objects.create(
        workspace=endpoint.workspace,
        name="cancer-second",
        status="InService",
        model=endpoint.model,
        aws_name="results-second",
    )
    first, second = evaluate.request_all(actor, [endpoint, other])
    text = text_of(browser.get(f"/results/{first.uid}"))
    assert f"/results/{second.uid}" in text
    assert "Compare them" not in text
    Evaluation.objects.update(status="Completed", confusion=[[1, 0], [0, 1]], rows=2)
    text = text_of(browser.get(f"/results/{first.uid}"))
    assert f"/results/compare?ids={first.uid}%2C{second.uid}" in text


def test_a_models_evaluation_has_pages_without_an_endpoint(browser, actor, endpoint):
    model = RegisteredModel.objects.get()
    asked = evaluate.request(actor, model=model, instance_type="ml.m5.large")
    assert asked.batch.way == "transform"
    text = text_of(browser.get("/results/"))
    assert f"/models/{model.uid}" in text
    evaluate.stop(actor, asked)
    text = text_of(browser.get(f"/results/{asked.uid}"))
    assert f"/results/evaluate?model={model.uid}" in text
    form = text_of(browser.get(f"/results/evaluate?model={model.uid}"))
    assert "batch transform job" in form
    assert 'name="instance_type"' in form


def test_the_form_offers_endpoints_that_learned_the_same(browser, endpoint, workspace):
    form = text_of(browser.get(f"/results/evaluate?endpoint={endpoint.uid}"))
    assert 'name="others"' not in form
    other = type(endpoint).objects.create(
        workspace=workspace,
        name="cancer-second",
        status="InService",
        model=endpoint.model,
        aws_name="x",
    )
    form = text_of(browser.get(f"/results/evaluate?endpoint={endpoint.uid}"))
    assert f'name="others" value="{other.uid}"' in form
    body = {
        "preparation": endpoint.model.job.preparation.uid,
        "split": "test",
        "others": [other.uid],
        "idempotency_key": "k",
    }
    answer = browser.post(f"/results/evaluate?endpoint={endpoint.uid}", body)
    assert answer.status_code == 302
    again = browser.post(f"/results/evaluate?endpoint={endpoint.uid}", body)
    assert again.url == answer.url
    assert sorted(one.endpoint.name for one in Evaluation.objects.all()) == [
        "cancer-live",
        "cancer-second",
    ]


def test_the_predictions_behind_a_result_are_not_deleted_alone(browser, api, member, asked):
    type(asked.batch).objects.update(status="Completed")
    address = f"/api/v1/batches/{asked.batch.uid}"
    assert api(member).delete(address).status_code == 409
    assert "Delete…" not in text_of(browser.get(f"/endpoints/batches/{asked.batch.uid}"))


def test_for_a_model_made_elsewhere_the_preparation_is_chosen(browser, endpoint, preparation):
    type(endpoint.model).objects.update(job=None)
    address = f"/results/evaluate?endpoint={endpoint.uid}"
    assert address in text_of(browser.get(f"/endpoints/{endpoint.uid}"))
    assert f'value="{preparation.uid}"' in text_of(browser.get(address))
    answer = browser.post(address, {"preparation": preparation.uid, "split": "test"})
    assert answer.status_code == 302, answer.content.decode()
    assert Evaluation.objects.get().preparation == preparation

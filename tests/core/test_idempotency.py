"""One click, one object."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from core import idempotency
from core.errors import Conflict
from core.models import IdempotencyKey
from jobs.models import Experiment

pytestmark = pytest.mark.postgres


def make(actor, name="churn"):
    return Experiment.objects.create(workspace=actor.workspace, name=name)


def test_the_same_key_answers_with_the_first_object(actor):
    first, made = idempotency.once(actor, "k", Experiment, lambda: make(actor))
    again, made_again = idempotency.once(actor, "k", Experiment, lambda: make(actor, "other"))
    assert first == again
    assert (made, made_again) == (True, False)


def test_the_same_key_with_other_content_is_a_conflict(actor):
    idempotency.once(actor, "k", Experiment, lambda: make(actor), content="a")
    with pytest.raises(Conflict, match="different request"):
        idempotency.once(actor, "k", Experiment, lambda: make(actor, "b"), content="b")


def test_a_request_that_failed_leaves_its_key_free(actor):
    make(actor, "taken")
    with pytest.raises(IntegrityError):
        idempotency.once(actor, "k", Experiment, lambda: make(actor, "taken"))
    assert not IdempotencyKey.objects.exists()
    assert idempotency.once(actor, "k", Experiment, lambda: make(actor))[1]


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_requests_make_one_object(actor):
    def request(_):
        try:
            return idempotency.once(actor, "k", Experiment, lambda: make(actor))
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(request, range(20)))
    assert {row.uid for row, _ in answers} == {Experiment.objects.get().uid}
    assert sum(made for _, made in answers) == 1

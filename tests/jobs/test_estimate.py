"""How long a job may take, from those like it that finished; nothing without them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import estimate
from jobs.catalogue import ALGORITHMS
from jobs.models import TrainingJob
from tests.jobs.conftest import make_preparation

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def at_amazon(workspace):
    workspace.kind = "aws"
    return workspace


@pytest.fixture
def finished(at_amazon, prepared):
    """Writes a finished job of 400 rows down."""

    def finish(seconds, rounds="100", **changes):
        fields = {
            "workspace": at_amazon,
            "preparation": prepared,
            "name": "done",
            "algorithm": "xgboost",
            "status": "Completed",
            "hyperparameters": {"num_round": rounds},
            "instance_type": "ml.m5.large",
            "training_seconds": seconds,
            "ended_at": NOW,
        }
        return TrainingJob.objects.create(**fields | changes)

    return finish


def ask(workspace, rows=400, rounds="100", **changes):
    fields = {"instance_type": "ml.m5.large", "instance_count": 1} | changes
    texts = {"num_round": rounds}
    alike = estimate.like(workspace, ALGORITHMS["xgboost"], rows=rows, texts=texts, **fields)
    return estimate.expected(alike)


def test_it_expects_nothing_without_a_job_like_it(at_amazon, finished):
    assert ask(at_amazon) is None
    for changes in (
        {"algorithm": "knn"},
        {"status": "Failed"},
        {"status": "InProgress"},
        {"instance_count": 2},
        {"instance_type": "ml.g5.xlarge"},  # a GPU says nothing about processors
        {"rounds": "100000"},  # a thousand times the work
        {"preparation": None},  # of so many rows, who knows
    ):
        finished(90, **changes)
    assert ask(at_amazon) is None


def test_it_tells_the_middle_and_the_range(at_amazon, finished):
    for seconds in (60, 80, 130):
        finished(seconds)
    assert ask(at_amazon) == estimate.Expected(80, 60, 130, 3)


def test_it_listens_to_the_nearest(at_amazon, finished):
    for seconds in (70, 71, 72, 73, 74):
        finished(seconds)
    finished(5_000, rounds="9000")
    assert ask(at_amazon).high == 74


def test_it_scales_by_work_and_processors(at_amazon, finished):
    finished(130)  # 30 s of it do not grow
    assert ask(at_amazon, rows=800).seconds == pytest.approx(230)
    assert ask(at_amazon, rounds="300").seconds == pytest.approx(330)
    assert ask(at_amazon, instance_type="ml.m5.xlarge").seconds == pytest.approx(80)


def test_it_does_not_scale_by_machines_that_are_this_one(workspace, finished):
    finished(130)
    workspace.kind = "local"
    assert ask(workspace, instance_type="ml.m5.24xlarge").seconds == 130


def test_it_looks_into_its_own_workspace_only(at_amazon, finished, stranger):
    elsewhere = stranger.memberships.get().workspace
    finished(90, workspace=elsewhere, preparation=make_preparation(elsewhere))
    assert ask(at_amazon) is None


def test_it_prices_the_expected_and_the_most(at_amazon, finished):
    finished(60, ended_at=NOW - timedelta(hours=1))
    finished(120)
    alike = estimate.like(
        at_amazon,
        ALGORITHMS["xgboost"],
        rows=400,
        texts={"num_round": "100"},
        instance_type="ml.m5.large",
        instance_count=1,
    )
    price = estimate.price(
        at_amazon, instance_type="ml.m5.large", trials=9, longest=100, alike=alike
    )
    assert price.hourly == 0.115
    assert price.likely == pytest.approx(0.115 * 90 * 9 / 3_600)
    assert (price.low, price.high) == pytest.approx((price.likely / 1.5, price.likely / 0.75))
    assert price.cap == pytest.approx(0.115 * 100 * 9 / 3_600)
    assert price.may_be_ended
    unknown = estimate.price(at_amazon, instance_type="ml.no.such", longest=60, alike=alike)
    assert (unknown.rate, unknown.cap, unknown.likely) == (None, None, None)

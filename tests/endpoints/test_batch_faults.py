"""A batch survives workers that die, an AWS that throttles, and people who change their mind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEvent
from endpoints import asking, batch, batch_run, batches
from endpoints.models import BatchPrediction, Endpoint
from endpoints.tasks import sweep_batches
from tests.endpoints.batch_lab import (  # noqa: F401  # fixtures for this file
    INVOKE,
    csv_file,
    done,
    inject,
    many,
    service,
    serving,
    stored,
    table_of,
)

COUNT = INVOKE | {"kind": "latency", "seconds": 0}
CALLS = 46  # 4,520 rows, a hundred a call


class Died(BaseException):
    """As a kill: nobody catches it."""


@pytest.fixture(autouse=True)
def hundreds(monkeypatch):
    """Each request has a hundred rows, each answer is a part, and nobody waits long."""
    monkeypatch.setattr(batches, "MOST_ROWS", 100)
    monkeypatch.setattr(batch_run, "PART_ROWS", 100)
    monkeypatch.setattr(asking, "DELAYS", (0.01,) * 6)


@pytest.fixture
def made(who, serving, many):  # noqa: F811  # those fixtures
    return batch.request(who, endpoint=serving, split="many", has_truth=True, name="many")


def at_part(monkeypatch, number, act, place="after_part"):
    """`act()` once, when the `number`-th part is kept, or just before."""
    seen = []

    def reach(name):
        if name == f"endpoints.batch.{place}":
            seen.append(name)
            if len(seen) == number:
                act()

    monkeypatch.setattr(batch_run.failpoints, "reach", reach)


def die():
    raise Died


def fresh(made):
    return BatchPrediction.objects.listed().get(pk=made.pk)


def expire():
    BatchPrediction.objects.update(next_check_at=timezone.now())


@pytest.mark.parametrize(("place", "kept"), [("after_part", 5), ("before_part", 4)])
def test_who_takes_over_asks_nothing_twice(made, inject, monkeypatch, place, kept):  # noqa: F811
    at_part(monkeypatch, 5, die, place)
    with pytest.raises(Died):
        done(made)
    assert [rows for _, rows, _ in fresh(made).done_parts] == [100] * kept
    done(made)
    assert fresh(made).status == "Running", "the lease is not over"
    inject(COUNT)
    expire()
    sweep_batches()
    assert inject.fired() == [CALLS - kept]
    found = fresh(made)
    assert (found.status, found.rows_done) == ("Completed", 4520)
    assert table_of(found).read()["row"].to_pylist() == list(range(1, 4521))


def test_throttling_backs_off_and_no_row_is_lost(made, inject):  # noqa: F811
    inject(INVOKE | {"kind": "throttle", "probability": 0.3, "seed": 1})
    found = done(made)
    assert found.status == "Completed", found.failure_reason
    assert inject.fired()[0] > 5
    assert table_of(found).read()["row"].to_pylist() == list(range(1, 4521))


def test_an_endpoint_that_stays_away_is_asked_again_later(made, inject):  # noqa: F811
    away = {"kind": "error", "code": "ServiceUnavailable", "status": 503}
    inject(INVOKE | away | {"skip": 20})
    now = timezone.now()
    found = done(made)
    assert (found.status, found.attempts) == ("Running", 1)
    assert now < found.next_check_at < now + timedelta(minutes=3)
    assert 0 < found.rows_done < 2100
    inject()
    expire()
    assert done(made).status == "Completed"


def test_it_gives_up_in_the_end(made, inject):  # noqa: F811
    inject(INVOKE | {"kind": "throttle"})
    BatchPrediction.objects.update(status="Running", attempts=batch.ATTEMPTS)
    found = done(made)
    assert found.status == "Failed"
    assert "AWS did not answer about cancer-live for too long" in found.failure_reason


def test_an_endpoint_that_is_deleted_meanwhile_is_a_plain_reason(made, inject):  # noqa: F811
    gone = "Endpoint batch-suite of account 123456789012 not found."
    error = {"kind": "error", "code": "ValidationError", "status": 400, "message": gone}
    inject(INVOKE | error | {"skip": 20})
    found = done(made)
    assert found.status == "Failed"
    assert found.failure_reason.startswith("cancer-live or the data is gone: Endpoint batch-suite")
    assert 0 < found.rows_done < 4520


def test_an_endpoint_that_is_known_to_be_deleted_is_not_asked(made, inject):  # noqa: F811
    inject(COUNT)
    Endpoint.objects.update(status="Deleted")
    assert done(made).status == "Failed"
    assert inject.fired() == [0]


def test_a_row_that_the_model_refuses_is_found_among_many(who, serving, lab, monkeypatch):  # noqa: F811
    lines = csv_file(lab, slice(0, 90), header=False).decode().splitlines()
    cells = lines[56].split(",")
    lines[56] = ",".join(["1e400", *cells[1:]])
    source = stored(lab, "\n".join(lines).encode())
    made = batch.request(who, endpoint=serving, source=source, source_name="x.csv", name="x")
    refuse = batch_run.Asker._invoked

    def strict(self, lines):
        if any("1e400" in line for line in lines):
            raise batch_run.aws.ModelError("no such number")
        return refuse(self, lines)

    monkeypatch.setattr(batch_run.Asker, "_invoked", strict)
    found = done(made)
    assert found.failure_reason.startswith("Row 57 (line 57): ")


def test_a_stop_keeps_what_was_answered(who, made, monkeypatch):
    at_part(monkeypatch, 3, lambda: batch.stop(who, fresh(made)))
    assert done(made).status == "Stopping"
    found = done(made)
    assert (found.status, found.rows_done, found.rows_total) == ("Stopped", 300, 4520)
    assert table_of(found).read().num_rows == 300
    assert found.ended_at
    batch.stop(who, found)
    assert AuditEvent.objects.filter(action="batch.stop").count() == 1


def test_one_that_has_not_begun_is_stopped_at_once(who, made, inject):  # noqa: F811
    inject(COUNT)
    batch.stop(who, made)
    assert (done(made).status, inject.fired()) == ("Stopped", [0])


def test_of_two_workers_one_works(made, inject, monkeypatch):  # noqa: F811
    inject(COUNT)
    at_part(monkeypatch, 2, lambda: done(made))
    assert done(made).status == "Completed"
    assert inject.fired() == [CALLS]


def test_a_worker_that_slept_past_its_lease_writes_nothing(made, monkeypatch):
    def overtaken():
        expire()
        assert done(made).status == "Completed"

    at_part(monkeypatch, 2, overtaken, "before_part")
    found = done(made)
    assert (found.status, found.failure_reason, found.rows_done) == ("Completed", "", 4520)
    assert table_of(found).read()["row"].to_pylist() == list(range(1, 4521))


def test_a_long_batch_is_done_in_turns(made, monkeypatch):
    monkeypatch.setattr(batch_run, "TURN_SECONDS", 0)
    first = done(made)
    assert (first.status, len(first.done_parts)) == ("Running", 1)
    assert len(done(made).done_parts) == 2


def test_a_bug_of_ours_is_raised_and_told_with_a_reference(made, monkeypatch):
    monkeypatch.setattr(batch_run, "join", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        done(made)
    assert made.uid in fresh(made).failure_reason

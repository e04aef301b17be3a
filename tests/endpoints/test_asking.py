"""Batches are asked about at once and answered in order; the first real error ends it all."""

import threading
import time

import pytest

from endpoints import asking
from endpoints.batches import Batch, Pace


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(asking, "DELAYS", (0.01, 0.01))


def batch(number: int) -> Batch:
    return Batch(number, (0.0,), str(number).encode())


def asked(ask, count=30, **options):
    batches = (batch(number) for number in range(count))
    return list(asking.predict_rows(batches, lambda one: ask(one.body), pace=Pace(), **options))


def test_answers_come_in_the_order_of_the_rows():
    def ask(body: bytes) -> int:
        time.sleep(0.003 * (int(body) % 5))
        return int(body)

    assert [answer for _, answer in asked(ask)] == list(range(30))


def test_several_are_asked_at_once():
    together = threading.Barrier(4, timeout=5)
    assert len(asked(lambda _: together.wait(), 8, workers=4)) == 8


def test_it_holds_only_a_window_of_batches():
    made = []

    def endless():
        for number in range(1000):
            made.append(number)
            yield batch(number)

    answers = asking.predict_rows(endless(), lambda one: one.body, pace=Pace(), workers=2)
    next(answers)
    assert len(made) == 4
    answers.close()


def test_an_error_ends_the_rest():
    seen = []

    def ask(body: bytes) -> None:
        seen.append(body)
        time.sleep(0.01)
        if body == b"3":
            raise LookupError

    with pytest.raises(LookupError):
        asked(ask, 200, workers=2)
    assert len(seen) < 20


def test_an_error_that_may_pass_is_tried_again():
    left = {b"1": 2, b"2": 1}

    def ask(body: bytes) -> bytes:
        if left.get(body):
            left[body] -= 1
            raise TimeoutError
        return body

    found = asked(ask, 4, again=lambda error: isinstance(error, TimeoutError))
    assert [answer for _, answer in found] == [b"0", b"1", b"2", b"3"]


def test_an_error_that_does_not_pass_is_raised():
    tries = []

    def ask(body: bytes) -> None:
        tries.append(body)
        raise TimeoutError

    with pytest.raises(TimeoutError):
        asked(ask, 1, again=lambda _: True)
    assert len(tries) == 3


def test_it_beats_while_an_answer_is_awaited(monkeypatch):
    monkeypatch.setattr(asking, "BEAT_SECONDS", 0.02)
    beats = []
    asked(lambda _: time.sleep(0.2), 1, beat=lambda: beats.append(1))
    assert len(beats) >= 3


def test_a_beat_that_fails_ends_it(monkeypatch):
    monkeypatch.setattr(asking, "BEAT_SECONDS", 0.02)

    def lost():
        raise LookupError

    with pytest.raises(LookupError):
        asked(lambda _: time.sleep(0.1), 1, beat=lost)

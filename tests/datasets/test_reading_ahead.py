"""The next item is made while the last is used; errors and ends come as without a thread."""

import threading
import time

import pytest

from datasets.formats.ahead import ahead


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_it_gives_the_same_items():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter([]))) == []
    assert list(ahead(iter([None, 0, ""]))) == [None, 0, ""]


def test_the_next_one_is_made_meanwhile():
    made = []

    def items():
        for number in range(3):
            made.append(number)
            yield number

    found = ahead(items())
    assert next(found) == 0
    deadline = time.monotonic() + 5
    while made != [0, 1] and time.monotonic() < deadline:
        time.sleep(0.001)
    assert made == [0, 1]
    assert list(found) == [1, 2]
    assert not threads()


def test_an_error_comes_in_its_place():
    def items():
        yield 1
        yield 2
        raise ValueError("damaged")

    found = ahead(items())
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="damaged"):
        next(found)
    assert not threads()


def test_stopping_early_leaves_nothing_open():
    closed = threading.Event()

    def items():
        try:
            yield from range(1_000)
        finally:
            closed.set()

    found = ahead(items())
    next(found)
    found.close()
    assert closed.is_set()
    assert not threads()

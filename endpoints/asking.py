"""Many batches in flight at once, answered in order."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from endpoints.batches import Batch, Pace

AnswerT = TypeVar("AnswerT")
ResultT = TypeVar("ResultT")

WORKERS = 8
BEAT_SECONDS = 5.0
DELAYS = (0.2, 0.5, 1.0, 2.0, 4.0)  # seconds before a failed batch is asked again


class Stopped(Exception):
    """Another batch failed, so this one is not asked again."""


def predict_rows(
    batches: Iterable[Batch],
    ask: Callable[[Batch], AnswerT],
    *,
    pace: Pace,
    workers: int = WORKERS,
    beat: Callable[[], None] = lambda: None,
    again: Callable[[Exception], bool] = lambda _: False,
) -> Iterator[tuple[Batch, AnswerT]]:
    """Each batch with `ask(batch)`, in the batches' order, `workers` of them asked at once.

    At most twice `workers` batches are held. `beat` is called at least every `BEAT_SECONDS` while
    an answer is awaited. An error that `again` accepts is tried after each of `DELAYS`; the first
    other one is raised in its place and ends the rest. Close the iterator to end it early.
    """
    stop = threading.Event()
    patiently = patient(ask, again=again, stop=stop)
    waiting: deque[tuple[Batch, Future[AnswerT]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="ask") as pool:

        def timed(batch: Batch) -> AnswerT:
            began = time.monotonic()
            answer = patiently(batch)
            pace.note(batch.rows, time.monotonic() - began)
            return answer

        try:
            for batch in batches:
                waiting.append((batch, pool.submit(timed, batch)))
                if len(waiting) >= 2 * workers:
                    yield _next(waiting, beat)
            while waiting:
                yield _next(waiting, beat)
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _next(
    waiting: deque[tuple[Batch, Future[AnswerT]]], beat: Callable[[], None]
) -> tuple[Batch, AnswerT]:
    batch, future = waiting.popleft()
    return batch, awaited(future, beat)


def awaited(future: "Future[ResultT]", beat: Callable[[], None]) -> ResultT:
    """The future's result; `beat` is called every `BEAT_SECONDS` until it is there."""
    while not future.done():
        try:
            return future.result(timeout=BEAT_SECONDS)
        except TimeoutError:
            beat()
    return future.result()


def patient(
    ask: Callable[[Batch], AnswerT],
    *,
    again: Callable[[Exception], bool],
    stop: threading.Event,
) -> Callable[[Batch], AnswerT]:
    """`ask`, repeated after each of `DELAYS` while it fails with an error to try `again`.

    Stopped once `stop` is set while it waits.
    """

    def patiently(batch: Batch) -> AnswerT:
        for delay in DELAYS:
            try:
                return ask(batch)
            except Exception as error:
                if not again(error):
                    raise
            if stop.wait(delay):
                raise Stopped
        return ask(batch)

    return patiently

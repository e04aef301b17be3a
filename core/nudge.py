"""Telling a worker that a row waits: worth trying, never worth failing a request for."""

import logging
from functools import partial
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def nudge(task: Any, pk: int) -> None:
    """Send `task(pk)` after commit. With the broker down the sweep finds the row instead."""
    transaction.on_commit(partial(_send, task, pk), robust=True)


def _send(task: Any, pk: int) -> None:
    try:
        task.apply_async((pk,), ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("%s(%s) not queued: %s", task.name, pk, type(error).__name__)

"""Telling a worker that a row waits: worth trying, never worth failing a request for."""

import logging
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from kombu import pools
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

PATIENCE_SECONDS = 2  # for a broker that takes connections and says nothing
log = logging.getLogger(__name__)


def nudge(task: Any, pk: int) -> None:
    """Send `task(pk)` after commit. With the broker down the sweep finds the row instead."""
    transaction.on_commit(partial(_send, task, pk), robust=True)


def _send(task: Any, pk: int) -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {"socket_timeout": PATIENCE_SECONDS}
    connection = task.app.connection_for_write(transport_options=options)
    try:
        with pools.producers[connection].acquire(block=True) as producer:
            task.apply_async((pk,), producer=producer, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("%s(%s) not queued: %s", task.name, pk, type(error).__name__)

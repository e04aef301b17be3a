"""Telling open pages that something changed: a nudge over Redis, after commit, allowed to fail.

The page fetches the row again, so a lost message is merely late; polling finds it anyway.
"""

import functools
import json
import logging

import redis
from django.conf import settings
from django.db import transaction

from core.models import Tracked

CHANNEL = "mlconsole:live"
log = logging.getLogger(__name__)


@functools.cache
def _connection() -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5, retry=None
    )


def publish(row: Tracked) -> None:
    """Announce a change of `row` once the surrounding transaction has committed."""
    announce(row.workspace_id, row.LIVE, row.uid)


def announce(workspace_id: int, kind: str, uid: str) -> None:
    """Announce a change of one object by its kind and uid, after commit."""
    message = json.dumps({"workspace": workspace_id, "kind": kind, "uid": uid})
    transaction.on_commit(functools.partial(_send, message), robust=True)


def _send(message: str) -> None:
    try:
        _connection().publish(CHANNEL, message)
    except redis.RedisError as error:
        log.warning("live update not sent: %s", type(error).__name__)

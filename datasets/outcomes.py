"""How a worker's attempt on a row ends, whatever happens in it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

import aws.errors
from core import states
from core.models import Tracked, new_uid
from datasets.formats.sniff import BadTable

log = logging.getLogger(__name__)
FAILED = "Failed"


@contextmanager
def settled(row: Tracked, *, now: datetime) -> Iterator[None]:
    """Postpone `row` when AWS may answer later, else make it Failed with a reason; bugs go on."""
    try:
        yield
    except BadTable as problem:
        _fail(row, str(problem))
    except aws.errors.NotFound:
        _fail(row, "The file is no longer in the workspace's bucket. Upload it again.")
    except aws.errors.AwsError as error:
        if error.retryable:
            states.postpone(row, now=now)
        else:
            _fail(row, f"S3 refused: {error.message}")
    except Exception:
        reference = new_uid()
        log.exception("%s %s failed [%s]", type(row).__name__, row.uid, reference)
        _fail(row, f"Something broke on our side. Report the reference {reference}.")
        raise


def renew(row: Tracked, lease: timedelta) -> None:
    """Keep a claimed row for `lease` more, quietly: no page changes by it."""
    manager: models.Manager[Any] = type(row)._default_manager
    until = timezone.now() + lease
    if until - row.next_check_at > lease / 10:
        manager.filter(pk=row.pk, status=row.status).update(next_check_at=until)
        row.next_check_at = until


def _fail(row: Tracked, reason: str) -> None:
    states.advance(row, frm=row.status, to=FAILED, failure_reason=reason)

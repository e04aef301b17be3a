"""One click, one object: the same Idempotency-Key answers with what the first request made."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from core.access import Actor
from core.errors import Conflict
from core.models import IdempotencyKey, Owned

OwnedT = TypeVar("OwnedT", bound=Owned)


def once(
    who: Actor, key: str, model: type[OwnedT], make: Callable[[], OwnedT], *, content: str = ""
) -> tuple[OwnedT, bool]:
    """`make()`'s row and True, or the row an earlier request with `key` made and False.

    The key and the row commit together, so of many parallel requests one makes the row and the
    others find it. The same key with other `content` is a Conflict. No key: always a new row.
    """
    if not key:
        return make(), True
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    kind = model.__name__
    try:
        with transaction.atomic():
            entry = IdempotencyKey.objects.create(
                workspace=who.workspace, key=key[:128], kind=kind, digest=fingerprint
            )
            row = make()
            entry.uid = row.uid
            entry.save(update_fields=["uid"])
            return row, True
    except IntegrityError:
        earlier = IdempotencyKey.objects.filter(workspace=who.workspace, key=key[:128], kind=kind)
        if (found := earlier.first()) is None:
            raise
        entry = found
    if entry.digest != fingerprint:
        raise Conflict("This Idempotency-Key was used for a different request.", "Use a new key.")
    return model._default_manager.get(uid=entry.uid), False

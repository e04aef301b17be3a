"""Writing down how something ended, also when the disk is full for a while."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

_PAUSE = 1.0


def keep(write: Callable[[], object], leaving: threading.Event) -> None:
    """Call `write` until it can be stored, or localaws is leaving; then the restart decides."""
    while not leaving.is_set():
        try:
            write()
        except (OSError, sqlite3.OperationalError) as error:
            log.warning("Cannot write to the database, trying again: %s", error)
            leaving.wait(_PAUSE)
        else:
            return

"""One `up` per data directory."""

import fcntl
import os
import time
from pathlib import Path

from core import local
from core.up.errors import UpError

PATIENCE_SECONDS = 3.0


def hold(data_dir: Path) -> int:
    """Take the lock of `data_dir` and return its descriptor.

    Guards inherit the descriptor, so after a SIGKILL of `up` the lock is free when the last of its
    processes is gone. Raises UpError at once when another `up` is alive.
    """
    descriptor = os.open(
        local.private_dir(data_dir) / local.LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _taken(descriptor):
        pid = os.pread(descriptor, 20, 0).decode().strip()
        if time.monotonic() > deadline or (pid and _is_alive(int(pid))):
            raise UpError(
                f"Another `up` (pid {pid or 'unknown'}) runs on {data_dir}: stop it, or choose "
                "another --data-dir."
            )
        time.sleep(0.05)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

"""The bytes: files with random names. No key ever becomes a path."""

import os
import secrets
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from localaws.store import Store


class Blobs:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, blob: str) -> Path:
        return self.root / blob[:2] / blob

    def create(self) -> tuple[str, BinaryIO]:
        """A new name and its file, open for writing; `settle` it before a row names it."""
        blob = secrets.token_hex(16)
        path = self.path(blob)
        path.parent.mkdir(exist_ok=True)
        return blob, path.open("xb", buffering=0)

    def settle(self, file: BinaryIO) -> None:
        """On disk after this, name included."""
        os.fsync(file.fileno())
        file.close()

    def open(self, blob: str) -> BinaryIO:
        return self.path(blob).open("rb")

    def drop(self, blobs: Iterable[str]) -> None:
        for blob in blobs:
            self.path(blob).unlink(missing_ok=True)

    def sweep(self, store: Store) -> int:
        """Remove what a crash between write and commit left behind; how many files that were.

        Files changed after the sweep began may belong to a running upload and are left alone.
        """
        began = time.time() - 1
        removed = 0
        for path in self.root.glob("??/*"):
            if path.stat().st_ctime < began and not _is_named(store, path.name):
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def sweep_in_background(self, store: Store) -> None:
        def run() -> None:
            try:
                self.sweep(store)
            finally:
                store.release()

        threading.Thread(target=run, name="sweep", daemon=True).start()


def _is_named(store: Store, blob: str) -> bool:
    found = store.connection().execute("SELECT 1 FROM segments WHERE blob = ? LIMIT 1", (blob,))
    return found.fetchone() is not None

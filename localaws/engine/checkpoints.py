"""CheckpointConfig: a directory of the job and a prefix in S3 hold the same files.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localaws.app import App
from localaws.engine.channels import fetch, inside, split
from localaws.errors import AwsError

log = logging.getLogger(__name__)

_EVERY = 2.0
# What SageMaker's containers write beside a checkpoint: unfinished files and marks.
_APART = (".sagemaker-ignore", ".sagemaker-uploading", ".sagemaker-uploaded")

Stamp = tuple[int, int]


class Checkpoints:
    """What this run uploaded and the program then deleted goes from S3 too; what was there before
    the run stays.
    """

    def __init__(self, app: App, uri: str, folder: Path) -> None:
        self._app, self._folder = app, folder
        self._bucket, prefix = split(uri)
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        self._known: dict[str, Stamp] = {}
        self._ours: set[str] = set()
        self._lock = threading.Lock()

    def download(self) -> None:
        """Into the folder, which must exist. Raises AwsError, as without the bucket."""
        for item in self._app.objects.list(self._bucket, self._prefix):
            name = item.key.removeprefix(self._prefix)
            path = inside(self._folder, name)
            if name.endswith("/") or path == self._folder:
                continue
            fetch(self._app, self._bucket, item.key, path, zipped=False)
            self._known[path.relative_to(self._folder).as_posix()] = _stamp(path)

    def upload(self) -> None:
        """What changed since the last time. Raises AwsError, as without the bucket."""
        with self._lock:
            found = dict(self._files())
            for name, stamp in found.items():
                if self._known.get(name) != stamp:
                    self._put(name, stamp)
            for name in self._ours - found.keys():
                self._app.objects.delete(self._bucket, self._prefix + name)
                self._ours.discard(name)
                self._known.pop(name, None)

    def _put(self, name: str, stamp: Stamp) -> None:
        """The stamp is from before: a file that changes meanwhile is uploaded again."""
        try:
            path = self._folder / name
            self._app.objects.put_file(self._bucket, self._prefix + name, path)
        except FileNotFoundError:  # the program deletes old checkpoints as it likes
            return
        self._known[name] = stamp
        self._ours.add(name)

    def _files(self) -> Iterator[tuple[str, Stamp]]:
        for path in sorted(self._folder.rglob("*")):
            if path.is_symlink() or path.name.endswith(_APART):
                continue
            try:
                if path.is_file():
                    yield path.relative_to(self._folder).as_posix(), _stamp(path)
            except FileNotFoundError:
                continue

    @contextmanager
    def kept(self, leaving: threading.Event) -> Iterator[None]:
        """Upload every few seconds and, unless localaws is leaving, at the end.

        Raises nothing: what could not be uploaded is tried again by the next `upload`.
        """
        done = threading.Event()
        worker = threading.Thread(target=self._work, args=(done,), name="checkpoints", daemon=True)
        worker.start()
        try:
            yield
        finally:
            done.set()
            worker.join()
            if not leaving.is_set():
                self._try()

    def _work(self, done: threading.Event) -> None:
        while not done.wait(_EVERY):
            self._try()
        self._app.store.release()

    def _try(self) -> None:
        try:
            self.upload()
        except (AwsError, OSError, sqlite3.Error) as error:
            log.warning("Checkpoints in %s wait: %s", self._folder, error)


def _stamp(path: Path) -> Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size

"""One transform job: a model server of its own, every input object through it, then gone."""

from __future__ import annotations

import gzip
import hashlib
import logging
import shutil
import tempfile
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from localaws.app import App
from localaws.engine import channels
from localaws.engine.keeping import keep
from localaws.engine.server import Log, Reply, Server, Unreachable
from localaws.engine.serving import NotHealthy, bring_up
from localaws.engine.transform import batches, paths, processing, progress
from localaws.errors import AwsError

log = logging.getLogger(__name__)

_GROUP = "/aws/sagemaker/TransformJobs"
_INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
_MB = 1 << 20


class Failed(Exception):
    """The job ends Failed; the text is its FailureReason."""


class Stopped(Exception):
    """Someone wants the job to end here."""


class TransformJob:
    """`run` on a thread of its own; `stop` and `abandon` from any other."""

    def __init__(self, app: App, name: str) -> None:
        self.app, self.name = app, name
        self._base = app.data / "sagemaker" / "transforms" / name
        self._instance = f"{name}/i-{hashlib.sha256(name.encode()).hexdigest()[:17]}"
        self._log = Log(_GROUP, self._instance)
        self._stop_wanted, self._abandoned = threading.Event(), threading.Event()
        self._server: Server | None = None
        self._job: dict[str, Any] = {}

    def stop(self) -> None:
        """What is done stays; the object being worked on is left out."""
        self._stop_wanted.set()
        if self._server is not None:
            self._server.close(0)

    def abandon(self) -> None:
        """localaws is leaving: the record stays as it is, to start again next time."""
        self._abandoned.set()
        self.stop()

    def processes(self) -> list[tuple[str, int]]:
        group = self._server.group() if self._server is not None else None
        return [] if group is None else [(self._instance, group)]

    def run(self) -> None:
        status, reason = "Completed", ""
        try:
            self._transform()
        except Stopped:
            status = "Stopped"
        except Failed as failure:
            status, reason = "Failed", str(failure)
        except Exception:
            log.exception("Transform job %s", self.name)
            status, reason = "Failed", _INTERNAL
        finally:
            if self._server is not None:
                self._server.close()
            shutil.rmtree(self._base, ignore_errors=True)
        keep(lambda: progress.finish(self.app, self.name, status, reason), self._abandoned)

    def _transform(self) -> None:
        record = progress.begin(self.app, self.name)
        self._job = record.body
        # The same after a restart: the SDK follows one stream per host, and loops over a second.
        self._log = Log(_GROUP, f"{self._instance}-{int(record.created.timestamp())}")
        try:
            self._start_server()
            for bucket, key, path in self._inputs():
                self._transform_object(bucket, key, path)
        except (batches.BadInput, processing.Unprocessable, paths.NothingThere) as error:
            raise self._failure("ClientError", str(error)) from error
        except NotHealthy as error:
            raise self._failure("AlgorithmError", str(error)) from error
        except (AwsError, OSError, EOFError, zlib.error) as error:
            raise self._failure("ClientError", str(error)) from error

    def _start_server(self) -> None:
        shutil.rmtree(self._base, ignore_errors=True)
        variant = self._job["Resolved"]
        self._server = Server(self.app, self._log, variant, self._base)
        try:
            bring_up(self.app, self._server, variant, self._base)
        except NotHealthy:
            self._check_wanted()
            raise

    def _inputs(self) -> Iterator[tuple[str, str, str]]:
        given = self._job["TransformInput"]
        try:
            yield from channels.objects(
                self.app, given | {"ChannelName": "input"}, self._job["Role"]
            )
        except channels.NoData as error:
            raise self._failure("ClientError", str(error)) from error

    def _transform_object(self, bucket: str, key: str, path: str) -> None:
        """The output appears in S3 when it is complete."""
        to_bucket, to_prefix = channels.split(self._job["TransformOutput"]["S3OutputPath"])
        target = "/".join(part for part in (to_prefix.rstrip("/"), f"{path}.out") if part)
        with ExitStack() as stack:
            source: Any = stack.enter_context(self.app.objects.open(bucket, key))
            if self._job["TransformInput"].get("CompressionType") == "Gzip":
                source = stack.enter_context(gzip.open(source))
            output = stack.enter_context(tempfile.NamedTemporaryFile(dir=self._base))
            for piece in self._answers(source, f"{bucket}/{key}"):
                output.write(piece)
            output.flush()
            kind = self._job["TransformOutput"].get("Accept", "")
            self.app.objects.put_file(to_bucket, target, Path(output.name), kind)

    def _answers(self, source: BinaryIO, name: str) -> Iterator[bytes]:
        """In the order of the records, with as many requests under way as are allowed."""
        split = self._job["TransformInput"].get("SplitType", "None")
        packed = batches.packed(
            batches.records(source, split),
            single=self._job.get("BatchStrategy") == "SingleRecord",
            limit=self._job["MaxPayloadInMB"] * _MB or float("inf"),
        )
        most = max(1, self._job["MaxConcurrentTransforms"])
        waiting: deque[Future[list[bytes]]] = deque()
        with ThreadPoolExecutor(most) as pool:
            for batch in packed:
                waiting.append(pool.submit(self._answer, batch, split, name))
                if len(waiting) >= most:
                    yield from self._assembled(waiting.popleft().result())
            while waiting:
                yield from self._assembled(waiting.popleft().result())

    def _assembled(self, pieces: list[bytes]) -> Iterator[bytes]:
        lines = self._job["TransformOutput"].get("AssembleWith") == "Line"
        for piece in pieces:
            yield piece
            if lines and not piece.endswith(b"\n"):
                yield b"\n"

    def _answer(self, batch: list[bytes], split: str, name: str) -> list[bytes]:
        filters = processing.of(self._job)
        sent = [filters.reduced(record) for record in batch]
        reply = self._asked(batches.payload(sent, split))
        if 200 <= reply.status < 300:
            return filters.finished(batch, reply.body)
        text = reply.body.decode("utf-8", "replace")
        side = "ClientError" if 400 <= reply.status < 500 else "AlgorithmError"
        lines = [f"{name}: Bad HTTP status received from algorithm: {reply.status}"]
        lines += [f"{name}: Message: {text}"] if text else []
        raise self._failure(side, f"{lines[0]} {text}".strip(), lines)

    def _asked(self, body: bytes) -> Reply:
        """With the retries of ModelClientConfig, for 5xx and for no answer at all."""
        headers = {"Accept": self._job["TransformOutput"].get("Accept", "*/*")}
        if kind := self._job["TransformInput"].get("ContentType"):
            headers["Content-Type"] = kind
        reply = Reply(0, {}, b"")
        for _ in range(1 + self._job.get("ModelClientConfig", {}).get("InvocationsMaxRetries", 3)):
            self._check_wanted()
            assert self._server is not None  # noqa: S101  it was started before the first object
            try:
                reply = self._server.invoke(body, headers)
            except Unreachable as error:
                reply = Reply(0, {}, str(error).encode())
            if 0 < reply.status < 500:
                break
        return reply

    def _check_wanted(self) -> None:
        if self._stop_wanted.is_set():
            raise Stopped

    def _failure(self, kind: str, text: str, lines: list[str] | None = None) -> Failed:
        """Also in the data log: Amazon's FailureReason says no more than that it is there."""
        stamp = int(time.time() * 1000)
        events = [(stamp, line) for line in lines or [text]]
        self.app.logs.put(_GROUP, f"{self._log.stream}/data-log", events)
        self.app.store.release()
        return Failed(f"{kind}: See job logs for more information: {text}")

"""One training job from Downloading to its end."""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

from localaws.algorithms import images, programs
from localaws.algorithms.container import CUSTOMER_ERROR
from localaws.app import App
from localaws.engine import artifacts, channels, layout, metrics, processes, progress, source
from localaws.engine.checkpoints import Checkpoints
from localaws.engine.metrics import Journal
from localaws.engine.program_job import FLUSH_EVERY, STOP_GRACE, TICK, Ending, Failed, ProgramJob
from localaws.errors import AwsError
from localaws.sagemaker import records

log = logging.getLogger(__name__)


class Job(ProgramJob):
    """`stop` ends the training; what is in the model directory is still uploaded."""

    kind = progress.KIND
    what = "Training job"

    def __init__(self, app: App, name: str, threads: int) -> None:
        super().__init__(app, name, threads, app.data / "sagemaker" / "jobs" / name)
        self._overtime = False
        self._checkpoints: Checkpoints | None = None

    def _finish(self, ending: Ending) -> None:
        progress.finish(self.app, self.name, *ending)

    def _work(self) -> Ending:
        if not self._stop_wanted.is_set():
            program = self._program()
            self._download(program)
            if not self._stop_wanted.is_set():
                self._execute(program)
        if not self._abandoned.is_set():
            self._upload()
        if self._overtime:
            message = "Training job runtime exceeded MaxRuntimeInSeconds provided"
            return ("Stopped", message, "MaxRuntimeExceeded")
        if self._stop_wanted.is_set():
            return ("Stopped", "Training job stopped")
        return ("Completed", "Training job completed")

    def _program(self) -> images.Algorithm:
        record = records.get(self.app, progress.KIND, self.name)
        given = record.body["AlgorithmSpecification"]
        settings = programs.settings(given, record.body.get("HyperParameters", {}))
        allowed = source.allowed(self.app, record.body["RoleArn"])
        chosen = programs.command if "ContainerEntrypoint" in given else programs.program
        try:
            return chosen(given.get("TrainingImage", ""), settings, allow_scripts=allowed)
        except images.UnknownImage as error:
            raise Failed(f"ClientError: {error}") from error

    def _download(self, program: images.Algorithm) -> None:
        record = progress.move(
            *(self.app, self.name, "Downloading", "Downloading input data"),
            started="TrainingStartTime",
        )
        try:
            layout.prepare(self.base, record)
            self._restore_checkpoints(record)
            data = self.base / "input" / "data"
            channels.download(self.app, layout.channels(record), record.body["RoleArn"], data)
            layout.command(self.base, record)
            if program.is_script:
                source.fetch(self.app, record.body.get("HyperParameters", {}), self.base)
        except (channels.NoData, AwsError, OSError, ValueError) as error:
            raise Failed(f"ClientError: Data download failed:{error}") from error

    def _restore_checkpoints(self, record: records.Record) -> None:
        folder = layout.checkpoints(self.base, record)
        if folder is not None:
            uri = record.body["CheckpointConfig"]["S3Uri"]
            self._checkpoints = Checkpoints(self.app, uri, folder)
            self._checkpoints.download()

    def _execute(self, program: images.Algorithm) -> None:
        message = "Training image download completed. Training in progress."
        record = progress.move(self.app, self.name, "Training", message)
        own = record.body["AlgorithmSpecification"].get("MetricDefinitions", [])
        definitions = program.metrics or [(item["Name"], item["Regex"]) for item in own]
        # The same after a restart: the SDK follows one stream per host, and loops over a second.
        stream = f"{self.name}/algo-1-{int(record.created.timestamp())}"
        journal = Journal(self.app, self.name, stream, metrics.matchers(list(definitions)))
        for line in layout.remarks(record):
            journal.add(line)
        environment = layout.environment(self.app, record, self.base, self._threads)
        if program.is_script:
            environment |= source.environment(self.app)
        process = self._spawn(program.module, environment)
        limit = record.body["StoppingCondition"].get("MaxRuntimeInSeconds", 86400)
        kept = self._checkpoints.kept(self._abandoned) if self._checkpoints else nullcontext()
        with kept:
            self._follow(process, journal, limit)
        self._judge(process.wait(), journal)

    def _follow(self, process: subprocess.Popen[bytes], journal: Journal, limit: float) -> None:
        """Journal the log until the process ends; tell it to stop when that is due."""
        started = flushed = time.monotonic()
        kill_at = float("inf")
        for line in processes.lines(process, tick=TICK):
            if line is not None:
                journal.add(line)
            now = time.monotonic()
            if now - flushed >= FLUSH_EVERY:
                self._flush(journal)
                flushed = now
            if now >= kill_at:
                processes.send(process, signal.SIGKILL)
            elif kill_at == float("inf") and self._must_stop(now - started, limit):
                processes.send(process, signal.SIGTERM)
                kill_at = now + STOP_GRACE
        self._flush(journal)

    def _must_stop(self, elapsed: float, limit: float) -> bool:
        if elapsed >= limit and not self._stop_wanted.is_set():
            self._overtime = True
            message = "Training job runtime exceeded MaxRuntimeInSeconds provided"
            progress.stopping(self.app, self.name, message)
        return self._overtime or self._stop_wanted.is_set()

    def _flush(self, journal: Journal) -> None:
        """Training goes on when the log has no room for a while."""
        try:
            if journal.flush() and journal.last:
                progress.measured(self.app, self.name, journal.final())
        except OSError as error:
            log.warning("The log of training job %s waits: %s", self.name, error)

    def _judge(self, code: int, journal: Journal) -> None:
        """Exit codes as Docker gives them; a failure file with exit code 0 is ignored."""
        if code == 0 or self._overtime or self._stop_wanted.is_set() or self._abandoned.is_set():
            return
        number = code if code > 0 else 128 - code
        reason = _failure(self.base / "output" / "failure") or journal.tail()
        blamed = "ClientError" if reason.startswith(CUSTOMER_ERROR) else "AlgorithmError"
        reason = reason.removeprefix(CUSTOMER_ERROR)[:960]
        raise Failed(f"{blamed}: {reason}, exit code: {number}")

    def _upload(self) -> None:
        record = progress.move(
            self.app, self.name, "Uploading", "Uploading generated training model"
        )
        output = record.body["OutputDataConfig"]
        try:
            if self._checkpoints is not None:
                self._checkpoints.upload()
            found = {"S3ModelArtifacts": artifacts.upload(self.app, self.base, output, self.name)}
        except (AwsError, OSError) as error:
            raise Failed(f"ClientError: Artifact upload failed:{error}") from error

        def change(record: records.Record) -> None:
            record.body["ModelArtifacts"] = found

        records.update(self.app, progress.KIND, self.name, change)


def _failure(path: Path) -> str:
    return path.read_text(errors="replace")[:1024] if path.is_file() else ""

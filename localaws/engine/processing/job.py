"""One processing job from its inputs to its outputs."""

from __future__ import annotations

import logging
import signal
import subprocess
import time

from localaws.algorithms import programs
from localaws.algorithms.container import UserError
from localaws.algorithms.images import UnknownImage
from localaws.app import App
from localaws.engine import processes, source
from localaws.engine.channels import NoData
from localaws.engine.metrics import Journal
from localaws.engine.processing import layout, progress
from localaws.engine.processing.uploads import Uploads
from localaws.engine.program_job import FLUSH_EVERY, STOP_GRACE, TICK, Ending, Failed, ProgramJob
from localaws.errors import AwsError
from localaws.sagemaker.records import Record

log = logging.getLogger(__name__)

GROUP = "/aws/sagemaker/ProcessingJobs"
_PROGRAM = "localaws.algorithms.scripts.processing"
_UPLOAD_EVERY = 2.0  # seconds


class ProcessingJob(ProgramJob):
    """`stop` ends the script; what it writes to continuous outputs until then is kept."""

    kind = progress.KIND
    what = "Processing job"

    def __init__(self, app: App, name: str, threads: int) -> None:
        super().__init__(app, name, threads, app.data / "sagemaker" / "processing" / name)

    def _finish(self, ending: Ending) -> None:
        progress.finish(self.app, self.name, *ending)

    def _failed(self, reason: str) -> Ending:
        return ("Failed", reason, self._message())

    def _work(self) -> Ending:
        record = progress.begin(self.app, self.name)
        self._check_image(record)
        try:
            layout.prepare(self.app, record, self.base)
        except (NoData, AwsError, OSError, ValueError) as error:
            raise Failed(f"ClientError: Data download failed:{error}") from error
        except UserError as error:
            raise Failed(f"ClientError: {error}") from error
        if not self._stop_wanted.is_set():
            self._execute(record)
        return ("Stopped" if self._stop_wanted.is_set() else "Completed", "", self._message())

    def _check_image(self, record: Record) -> None:
        given = record.body["AppSpecification"]
        settings = {"sagemaker_program": given["ContainerEntrypoint"][0]}
        try:
            allowed = source.allowed(self.app, record.body["RoleArn"])
            program = programs.program(given["ImageUri"], settings, allow_scripts=allowed)
        except UnknownImage as error:
            raise Failed(f"ClientError: {error}") from error
        if not program.is_script:
            raise Failed(f"ClientError: The image {program.repository} runs no scripts.")

    def _execute(self, record: Record) -> None:
        # The same after a restart: the SDK follows one stream per host, and loops over a second.
        stream = f"{self.name}/algo-1-{int(record.created.timestamp())}"
        journal = Journal(self.app, self.name, stream, [], group=GROUP)
        for line in layout.remarks(record):
            journal.add(line)
        uploads = Uploads(self.app, record, self.base)
        environment = source.environment(self.app) | processes.threads(self._threads)
        process = self._spawn(_PROGRAM, environment)
        limit = record.body["StoppingCondition"]["MaxRuntimeInSeconds"]
        self._follow(process, journal, uploads, time.monotonic() + limit)
        code = process.wait()
        if not self._abandoned.is_set():
            self._upload(uploads, completed=code == 0 and not self._stop_wanted.is_set())
            self._judge(code, journal)

    def _follow(
        self,
        process: subprocess.Popen[bytes],
        journal: Journal,
        uploads: Uploads,
        deadline: float,
    ) -> None:
        """Journal the log until the process ends; tell it to stop when that is due."""
        flushed = uploaded = time.monotonic()
        kill_at = float("inf")
        for line in processes.lines(process, tick=TICK):
            if line is not None:
                journal.add(line)
            now = time.monotonic()
            if now - flushed >= FLUSH_EVERY:
                self._flush(journal)
                flushed = now
            if now - uploaded >= _UPLOAD_EVERY:
                self._upload_so_far(uploads)
                uploaded = now
            if now >= kill_at:
                processes.send(process, signal.SIGKILL)
            elif kill_at == float("inf") and self._must_stop(overtime=now >= deadline):
                processes.send(process, signal.SIGTERM)
                kill_at = now + STOP_GRACE
        self._flush(journal)

    def _must_stop(self, *, overtime: bool) -> bool:
        if overtime and not self._stop_wanted.is_set():
            progress.stopping(self.app, self.name)
            self._stop_wanted.set()
        return self._stop_wanted.is_set()

    def _flush(self, journal: Journal) -> None:
        """The script goes on when the log has no room for a while."""
        try:
            journal.flush()
        except OSError as error:
            log.warning("The log of processing job %s waits: %s", self.name, error)

    def _upload_so_far(self, uploads: Uploads) -> None:
        """What fails now is sent again at the end, and then it counts."""
        try:
            uploads.continuous()
        except (AwsError, OSError) as error:
            log.warning("Outputs of processing job %s wait: %s", self.name, error)

    def _upload(self, uploads: Uploads, *, completed: bool) -> None:
        """Outputs that were to come at the end come from complete jobs only."""
        try:
            uploads.everything() if completed else uploads.continuous()
        except (AwsError, OSError) as error:
            raise Failed(f"ClientError: Output upload failed:{error}") from error

    def _judge(self, code: int, journal: Journal) -> None:
        """Exit codes as Docker gives them."""
        if code == 0 or self._stop_wanted.is_set():
            return
        number = code if code > 0 else 128 - code
        failure = self.base / "output" / "failure"
        reason = failure.read_text(errors="replace") if failure.is_file() else journal.tail()
        raise Failed(f"AlgorithmError: {reason[-960:]}, exit code: {number}")

    def _message(self) -> str:
        """What the script left in /opt/ml/output/message."""
        path = self.base / "output" / "message"
        return path.read_text(errors="replace")[:1024] if path.is_file() else ""

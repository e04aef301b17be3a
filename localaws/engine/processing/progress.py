"""How a processing job's record moves."""

from __future__ import annotations

from localaws.app import App
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

KIND = "processing-job"
TERMINAL = ("Completed", "Failed", "Stopped")


def begin(app: App, job: str) -> Record:
    def change(record: Record) -> None:
        record.body["ProcessingStartTime"] = records.moment(app)

    return records.update(app, KIND, job, change)


def stopping(app: App, job: str) -> None:
    def change(record: Record) -> None:
        if record.status == "InProgress":
            record.status = "Stopping"

    records.update(app, KIND, job, change)


def finish(app: App, job: str, status: str, reason: str = "", message: str = "") -> None:
    """`message` is what the script left as its ExitMessage."""

    def change(record: Record) -> None:
        record.status = status
        record.body["ProcessingEndTime"] = records.moment(app)
        if reason:
            record.body["FailureReason"] = reason[:1024]
        if message:
            record.body["ExitMessage"] = message[:1024]

    records.update(app, KIND, job, change)

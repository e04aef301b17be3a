"""How a transform job's record moves."""

from __future__ import annotations

from localaws.app import App
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

KIND = "transform-job"
TERMINAL = ("Completed", "Failed", "Stopped")


def begin(app: App, job: str) -> Record:
    def change(record: Record) -> None:
        record.body["TransformStartTime"] = records.moment(app)

    return records.update(app, KIND, job, change)


def finish(app: App, job: str, status: str, reason: str = "") -> None:
    def change(record: Record) -> None:
        record.status = status
        record.body["TransformEndTime"] = records.moment(app)
        if reason:
            record.body["FailureReason"] = reason[:1024]

    records.update(app, KIND, job, change)

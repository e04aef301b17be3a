"""How a training job's record moves: status, transitions, times.

Messages as the service writes them (recorded from real jobs).
"""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any

from localaws.app import App
from localaws.sagemaker import records
from localaws.sagemaker.records import Record

KIND = "training-job"
TERMINAL = ("Completed", "Failed", "Stopped")
ACTIVE = ("InProgress", "Stopping")


def first(now: datetime) -> dict[str, Any]:
    """The members of a job just accepted."""
    message = "Starting the training job"
    step = {"Status": "Starting", "StartTime": now, "StatusMessage": message}
    return {"SecondaryStatus": "Starting", "SecondaryStatusTransitions": [step]}


def move(
    app: App, job: str, secondary: str, message: str, *, started: str = "", **members: Any
) -> Record:
    """Enter the next secondary status; other members change with it, and the one that `started`
    names becomes the moment of this step.
    """

    def change(record: Record) -> None:
        now = records.moment(app)
        _enter(record.body, secondary, message, now)
        record.body.update(members | ({started: now} if started else {}))

    return records.update(app, KIND, job, change)


def stopping(app: App, job: str, message: str) -> None:
    def change(record: Record) -> None:
        if record.status == "InProgress":
            record.status = "Stopping"
            _enter(record.body, "Stopping", message, records.moment(app))

    records.update(app, KIND, job, change)


def finish(app: App, job: str, status: str, message: str, secondary: str = "") -> None:
    """Enter a terminal status; a failure's message is its FailureReason."""

    def change(record: Record) -> None:
        now, body = records.moment(app), record.body
        record.status = status
        if status == "Failed":
            body["FailureReason"] = message[:1024]
        _enter(body, secondary or status, message, now)
        body["SecondaryStatusTransitions"][-1]["EndTime"] = now
        body["TrainingEndTime"] = now
        if "TrainingStartTime" in body:
            seconds = max(1, ceil((now - body["TrainingStartTime"]).total_seconds()))
            body["TrainingTimeInSeconds"] = body["BillableTimeInSeconds"] = seconds

    records.update(app, KIND, job, change)


def measured(app: App, job: str, metrics: list[dict[str, Any]]) -> None:
    """FinalMetricDataList so far; LastModifiedTime stays, as it follows the status."""

    def change(record: Record) -> None:
        record.body["FinalMetricDataList"] = metrics

    records.update(app, KIND, job, change, touch=False)


def _enter(body: dict[str, Any], secondary: str, message: str, now: datetime) -> None:
    steps = body["SecondaryStatusTransitions"]
    steps[-1].setdefault("EndTime", now)
    steps.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
    body["SecondaryStatus"] = secondary

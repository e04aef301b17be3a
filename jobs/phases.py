"""The phases of a job's life, as a timeline, and how it ended. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# What happens, where AWS sent no message.
MEANINGS = {
    "Starting": "Starting the training job.",
    "LaunchingMLInstances": "Launching the instances.",
    "PreparingTrainingStack": "Preparing the instances.",
    "Pending": "Waiting for free instances.",
    "Downloading": "Copying the data to the instances.",
    "DownloadingTrainingImage": "Fetching the image.",
    "Training": "Training.",
    "Interrupted": "Amazon took the spot instance back; it goes on when there is one again.",
    "Restarting": "Starting again after a fault.",
    "Uploading": "Storing the model.",
    "Stopping": "Stopping the training job.",
    "Stopped": "Stopped.",
    "MaxRuntimeExceeded": "Stopped at its maximum runtime.",
    "MaxWaitTimeExceeded": "Stopped: no spot instance for as long as it might wait.",
    "Completed": "Completed.",
    "Failed": "Failed.",
}
STOPPED = {"Stopped", "Stopping", "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Interrupted"}


@dataclass(frozen=True)
class Phase:
    """`seconds` until its end, or until now while `is_open`; `share` of the whole life so far."""

    status: str
    message: str
    start: datetime
    seconds: float
    is_open: bool
    share: float = 0.0

    @property
    def tone(self) -> str:
        if self.is_open:
            return "busy"
        return "bad" if self.status == "Failed" else "off" if self.status in STOPPED else "good"

    @property
    def percent(self) -> int:
        return round(100 * self.share)


def timeline(transitions: Sequence[Mapping[str, str | None]], now: datetime) -> list[Phase]:
    """The transitions that AWS told, in order."""
    whole = sum(_seconds(step, now) for step in transitions)
    return [_phase(step, now, whole) for step in transitions]


def _phase(step: Mapping[str, str | None], now: datetime, whole: float) -> Phase:
    status, seconds = step["status"] or "", _seconds(step, now)
    return Phase(
        status=status,
        message=step["message"] or MEANINGS.get(status, ""),
        start=datetime.fromisoformat(step["start"] or ""),
        seconds=seconds,
        is_open=not step["end"],
        share=seconds / whole if whole else 0.0,
    )


def _seconds(step: Mapping[str, str | None], now: datetime) -> float:
    start = datetime.fromisoformat(step["start"] or "")
    end = datetime.fromisoformat(step["end"]) if step["end"] else now
    return max(0.0, (end - start).total_seconds())


def ending(status: str, secondary: str, *, asked: bool, sent: bool, has_model: bool) -> str:
    """How a stop went, in words; "" where there is nothing to say.

    `asked` is whether somebody here wanted it stopped, `sent` whether AWS ever had the job.
    """
    kept = " The model as it was then is kept." if has_model else " It left no model."
    if secondary in ("MaxRuntimeExceeded", "MaxWaitTimeExceeded"):
        return f"{MEANINGS[secondary]}{kept}"
    if status == "Stopped" and not sent:
        return "Stopped before anything was sent to AWS: nothing ran, nothing is billed."
    if status == "Stopped":
        return f"{'Stopped on request.' if asked else 'Stopped at AWS, not from here.'}{kept}"
    if status == "Stopping":
        return "AWS is stopping it. What it has learned by now is still stored."
    if asked and status in ("Completed", "Failed"):
        return f"It had {status.lower()} before the stop arrived."
    if asked:
        return "Asked to stop; AWS has not taken that yet. It may still finish before."
    return ""

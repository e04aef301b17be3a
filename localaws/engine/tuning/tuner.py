"""Drives tuning jobs: launches trials, ends poor ones early, and says when all is done.

Everything it knows is in the records, so a restart goes on where the last run ended.
"""

from __future__ import annotations

import logging
import sqlite3
import threading

from localaws.app import App
from localaws.engine import progress
from localaws.engine.trainer import Trainer
from localaws.engine.tuning import definitions, endings, strategies, trials
from localaws.engine.tuning.definitions import Definition
from localaws.engine.tuning.trials import KIND, Trial
from localaws.errors import AwsError
from localaws.sagemaker import records, training_requests
from localaws.sagemaker.records import Record

log = logging.getLogger(__name__)

_TICK = 1.0


class Tuner:
    """One thread for all tuning jobs; it sleeps while there is none."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._trainer: Trainer | None = None
        self._changed, self._closed = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="tuner", daemon=True)

    def start(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._changed.set()
        self._thread.start()

    def nudge(self) -> None:
        """A tuning job was made or stopped, or a training job ended."""
        self._changed.set()

    def close(self) -> None:
        self._closed.set()
        self._changed.set()
        self._thread.join(1)

    def _work(self) -> None:
        active = True
        while not self._closed.is_set():
            self._changed.wait(_TICK if active else None)
            self._changed.clear()
            try:
                active = self._advance_all()
            except (AwsError, OSError, sqlite3.Error):
                log.exception("Tuning goes on in a second")
                active = True
        self._app.store.release()

    def _advance_all(self) -> bool:
        """Whether some tuning job has to be looked at before the next nudge."""
        found = records.with_status(self._app, KIND, "InProgress", "Stopping")
        for record in found:
            if not self._closed.is_set():
                self._advance(record)
        return any(_needs_looks(record) for record in found)

    def _advance(self, record: Record) -> None:
        found = trials.of(self._app, record.body["Id"])
        active = [trial for trial in found if trial.is_active]
        ending = endings.due(self._app, record, found)
        if ending is None:
            for trial in endings.losing(self._app, record, found):
                self._stop(trial, "Stopped early: others did better at this epoch")
            self._launch(record, found)
        elif active:
            for trial in active:
                self._stop(trial, "The tuning job is ending")
        else:
            self._finish(record, ending)
        self._note(record, found)

    def _note(self, record: Record, found: list[Trial]) -> None:
        """LastModifiedTime of the tuning job follows its trials."""
        counters = trials.counters(found)
        if record.body.get("Counted") != counters:
            records.update(
                *(self._app, KIND, record.name), lambda now: now.body.update(Counted=counters)
            )

    def _finish(self, record: Record, ending: endings.Ending) -> None:
        def change(now: Record) -> None:
            now.status = "Stopped" if now.status == "Stopping" else ending.status
            now.body["HyperParameterTuningEndTime"] = records.moment(self._app)
            if now.status == "Failed":
                now.body["FailureReason"] = ending.reason

        records.update(self._app, KIND, record.name, change)

    def _stop(self, trial: Trial, message: str) -> None:
        if trial.record.status == "InProgress" and self._trainer is not None:
            progress.stopping(self._app, trial.record.name, message)
            self._trainer.stop(trial.record.name)

    def _launch(self, record: Record, found: list[Trial]) -> None:
        limits = record.body["HyperParameterTuningJobConfig"]["ResourceLimits"]
        active = sum(trial.is_active for trial in found)
        launched = record.body["Launched"]
        free = limits["MaxParallelTrainingJobs"] - active
        try:
            for number in range(launched + 1, min(launched + free, record.body["Most"]) + 1):
                found = [*found, self._launch_one(record, number, found)]
        except AwsError as error:  # the data or the bucket went away: no trial can start any more
            reason = f"ClientError: {error.message}"
            records.update(
                *(self._app, KIND, record.name), lambda now: now.body.update(Broken=reason)
            )
            self._changed.set()

    def _launch_one(self, record: Record, number: int, found: list[Trial]) -> Trial:
        """Record and count in one commit, then run."""
        every = definitions.of(record.body)
        definition = every[(number - 1) % len(every)]
        values = self._values(record, definition, number, found)
        name = definitions.trial_name(record.name, record.body["Id"], number)
        job = training_requests.accepted(self._app, definition.training_request(name, values))
        job.body["TuningJobArn"] = record.arn
        job.body["Tuning"] = {
            "Id": record.body["Id"],
            "Number": number,
            "Values": values,
            "Objective": definition.objective,
            "Definition": definition.name,
        }
        with self._app.store.transaction():
            records.create(self._app, job, [])
            records.update(
                *(self._app, KIND, record.name), lambda now: now.body.update(Launched=number)
            )
        if self._trainer is not None:
            self._trainer.submit(name)
        return Trial(job)

    def _values(
        self, record: Record, definition: Definition, number: int, found: list[Trial]
    ) -> dict[str, str]:
        same = [t for t in found if t.record.body["Tuning"]["Definition"] == definition.name]
        scored = [(t.values, t.score) for t in same if not t.is_active]
        known = strategies.Knowledge(
            scored=[(v, s) for v, s in [*record.body["Inherited"], *scored] if s is not None],
            pending=[t.values for t in same if t.is_active],
            failed=[values for values, score in scored if score is None],
        )
        strategy = record.body["HyperParameterTuningJobConfig"]["Strategy"]
        return strategies.propose(strategy, definition.space(), number, record.body["Seed"], known)


def _needs_looks(record: Record) -> bool:
    """Running trials are compared, or time is limited."""
    config = record.body["HyperParameterTuningJobConfig"]
    return (
        config["Strategy"] == "Hyperband"
        or config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"
        or "MaxRuntimeInSeconds" in config["ResourceLimits"]
    )

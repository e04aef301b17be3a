"""The lines of the log that the service turns into metrics, and that people grep for."""

from __future__ import annotations

import json
import logging
import os
import time

log = logging.getLogger(__name__)


class Journal:
    """One job's log; `algorithm` as the images call themselves, such as `AWS/KNN`."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._host = os.environ.get("SM_CURRENT_HOST", "algo-1")
        self._started = time.time()

    def loss(self, channel: str, metric: str, value: float, epoch: int | None = None) -> None:
        self._quality(channel, f"{metric} <loss>", value, epoch)

    def score(self, channel: str, metric: str, value: float, epoch: int | None = None) -> None:
        self._quality(channel, f"{metric} <score>", value, epoch)

    def announce(self, channel: str, metric: str, value: float) -> None:
        log.info("#%s_score (%s) : %s", channel, self._host, (metric, float(value)))

    def early_stopping(self, epoch: int, criteria: str, value: float) -> None:
        line = "#early_stopping_criteria_metric: host=%s, epoch=%d, criteria=%s, value=%s"
        log.info(line, self._host, epoch, criteria, float(value))

    def epoch(self, number: int, total: int, records: int, seconds: float) -> None:
        """`number` counts from 0."""
        done = 100 * (number + 1) / total
        log.info("#progress_metric: host=%s, completed %s %% of epochs", self._host, done)
        dimensions = {"epoch": number, "Meta": "training_data_iter"}
        self._metrics({"Number of Records Since Last Reset": records}, seconds, dimensions)
        pace = records / max(seconds, 1e-9)
        line = "#throughput_metric: host=%s, train throughput=%s records/second"
        log.info(line, self._host, pace)

    def finish(self) -> None:
        seconds = time.time() - self._started
        self._metrics({"totaltime": seconds * 1000}, seconds, {})

    def _quality(self, channel: str, metric: str, value: float, epoch: int | None) -> None:
        when = "" if epoch is None else f"epoch={epoch}, "
        line = "#quality_metric: host=%s, %s%s %s=%s"
        log.info(line, self._host, when, channel, metric, float(value))

    def _metrics(
        self, values: dict[str, float], seconds: float, dimensions: dict[str, object]
    ) -> None:
        now = time.time()
        content = {
            "StartTime": now - seconds,
            "EndTime": now,
            "Dimensions": {
                "Algorithm": self._algorithm,
                "Host": self._host,
                "Operation": "training",
                **dimensions,
            },
            "Metrics": {
                name: {"sum": float(value), "count": 1, "min": value, "max": value}
                for name, value in values.items()
            },
        }
        print(f"#metrics {json.dumps(content)}", flush=True)  # noqa: T201  the images print it bare

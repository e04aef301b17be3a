"""What Application Auto Scaling does with its targets: instance counts follow the calls.

As Amazon's target tracking: out when each of the last three minutes had more calls an instance than
the target, in when each of the last fifteen had less than nine tenths of it. A minute without a
value proves nothing, so an endpoint that nobody calls stays as it is. Between two changes lie the
policy's cooldowns.
"""

from __future__ import annotations

import json
import logging
import math
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from localaws import autoscaling
from localaws.app import App
from localaws.cloudwatch import Metric, statistic
from localaws.errors import AwsError
from localaws.sagemaker import endpoints, records

log = logging.getLogger(__name__)

EVERY = 2.0  # seconds
OUT, IN = 3, 15  # minutes
SLACK, COOLDOWN = 0.9, 300


@dataclass(frozen=True)
class Bounds:
    least: int
    most: int

    def around(self, count: int) -> int:
        return min(max(count, self.least), self.most)


def wanted(
    now: int,
    bounds: Bounds,
    tracking: Mapping[str, Any],
    minutes: Sequence[float | None],
    idle: float,
) -> int:
    """How many instances there shall be instead of `now`.

    `minutes` are calls an instance of the last `IN` whole minutes, the newest last, None where
    CloudWatch has no value; `idle` the seconds since the last change.
    """
    target = tracking["TargetValue"]
    recent = [calls for calls in minutes[-OUT:] if calls is not None]
    if len(recent) == OUT and min(recent) > target:
        if idle < tracking.get("ScaleOutCooldown", COOLDOWN):
            return bounds.around(now)
        return bounds.around(math.ceil(now * recent[-1] / target))
    known = [calls for calls in minutes if calls is not None]
    is_slack = len(known) == IN and max(known) < SLACK * target
    may = not tracking.get("DisableScaleIn") and idle >= tracking.get("ScaleInCooldown", COOLDOWN)
    if is_slack and may:
        return bounds.around(min(now, math.ceil(now * max(known) / target)))
    return bounds.around(now)


class Scaler:
    """One thread that looks every two seconds."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scaler", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(1)

    def _work(self) -> None:
        while not self._closed.wait(EVERY):
            try:
                for row in autoscaling.targets(self._app):
                    self._look(row)
            except (AwsError, OSError, sqlite3.Error) as error:
                log.warning("Autoscaling: %s", error)
        self._app.store.release()

    def _look(self, row: sqlite3.Row) -> None:
        endpoint, variant = autoscaling.variant_of(row["resource"])
        record = records.find(self._app, endpoints.KIND, endpoint)
        if record is None or record.status != "InService":
            return
        counts = {one["VariantName"]: one["InstanceCount"] for one in record.body["Deployed"]}
        if variant not in counts:
            return
        now, bounds = counts[variant], Bounds(row["least"], row["most"])
        count = bounds.around(now)
        for policy in autoscaling.policies(self._app, row["resource"]):
            minutes = self._minutes(endpoint, variant)
            idle = self._app.clock.now().timestamp() - row["scaled"]
            count = wanted(now, bounds, json.loads(policy["tracking"]), minutes, idle)
        if count != now:
            self._change(row["resource"], count)

    def _change(self, resource: str, count: int) -> None:
        endpoint, variant = autoscaling.variant_of(resource)
        share = {"VariantName": variant, "DesiredInstanceCount": count}
        request = {"EndpointName": endpoint, "DesiredWeightsAndCapacities": [share]}
        endpoints.update_weights(self._app, request)
        autoscaling.scaled(self._app, resource)

    def _minutes(self, endpoint: str, variant: str) -> list[float | None]:
        dimensions = {"EndpointName": endpoint, "VariantName": variant}
        end = self._app.clock.now().replace(second=0, microsecond=0)
        start = end - timedelta(minutes=IN)
        metric = Metric("AWS/SageMaker", "InvocationsPerInstance", dimensions)
        found = self._app.metrics.buckets(metric, start, end, 60)
        moments = [start + timedelta(minutes=number) for number in range(IN)]
        return [statistic("Sum", found[at]) if at in found else None for at in moments]


_scalers: dict[int, Scaler] = {}


def start(app: App) -> None:
    _scalers[id(app)] = Scaler(app)


def stop(app: App) -> None:
    if scaler := _scalers.pop(id(app), None):
        scaler.close()

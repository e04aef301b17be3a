"""CPU and memory of what runs, for CloudWatch; on systems with /proc only.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
CPUUtilization is in percent of one core, so it goes up to 100 times the number of cores.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from localaws.app import App
from localaws.engine import progress
from localaws.engine.host import Host
from localaws.engine.processing import progress as processing
from localaws.engine.slots import Slots
from localaws.engine.transform.transformer import Transformer

log = logging.getLogger(__name__)

_PROC = Path("/proc")
# Amazon's minute would miss most local jobs, and a point every few seconds forever is too much
# for endpoints.
_JOBS_EVERY, _ENDPOINTS_EVERY = 2.0, 60.0

_JOBS = (
    (progress.KIND, "/aws/sagemaker/TrainingJobs"),
    (processing.KIND, "/aws/sagemaker/ProcessingJobs"),
)
_Key = tuple[str, tuple[tuple[str, str], ...]]
"""Namespace and dimensions."""


@dataclass(frozen=True)
class Usage:
    """Of a process group: CPU seconds so far, resident bytes now."""

    seconds: float
    resident: int


class Gauge:
    """One thread that looks every two seconds; it does nothing where there is no /proc."""

    def __init__(self, app: App, slots: Slots, transformer: Transformer, host: Host) -> None:
        self._app, self._slots = app, slots
        self._transformer, self._host = transformer, host
        self._before: dict[tuple[_Key, int], tuple[float, float]] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="gauge", daemon=True)

    def start(self) -> None:
        if _PROC.joinpath("self", "stat").is_file():
            self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.ident is not None:
            self._thread.join(1)

    def _work(self) -> None:
        while not self._closed.wait(_JOBS_EVERY):
            try:
                self._publish(self._jobs() | self._due(self._endpoints()))
            except (OSError, sqlite3.Error) as error:
                log.warning("Hardware metrics are lost: %s", error)
        self._app.store.release()

    def _jobs(self) -> dict[_Key, int]:
        jobs = [
            ((namespace, (("Host", f"{name}/algo-1"),)), group)
            for kind, namespace in _JOBS
            for name, group in self._slots.processes(kind)
        ]
        transforms = [
            (("/aws/sagemaker/TransformJobs", (("Host", host),)), group)
            for host, group in self._transformer.processes()
        ]
        return dict(jobs + transforms)

    def _endpoints(self) -> dict[_Key, int]:
        return {
            (
                "/aws/sagemaker/Endpoints",
                (("EndpointName", endpoint), ("VariantName", variant)),
            ): group
            for endpoint, variant, group in self._host.running()
        }

    def _due(self, endpoints: dict[_Key, int]) -> dict[_Key, int]:
        """Those whose last point is a minute old, and new ones: they have their first at once."""
        now = time.monotonic()
        return {
            key: group
            for key, group in endpoints.items()
            if (look := self._before.get((key, group))) is None or now - look[0] >= _ENDPOINTS_EVERY
        }

    def _publish(self, watched: dict[_Key, int]) -> None:
        if not watched:
            return
        now, at = time.monotonic(), self._app.clock.now()
        found = usage(set(watched.values()))
        with self._app.store.transaction():
            for key, group in watched.items():
                if group in found:
                    cpu = self._percent(key, group, found[group].seconds, now)
                    memory = 100.0 * found[group].resident / _memory()
                    namespace, dimensions = key
                    put = self._app.metrics.put
                    put(namespace, "CPUUtilization", dict(dimensions), cpu, at, "Percent")
                    put(namespace, "MemoryUtilization", dict(dimensions), memory, at, "Percent")

    def _percent(self, key: _Key, group: int, seconds: float, now: float) -> float:
        """Since the last look, or on the first one since the process began."""
        then, spent = self._before.get((key, group), (now - _age(group), 0.0))
        self._before = {k: v for k, v in self._before.items() if now - v[0] < 2 * _ENDPOINTS_EVERY}
        self._before[key, group] = now, seconds
        return max(0.0, 100.0 * (seconds - spent) / max(now - then, 0.01))


def usage(groups: Iterable[int]) -> dict[int, Usage]:
    """By process group; groups that are gone are left out."""
    wanted = set(groups)
    seconds: dict[int, float] = defaultdict(float)
    pages: dict[int, int] = defaultdict(int)
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            group = int(fields[2])
            if group in wanted and fields[0] != "Z":
                seconds[group] += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                pages[group] += int(fields[21])
    size = os.sysconf("SC_PAGE_SIZE")
    return {group: Usage(seconds[group], pages[group] * size) for group in seconds}


def _stat(process: int) -> list[str]:
    """The fields after the command's name, of which the first is the state; see proc(5)."""
    try:
        text = _PROC.joinpath(str(process), "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _age(process: int) -> float:
    fields = _stat(process)
    uptime = float(_PROC.joinpath("uptime").read_text().split()[0])
    return uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")

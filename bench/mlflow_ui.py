"""MLflow's UI on the same runs: an environment of its own, a server on loopback, no telemetry."""

import json
import os
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import requests

from bench.console import find_free_port

HOME = Path(__file__).resolve().parents[1] / ".venv-mlflow"
SKIPPED = "MLflow is not here: `make bench-mlflow` installs it into .venv-mlflow"
READY_SECONDS = 120
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "NO_PROXY": "127.0.0.1",
}
POINTS = 320  # of a curve: what its own pages ask for
Run = tuple[dict[str, str], dict[str, list[float]]]


class Server:
    """A running MLflow with the runs of `log` in one experiment."""

    def __init__(self, url: str, store: Path) -> None:
        self.url = url
        self.store = store
        self.http = requests.Session()
        self.http.trust_env = False
        self.experiment = ""
        self.runs: list[str] = []

    def log(self, runs: Iterable[Run]) -> None:
        created = self.call("experiments/create", name="compared")
        self.experiment = created["experiment_id"]
        for number, (params, metrics) in enumerate(runs):
            self._log(f"compared-{number}", params, metrics)

    def _log(self, name: str, params: dict[str, str], metrics: dict[str, list[float]]) -> None:
        """By its API, but for the points before the last: a thousand calls would take minutes."""
        now = int(time.time() * 1000)
        made = self.call(
            "runs/create", experiment_id=self.experiment, run_name=name, start_time=now
        )
        uid = made["run"]["info"]["run_id"]
        last = [
            {"key": key, "value": values[-1], "timestamp": now, "step": len(values) - 1}
            for key, values in metrics.items()
        ]
        given = [{"key": key, "value": value} for key, value in params.items()]
        self.call("runs/log-batch", run_id=uid, metrics=last, params=given)
        self.call("runs/update", run_id=uid, status="FINISHED", end_time=now + 60_000)
        insert = "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) "
        points = [
            (key, value, now, uid, step)
            for key, values in metrics.items()
            for step, value in enumerate(values[:-1])
        ]
        with closing(sqlite3.connect(self.store, timeout=30)) as database, database:
            database.executemany(f"{insert} VALUES (?, ?, ?, ?, ?, 0)", points)
        self.runs.append(uid)

    def call(self, path: str, **body: Any) -> Any:
        answer = self.http.post(f"{self.url}/api/2.0/mlflow/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    @property
    def pages(self) -> dict[str, str]:
        """Its charts draw ten of the runs; its comparison draws no curves before one is chosen."""
        runs, experiments = quote(json.dumps(self.runs)), quote(json.dumps([self.experiment]))
        return {
            "charts": f"{self.url}/#/experiments/{self.experiment}/runs?compareRunsMode=CHART",
            "compare": f"{self.url}/#/compare-runs?runs={runs}&experiments={experiments}",
        }

    def curves(self, metric: str) -> str:
        """The address of the points of `metric` of all runs."""
        asked = [("run_ids", uid) for uid in self.runs]
        asked += [("metric_key", metric), ("max_results", str(POINTS))]
        place = "ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
        return f"{self.url}/{place}?{urlencode(asked)}"


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a database of its own; its whole family ends with it."""
    port = find_free_port()
    with tempfile.TemporaryDirectory(prefix="mlconsole-bench-mlflow-") as folder:
        store = Path(folder) / "mlflow.db"
        where = ["--backend-store-uri", f"sqlite:///{store}", "--host", "127.0.0.1"]
        with (Path(folder) / "log").open("w") as log:
            process = subprocess.Popen(
                [HOME / "bin" / "mlflow", "server", *where, "--port", str(port)],
                cwd=folder,
                env={**os.environ, **QUIET},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            server = Server(f"http://127.0.0.1:{port}", store)
            _wait(server)
            yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _wait(server: Server) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            if server.http.get(f"{server.url}/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError("MLflow's server did not start.")
        time.sleep(0.5)

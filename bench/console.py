"""The console that is measured, and the API client that drives it."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.console import Up

WAIT_SECONDS = 180


@dataclass
class Console:
    up: Up
    http: requests.Session

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON answer of an API call; raises with the answer's text when it is an error."""
        answer = self.http.request(method, f"{self.up.url}/api/v1{path}", timeout=600, **arguments)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None

    def wait(self, path: str, *statuses: str, seconds: float = WAIT_SECONDS) -> Any:
        """The object at `path` once its status is one of `statuses`."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.call("GET", path)
            if found["status"] in statuses:
                return found
            if found["status"] in ("Failed", "Rejected") or time.monotonic() > deadline:
                raise RuntimeError(f"{path} is {found['status']}: {found.get('failure_reason')}")
            time.sleep(0.1)

    def dataset(self, name: str, content: bytes) -> Any:
        made = self.call("POST", "/datasets", files={"file": (name, content)}, data={"name": name})
        return self.wait(f"/datasets/{made['id']}", "Ready")

    def prepared(self, dataset: str, target: str, **options: Any) -> Any:
        body = {"target": target, "algorithm": "xgboost"} | options
        made = self.call("POST", f"/datasets/{dataset}/preparations", json=body)
        return self.wait(f"/preparations/{made['id']}", "Ready")

    def job(self, preparation: str, **hyperparameters: Any) -> Any:
        body = {
            "algorithm": "xgboost",
            "preparation": preparation,
            "hyperparameters": hyperparameters,
            "instance_type": "ml.m5.large",
            "instance_count": 1,
        }
        return self.call("POST", "/jobs", json=body)

    def endpoint(self, job: str) -> Any:
        body = {"job": job, "instance_type": "ml.t2.medium", "instance_count": 1}
        made = self.call("POST", "/endpoints", json=body)
        return self.wait(f"/endpoints/{made['id']}", "InService")


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def starting(data_dir: Path) -> Iterator[Console]:
    """A healthy console on `data_dir` without the sample, stopped at the end.

    What it mails lies in the folder `mail` beside it.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    mail = f"filemail:///{data_dir.with_name('mail')}"
    with Up(data_dir, find_free_port(), "--no-sample", EMAIL_URL=mail) as up:
        up.wait_ready()
        token = up.manage("create_token", "--user", "admin", "--workspace", "local").strip()
        http = requests.Session()
        http.trust_env = False
        http.headers["Authorization"] = f"Bearer {token}"
        yield Console(up, http)

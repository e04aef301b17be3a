"""AWS calls of a mirror pass and how long it takes, with many jobs in localaws: 0 or 10,000 over.

The calls are counted by localaws itself. The passes run in a process of their own (`python -m
bench.mirror`), on a database of their own, so that no console asks meanwhile.
"""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.console import Console
from tests.localaws.conftest import ROOT, LocalAws

ACTIVE, FINISHED = 1_000, 10_000
PASSES = 30
READING = 120  # passes after the first one: as many as the history has pages
CHANGES = 5  # jobs that end between two passes
LIMIT = 25
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ACCOUNT = "123456789012"


def measure(_console: Console) -> list[dict[str, object]]:
    return [figure for finished in (0, FINISHED) for figure in _with(finished)]


def _with(finished: int) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="mlconsole-mirror-") as folder:
        service = LocalAws(Path(folder) / "localaws")
        try:
            seed(service.data, ACTIVE, finished)
            environment = os.environ | {
                "MLCONSOLE_DATA_DIR": str(Path(folder) / "var"),
                "AWS_ENDPOINT_URL": service.url,
                "AWS_ACCESS_KEY_ID": service.access_key,
                "AWS_SECRET_ACCESS_KEY": service.secret,
                "LOG_LEVEL": "WARNING",
            }
            command = [sys.executable, "-m", "bench.mirror", str(service.data), service.url]
            told = subprocess.run(
                command, cwd=ROOT, env=environment, check=True, capture_output=True
            )
        finally:
            service.stop()
    return [{"finished": finished} | json.loads(line) for line in told.stdout.splitlines()]


def seed(data: Path, active: int, finished: int) -> None:
    """Jobs straight into a localaws's store: a running one shows them from then on."""
    now = time.time()
    ended = (_job(f"past-{n}", "Completed", now - 3_600 - 20 * n) for n in range(finished))
    moving = (_job(f"run-{n}", "InProgress", now - 60 - 5 * n) for n in range(active))
    with sqlite3.connect(data / "localaws.sqlite3", timeout=30) as store:
        marks = "INSERT INTO sagemaker_resources VALUES (?, ?, ?, ?, ?, ?, ?)"
        store.executemany(marks, ended)
        store.executemany(marks, moving)
        store.execute(
            "INSERT OR IGNORE INTO log_groups VALUES ('/aws/sagemaker/TrainingJobs', ?)", (0,)
        )
        for number in range(active):
            _log(store, f"run-{number}/algo-1-1", int(now * 1000))
    store.close()


def _log(store: sqlite3.Connection, stream: str, at: int) -> None:
    made = store.execute(
        "INSERT INTO log_streams (group_name, name, created) VALUES (?, ?, ?)",
        ("/aws/sagemaker/TrainingJobs", stream, at),
    )
    lines = [
        (made.lastrowid, at, f"[{step}]#011train-logloss:0.{step}", at) for step in range(1, 10)
    ]
    store.executemany(
        "INSERT INTO log_events (stream, at, message, ingested) VALUES (?, ?, ?, ?)", lines
    )


def _job(name: str, status: str, created: float) -> tuple[object, ...]:
    def moment(seconds: float) -> dict[str, float]:
        return {"$time": round(created + seconds, 3)}

    over = status == "Completed"
    body: dict[str, Any] = {
        "TrainingJobName": name,
        "SecondaryStatus": "Completed" if over else "Training",
        "SecondaryStatusTransitions": [{"Status": "Training", "StartTime": moment(1)}],
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"num_round": "50", "objective": "binary:logistic"},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/bench",
        "OutputDataConfig": {"S3OutputPath": "s3://bench/out/"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3_600},
        "TrainingStartTime": moment(1),
    }
    if over:
        body |= {
            "TrainingEndTime": moment(20),
            "TrainingTimeInSeconds": 19,
            "BillableTimeInSeconds": 19,
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://bench/out/{name}/model.tar.gz"},
            "FinalMetricDataList": [
                {"MetricName": "validation:logloss", "Value": 0.1, "Timestamp": moment(20)}
            ],
        }
    arn = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/{name}"
    created, modified = round(created, 3), round(created + (20 if over else 1), 3)
    return "training-job", name, arn, status, created, modified, json.dumps(body)


def change(data: Path, names: list[str]) -> None:
    """These jobs are Completed from now on."""
    with sqlite3.connect(data / "localaws.sqlite3", timeout=30) as store:
        for name in names:
            row = _job(name, "Completed", time.time() - 20)
            store.execute(
                "UPDATE sagemaker_resources SET status = ?, modified = ?, body = ?"
                " WHERE kind = ? AND name = ?",
                (row[3], round(time.time(), 3), row[6], row[0], name),
            )
    store.close()


class Counter:
    """Counts a localaws's calls: rules that delay nothing tell how often they fired."""

    OPERATIONS = (
        "ListTrainingJobs",
        "DescribeTrainingJob",
        "DescribeLogStreams",
        "GetLogEvents",
        "GetMetricData",
        "*",
    )

    def __init__(self, service: str, secret: str) -> None:
        import requests

        self.http, self.url = requests.Session(), f"{service}/_localaws/faults"
        self.http.trust_env = False
        self.http.headers["X-Localaws-Secret"] = secret

    def __enter__(self) -> "Counter":
        rules = [{"operation": name, "kind": "latency", "seconds": 0} for name in self.OPERATIONS]
        self.http.put(self.url, data=json.dumps(rules), timeout=10).raise_for_status()
        self.begun = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self.begun
        fired = {one["operation"]: one["fired"] for one in self.http.get(self.url).json()}
        self.calls = fired.pop("*")
        self.by_operation = {name: count for name, count in fired.items() if count}


def passes(data: Path, url: str) -> Iterator[dict[str, object]]:
    """The figures, in this process's own database."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from core.models import Workspace
    from jobs.models import TrainingJob

    workspace = Workspace.objects.create(
        slug="bench", name="Bench", kind="local", bucket="bench", execution_role_arn="arn"
    )
    counter = Counter(url, os.environ["AWS_SECRET_ACCESS_KEY"])
    yield _figures("first", [_pass(counter, workspace)])
    reading = [_pass(counter, workspace) for _ in range(READING)]
    bare = TrainingJob.objects.filter(aws_modified_at=None)
    left = {"rows": TrainingJob.objects.count(), "still_to_describe": bare.count()}
    yield _figures("reading the history in", reading) | left
    _know_the_rest(data, bare)
    steady = []
    for number in range(PASSES):
        change(data, [f"run-{n}" for n in range(CHANGES * number, CHANGES * (number + 1))])
        steady.append(_pass(counter, workspace))
        time.sleep(0.2)
    moved = TrainingJob.objects.filter(aws_name__startswith="run-", status="Completed").count()
    yield _figures("steady", steady) | {"ended": CHANGES * PASSES, "ended_seen": moved}


def _know_the_rest(data: Path, bare: Any) -> None:
    """What more passes of the same kind would have described, at once: it saves the bench time."""
    with sqlite3.connect(data / "localaws.sqlite3", timeout=30) as store:
        found = dict(store.execute("SELECT name, modified FROM sagemaker_resources"))
    rows = list(bare)
    for row in rows:
        row.aws_modified_at = datetime.fromtimestamp(found[row.aws_name], UTC)
        row.image, row.artifact = IMAGE, f"s3://bench/out/{row.aws_name}/model.tar.gz"
    bare.model.objects.bulk_update(rows, ["aws_modified_at", "image", "artifact"], batch_size=500)


def _pass(counter: Counter, workspace: Any) -> tuple[int, float, dict[str, int]]:
    from django.utils import timezone

    from jobs import mirror, tuning_mirror

    now: datetime = timezone.now()
    with counter:
        mirror.look(workspace, now=now)
        tuning_mirror.look(workspace, now=now)
    return counter.calls, counter.seconds, counter.by_operation


def _figures(name: str, made: list[tuple[int, float, dict[str, int]]]) -> dict[str, object]:
    calls, seconds = [one[0] for one in made], [one[1] for one in made]
    total = {name: sum(one[2].get(name, 0) for one in made) for name in Counter.OPERATIONS}
    return {
        "figure": "mirror_pass",
        "which": name,
        "unit": "AWS calls, most of a pass",
        "value": max(calls),
        "limit": LIMIT,
        "median_calls": statistics.median(calls),
        "passes": len(made),
        "median_ms": round(1000 * statistics.median(seconds)),
        "worst_ms": round(1000 * max(seconds)),
        "active": ACTIVE,
        "calls": {name: count for name, count in total.items() if count},
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "mlconsole.settings"
    for figure in passes(Path(sys.argv[1]), sys.argv[2]):
        print(json.dumps(figure), flush=True)

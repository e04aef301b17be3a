"""A thousand endpoints: GetMetricData calls and seconds until each has a verdict; their page.

CloudWatch is a server of our own on the loopback that counts its calls and answers as Amazon
does: 500 series a call and 100,800 points an answer at most, the rest by NextToken. The endpoints
are rows of a process of its own (`python -m bench.endpoints`), on a database of its own, so that
no console mirrors them away. The page is asked for in that process, without a network.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench.console import Console
from tests.localaws.conftest import ROOT

ENDPOINTS = 1_000
LIMIT_CALLS = ENDPOINTS // 200
POINTS = 100_800  # an answer
MOST_SERIES = 500  # a call
REQUESTS = 60
ADDRESSES = ("", "?verdict=idle", "?page=20", "?sort=-cost", "?q=ep-77", "?verdict=busy&days=30")
LIMIT_MS = 300


def measure(_console: Console) -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="mlconsole-endpoints-") as folder:
        environment = os.environ | {
            "MLCONSOLE_DATA_DIR": str(Path(folder) / "var"),
            "DJANGO_SETTINGS_MODULE": "mlconsole.settings",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "bench.endpoints"]
        told = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return [json.loads(line) for line in told.stdout.splitlines()]


class CloudWatch:
    """Answers GetMetricData; of each `silent`th series nothing, of the others every period."""

    def __init__(self) -> None:
        self.calls, self.silent = 0, 2
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        queries = asked["MetricDataQueries"]
        assert len(queries) <= MOST_SERIES
        first, size, results = int(asked.get("NextToken", 0)), 0, []
        for query in queries[first:]:
            times = self._times(query, asked)
            if size + len(times) > POINTS:
                break
            size += len(times)
            told = {"Timestamps": times, "Values": [3.0] * len(times), "StatusCode": "Complete"}
            results.append({"Id": query["Id"]} | told)
        done = first + len(results)
        more = {"NextToken": str(done)} if done < len(queries) else {}
        return {"MetricDataResults": results} | more

    def _times(self, query: dict[str, Any], asked: dict[str, Any]) -> list[int]:
        if self.silent and int(query["Id"][1:]) % self.silent == 0:
            return []
        period = query["MetricStat"]["Period"]
        return list(range(int(asked["StartTime"]), int(asked["EndTime"]), period))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cloudwatch = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = json.dumps(cloudwatch.answer(json.loads(body))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def figures() -> Iterator[dict[str, object]]:
    """In this process's own database."""
    import django
    from django.core.management import call_command

    cloudwatch = CloudWatch()
    os.environ["AWS_ENDPOINT_URL"] = cloudwatch.url
    django.setup()
    call_command("migrate", verbosity=0)
    from core.models import Workspace

    workspace = Workspace.objects.create(
        slug="bench", name="Bench", kind="local", bucket="bench", execution_role_arn="arn"
    )
    fill(workspace)
    yield verdicts(cloudwatch, workspace, "every second endpoint called in each hour", silent=2)
    yield verdicts(cloudwatch, workspace, "all called in each hour", silent=0)
    yield verdicts(cloudwatch, workspace, "every second endpoint called in each hour", silent=2)
    yield page(workspace)


def fill(workspace: Any) -> None:
    from endpoints.models import Endpoint

    variant = {"name": "AllTraffic", "model": "m", "instance_type": "ml.m5.large"}
    since = datetime.now(UTC) - timedelta(days=40)
    Endpoint.objects.bulk_create(
        Endpoint(
            workspace=workspace,
            name=f"ep-{number}",
            aws_name=f"ep-{number}",
            status="InService",
            instance_type="ml.m5.large",
            hourly_cost=0.115,
            variants=[variant | {"instance_count": 1, "kind": "real-time"}],
            aws_created_at=since,
            aws_modified_at=since,
        )
        for number in range(ENDPOINTS)
    )


def verdicts(
    cloudwatch: CloudWatch, workspace: Any, which: str, *, silent: int
) -> dict[str, object]:
    from django.utils import timezone

    from endpoints import traffic
    from endpoints.models import Endpoint

    Endpoint.objects.update(traffic_check_at=timezone.now())
    cloudwatch.calls, cloudwatch.silent = 0, silent
    now, started = timezone.now(), time.perf_counter()
    read = traffic.refresh(workspace, now)
    seconds = time.perf_counter() - started
    words: dict[str, int] = {}
    for row in Endpoint.objects.all():
        word = traffic.verdict(row, now).word
        words[word] = words.get(word, 0) + 1
    return {
        "figure": "endpoint_verdicts",
        "which": which,
        "unit": "CloudWatch calls",
        "value": cloudwatch.calls,
        "limit": LIMIT_CALLS,
        "seconds": round(seconds, 2),
        "endpoints": read,
        "verdicts": words,
    }


def page(workspace: Any) -> dict[str, object]:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from core.models import Membership, Role

    user = User.objects.create_user("bench")
    Membership.objects.create(workspace=workspace, user=user, role=Role.VIEWER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    times: dict[str, list[float]] = {address: [] for address in ADDRESSES}
    queries = 0
    for number in range(REQUESTS + len(ADDRESSES)):
        address = ADDRESSES[number % len(ADDRESSES)]
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as caught:
            answer = client.get(f"/endpoints/{address}")
        seconds = time.perf_counter() - started
        assert answer.status_code == 200, answer.status_code
        queries = max(queries, len(caught))
        if number >= len(ADDRESSES):  # the first of each warms up
            times[address].append(seconds)
    flat = [one for found in times.values() for one in found]
    return {
        "figure": "endpoint_page",
        "unit": "ms p95",
        "value": round(1000 * statistics.quantiles(flat, n=20)[-1], 1),
        "median": round(1000 * statistics.median(flat), 1),
        "queries": queries,
        "rows": ENDPOINTS,
        "limit": LIMIT_MS,
    }


if __name__ == "__main__":
    for figure in figures():
        print(json.dumps(figure), flush=True)

"""How many asynchronous requests a model server gets at once."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from localaws import server as localaws_server
from localaws.engine.backlog import entries
from localaws.engine.backlog.backlog import Backlog
from localaws.engine.backlog.entries import Entry
from localaws.engine.deployment import Busy, Deployment, Retired
from localaws.engine.host import Host
from localaws.engine.server import Log, Server
from localaws.engine.tally import Tally
from tests.localaws.lab import until

SPEC = {"VariantName": "v", "Image": "xgboost:1", "Weight": 1.0, "InstanceCount": 2}


class Model(BaseHTTPRequestHandler):
    """Takes a quarter of a second; the server keeps the most that it saw at once."""

    server: "Models"

    def do_POST(self) -> None:
        with self.server.lock:
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        time.sleep(0.25)
        with self.server.lock:
            self.server.now -= 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        return


class Models(ThreadingHTTPServer):
    daemon_threads = True
    now = most = 0

    def __init__(self) -> None:
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Model)


@pytest.fixture
def models() -> Iterator[Models]:
    with Models() as models:
        threading.Thread(target=models.serve_forever, args=(0.05,), daemon=True).start()
        yield models
        models.shutdown()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Any]:
    app = localaws_server.build(tmp_path / "data", port=0, region="us-east-1")
    app.store.install(entries.SCHEMA)
    app.objects.ensure_bucket("answers")
    yield app
    app.store.release()


def deployment(app: Any, port: int, **members: Any) -> Deployment:
    server = Server(app, Log("group", "stream"), SPEC, app.data)
    server._port = port
    server._ready.set()
    return Deployment(app.data / "none", {"v": server}, [SPEC | members])


def test_it_is_the_maximum_per_instance_times_the_instances(app, models):
    host, tally = Host(app), Tally(app)
    host._live["busy"] = deployment(app, models.server_port, Asynchronous=2)
    backlog = Backlog(app, host, tally)
    backlog.start()
    for number in range(9):
        request = {"Headers": {}, "TTL": 60, "Timeout": 10}
        request["OutputLocation"] = f"s3://answers/{number}"
        backlog.add(Entry(str(number), "busy", time.time(), request, b"1"))
    until(lambda: entries.counts(app)["busy"], lambda left: not left, seconds=10)
    backlog.close()
    assert models.most == 4
    assert [item.key for item in app.objects.list("answers")] == list("012345678")


def test_an_expired_request_is_not_asked(app, models):
    host, tally = Host(app), Tally(app)
    host._live["busy"] = deployment(app, models.server_port, Asynchronous=1)
    backlog = Backlog(app, host, tally)
    backlog.start()
    request = {"Headers": {}, "TTL": 60, "Timeout": 10, "OutputLocation": "s3://answers/old"}
    request["FailureLocation"] = "s3://answers/old-error"
    backlog.add(Entry("old", "busy", time.time() - 61, request, b"1"))
    until(lambda: entries.counts(app)["busy"], lambda left: not left, seconds=10)
    backlog.close()
    assert models.most == 0
    with app.objects.open("answers", "old-error") as file:
        assert file.read().startswith(b"The request has expired")


def test_a_serverless_variant_takes_no_more_than_its_concurrency(app):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        live = deployment(app, port, ServerlessConfig={"MaxConcurrency": 1}, InstanceCount=0)
        with live.using("v"), pytest.raises(Busy), live.using("v"):
            pass
        with live.using("v"):
            pass


def test_a_retired_deployment_takes_nothing_and_closes_when_it_is_free(app):
    live = deployment(app, 1)
    with live.using("v"):
        retiring = threading.Thread(target=live.retire)
        retiring.start()
        until(lambda: live._retired, bool)
        with pytest.raises(Retired), live.using("v"):
            pass
        assert retiring.is_alive()
    retiring.join(5)
    assert not retiring.is_alive()

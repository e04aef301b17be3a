"""A model server that does not answer."""

import socket
from pathlib import Path

import pytest

from localaws import server as localaws_server
from localaws.engine import server
from localaws.engine.server import Log, Server, TimedOut, Unreachable

SPEC = {"VariantName": "v", "Image": "xgboost:1", "InvocationTimeout": 0.2}


@pytest.fixture
def silent(tmp_path: Path):
    """A Server whose process accepts and says nothing."""
    app = localaws_server.build(tmp_path / "data", port=0, region="us-east-1")
    made = Server(app, Log("group", "stream"), SPEC, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made._port = listener.getsockname()[1]
        made._ready.set()
        yield made
    app.store.release()


def test_it_times_out(silent):
    with pytest.raises(TimedOut):
        silent.invoke(b"1", {})


def test_it_says_when_no_process_runs(silent, monkeypatch):
    monkeypatch.setattr(server, "_READY_TIMEOUT", 0.1)
    silent.close()
    with pytest.raises(Unreachable, match="not running"):
        silent.invoke(b"1", {})

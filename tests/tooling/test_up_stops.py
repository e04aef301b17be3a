"""Stopping, being killed, starting again: nothing is left behind and nothing is lost."""

import json
import signal
import time

import pytest

from tests.console import Up
from tests.tooling.processes import is_alive, until

pytestmark = pytest.mark.slow


# The promise is five seconds each on an idle machine; the other test workers are busy meanwhile.
START_SECONDS = STOP_SECONDS = 12


def test_it_leaves_nothing_behind_and_starts_again_on_its_data(tmp_path, free_port):
    """Stopped, then killed, then interrupted from the keyboard."""
    with Up(tmp_path / "var", free_port, "--no-sample") as first:
        first.wait_ready()
        ports = (first.data_dir / "ports.json").read_text()
        family = first.family()
        assert len(family) >= 10
        assert first.stop(signal.SIGTERM) < STOP_SECONDS
        assert first.process.returncode == 0
        assert not [pid for pid in family if is_alive(pid)]
        assert not (first.data_dir / "runtime.json").exists()

    started = time.monotonic()
    with Up(tmp_path / "var", free_port, "--no-sample") as second:
        second.wait_ready()
        assert time.monotonic() - started < START_SECONDS
        assert second.sign_in_link != first.sign_in_link
        assert (second.data_dir / "ports.json").read_text() == ports
        family = second.family()
        second.process.kill()
        second.process.wait(5)

    with Up(tmp_path / "var", free_port, "--no-sample") as third:
        until(lambda: not any(map(is_alive, family)), 5, "everything of the second is gone")
        third.wait_ready()
        assert third.stop(signal.SIGINT) < STOP_SECONDS


def test_it_stops_while_it_is_starting(tmp_path, free_port):
    with Up(tmp_path / "var", free_port, "--no-sample") as up:
        until((up.data_dir / "ports.json").exists, 20, "the first process starts")
        family = up.family()
        assert up.stop() < STOP_SECONDS
        assert not [pid for pid in family if is_alive(pid)]


def test_it_says_in_one_line_that_the_given_broker_does_not_answer(tmp_path, free_port):
    url = "redis://:hush@127.0.0.1:1/0"
    with Up(tmp_path / "var", free_port, "--no-sample", REDIS_URL=url) as up:
        output = up.wait_refused()
    assert "Nothing answers at REDIS_URL" in output
    assert "hush" not in output


def test_it_uses_the_broker_that_the_environment_names(tmp_path, free_port, stack):
    with Up(tmp_path / "var", free_port, "--no-sample", REDIS_URL=stack) as up:
        up.wait_ready()
        assert up.runtime["redis_url"] == stack
        assert "valkey" not in json.loads((up.data_dir / "ports.json").read_text())


def test_it_is_for_one_machine_only(tmp_path, free_port):
    server = {"MLCONSOLE_MODE": "server", "SECRET_KEY": "0123456789abcdef" * 4}
    server |= {"ALLOWED_HOSTS": "localhost", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    with Up(tmp_path / "var", free_port, **server) as up:
        assert "docs/operations.md" in up.wait_refused()

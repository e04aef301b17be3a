"""One running console, looked at from all sides."""

import json
import os
import re
import signal

import pytest
import redis

from core.up import commands
from tests.console import Up
from tests.plugin import find_free_port
from tests.tooling.processes import command_of, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("console") / "var"
    with Up(data_dir, find_free_port(), "--no-sample") as up:
        yield up.wait_ready()


def process_of(console, words):
    """The pid of the process (not its guard) whose command line contains `words`."""
    found = [pid for pid in console.family() if words in command_of(pid)]
    return next((pid for pid in found if "guard.py" not in command_of(pid)), None)


def test_it_is_healthy_with_a_json_line_for_each_check(console):
    status, body = console.get("/healthz")
    checks = [json.loads(line) for line in body.splitlines()]
    assert status == 200
    assert [check["check"] for check in checks] == ["web", "database", "broker", "worker", "aws"]
    assert all(check["ok"] for check in checks)


def test_it_prints_a_link_that_signs_in(console):
    assert console.sign_in_link.startswith(console.url)
    status, _ = console.get(console.sign_in_link.removeprefix(console.url))
    assert status == 200


def test_it_keeps_secrets_out_of_its_lines(console):
    stored = json.loads((console.data_dir / "secrets.json").read_text())
    for secret in (*stored.values(), console.runtime["aws_secret_access_key"]):
        assert secret not in console.output
    token = console.sign_in_link.rsplit("/", 1)[1]
    console.get(f"/sign-in/{token}")
    assert console.output.count(token) == 1
    assert not re.search(r"^(?!up ).*sign-in", console.output, re.MULTILINE)


def test_it_runs_no_scripts_unless_told_to(console):
    pid = process_of(console, "-m localaws")
    assert "--allow-scripts" not in command_of(pid)
    told = commands.localaws(console.data_dir, 1, scripts=True)
    assert told[-1] == "--allow-scripts"


def test_it_keeps_secrets_off_command_lines(console):
    stored = json.loads((console.data_dir / "secrets.json").read_text())
    commands = " ".join(map(command_of, console.family()))
    assert "valkey-server" in commands
    assert stored["valkey_password"] not in commands


def test_it_guards_the_broker_with_a_password(console):
    port = json.loads((console.data_dir / "ports.json").read_text())["valkey"]
    with (
        redis.Redis(host="127.0.0.1", port=port) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
    with redis.Redis.from_url(console.runtime["redis_url"]) as ours:
        assert ours.config_get("appendonly") == {"appendonly": "yes"}
        assert ours.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_it_refuses_a_second_console_on_its_data(console):
    with Up(console.data_dir, find_free_port(), "--no-sample") as second:
        output = second.wait_refused()
    assert f"(pid {console.process.pid})" in output
    assert len(output.strip().splitlines()) == 1
    assert console.get("/healthz")[0] == 200


def test_it_refuses_a_taken_port_and_names_the_option(console, tmp_path):
    taken = int(console.url.rsplit(":", 1)[1])
    with Up(tmp_path / "var", taken, "--no-sample") as second:
        output = second.wait_refused()
    assert f"Port {taken}" in output
    assert "--port" in output
    assert len(output.strip().splitlines()) == 1


def test_it_lets_other_commands_run_beside_it(console):
    shown = console.manage(
        "shell", "-c", "from django.conf import settings as s; print(s.REDIS_URL)"
    )
    assert console.runtime["redis_url"] in shown


@pytest.mark.parametrize("words", ["uvicorn", "celery --quiet -A mlconsole worker", "localaws"])
def test_it_starts_a_killed_process_again(console, words):
    before = process_of(console, words)
    os.kill(before, signal.SIGKILL)
    until(lambda: process_of(console, words) not in (None, before), 20, f"{words} again")
    console.wait_ready()


def test_it_hands_out_another_sign_in_link(console):
    link = console.manage("sign_in_link").strip()
    assert link.startswith(f"{console.url}/sign-in/")
    assert link != console.sign_in_link

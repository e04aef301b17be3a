"""Which broker runs on this machine."""

import stat
import subprocess

import pytest

from core.up import valkey
from core.up.errors import UpError


@pytest.fixture
def no_wheel(monkeypatch, tmp_path):
    monkeypatch.setattr(valkey, "_packaged", lambda: tmp_path / "missing")


def test_it_finds_the_server_in_the_wheel():
    found = valkey.binary()
    assert found.parent.parent.name == "_binaries"
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    assert "Valkey server v=" in answer.stdout


def test_it_falls_back_to_one_on_the_path(no_wheel, tmp_path, monkeypatch):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.binary() == program


def test_it_says_what_to_install_when_there_is_none(no_wheel, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UpError, match=r"apt install.*brew install.*REDIS_URL"):
        valkey.binary()


def test_it_writes_the_password_where_only_its_owner_reads(tmp_path):
    command = valkey.command(tmp_path / 'a "b', 4711, "hush")
    configuration = tmp_path / 'a "b' / "valkey" / "valkey.conf"
    assert command[1:] == [str(configuration)]
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o600
    assert "requirepass hush" in configuration.read_text()

"""Outside the local mode the settings refuse to boot on what is unsafe, and say why."""

import os
import subprocess
import sys

import pytest

SAFE = {
    "MLCONSOLE_MODE": "server",
    "SECRET_KEY": "k3yQ-pLw8zXn2vBt6rMd9sHf4gJc7aUe1oIi5-xyTqWmNbVcZlKjHgFd",
    "ALLOWED_HOSTS": "console.example.com",
    "DATABASE_URL": "postgres://console:secret@127.0.0.1:5432/console",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}


def boot(tmp_path, **changes):
    """The last line that importing the settings prints, with this environment."""
    environment = {"PATH": os.environ["PATH"], "MLCONSOLE_DATA_DIR": str(tmp_path)} | SAFE | changes
    environment = {name: value for name, value in environment.items() if value is not None}
    code = "import mlconsole.settings as s; print('booted', s.DEBUG, s.SESSION_COOKIE_SECURE)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).strip().splitlines()[-1]


def test_a_safe_server_boots_with_secure_cookies(tmp_path):
    assert boot(tmp_path) == "booted False True"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"DEBUG": "1"}, "DEBUG must be off"),
        ({"SECRET_KEY": None}, "SECRET_KEY must be at least 50"),
        ({"SECRET_KEY": "changeme" * 3}, "SECRET_KEY must be at least 50"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be at least 50"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name"),
        ({"DATABASE_URL": None}, "DATABASE_URL must name"),
        ({"MLCONSOLE_MODE": "production"}, "must be 'local' or 'server'"),
    ],
)
def test_an_unsafe_server_does_not(tmp_path, change, reason):
    assert reason in boot(tmp_path, **change)


def test_the_local_mode_makes_its_own_secret_and_stays_on_loopback(tmp_path):
    local = dict.fromkeys(SAFE) | {"MLCONSOLE_MODE": "local"}
    assert boot(tmp_path, **local) == "booted False False"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600

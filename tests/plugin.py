"""Loaded before Django's settings: no test sees this machine's data, AWS account or network."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import pytest_socket

from core import local
from core.up import valkey

LOOPBACK = ["127.0.0.1", "::1", "localhost"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATA_DIR = Path(tempfile.mkdtemp(prefix="mlconsole-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)


def find_free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


BROKER_PORT = find_free_port()
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    MLCONSOLE_MODE="local",
    MLCONSOLE_DATA_DIR=str(DATA_DIR),
    REDIS_URL=valkey.url(BROKER_PORT, local.load_secrets(DATA_DIR).valkey_password),
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    NO_PROXY="127.0.0.1,localhost",
    no_proxy="127.0.0.1,localhost",
)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Browser tests last: once begun, Playwright's event loop stays in the process for good.

    With it Django refuses to use the database, and asyncio to run another loop. A wrapper around
    all others, so that nothing reorders the tests after it. Of their files those with the longest
    time-outs come first: one alone at the end would keep the other workers waiting.
    """
    done = yield
    patience = Counter()
    for item in items:
        if marker := item.get_closest_marker("timeout"):
            patience[item.path] = max(patience[item.path], marker.args[0])

    def place(item):
        if item.get_closest_marker("browser") is None:
            return 0, 0
        return 1, -patience[item.path]

    items.sort(key=place)
    return done


@pytest.fixture
def free_port():
    return find_free_port()


@pytest.fixture(scope="session")
def stack():
    """A real Valkey at settings.REDIS_URL, for tests that publish or send tasks."""
    url = os.environ["REDIS_URL"]
    password = local.load_secrets(DATA_DIR).valkey_password
    command = valkey.command(DATA_DIR, BROKER_PORT, password)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 10
        while not valkey.answers(url):
            assert process.poll() is None, "Valkey stopped"
            assert time.monotonic() < deadline, "Valkey did not answer within 10 s"
            time.sleep(0.02)
        yield url
        process.terminate()


@pytest.fixture(scope="session")
def chromium():
    """The path of a browser on this machine; without one the test is skipped, but fails in CI."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if os.environ.get("CI"):
        pytest.fail(f"CI must have a browser: none of {', '.join(BROWSERS)} is on PATH")
    return pytest.skip("no Chromium on PATH: apt install chromium")

"""The locks are complete, hashed and name no server."""

import re

import pytest

from tests.architecture.sources import ROOT

LOCKS = ["run", "test", "tensorflow", "sdk", "sdk3"]


def entries(lock):
    """The requirements of a lock, each with its continuation lines."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", "")
    return [line for line in lines.splitlines() if line and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock):
    assert len(entries(lock)) > 20
    pinned = re.compile(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert not [entry[:80] for entry in entries(lock) if not pinned.match(entry)]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_server(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert "://" not in text
    assert "index-url" not in text


def test_the_tests_run_what_is_shipped():
    tested = {entry.split()[0] for entry in entries("test")}
    assert not {entry.split()[0] for entry in entries("run")} - tested


def test_linux_gets_xgboost_without_cuda():
    markers = {
        entry.split("==")[0]: entry.split(";")[1] for entry in entries("run") if ";" in entry
    }
    assert "linux" in markers["xgboost-cpu"].lower()
    assert "darwin" in markers["xgboost"].lower()
    assert not [entry for entry in entries("run") if entry.startswith("nvidia")]

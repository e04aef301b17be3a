import fcntl
import stat

import pytest

from core import local

PUBLISHED = local.Runtime(
    pid=7,
    web_url="http://127.0.0.1:8000",
    redis_url="redis://:x@127.0.0.1:1/0",
    aws_endpoint_url="http://127.0.0.1:2",
    aws_access_key_id="AKIDLOCAL",
    aws_secret_access_key="hush",
    aws_region="us-east-1",
)


@pytest.fixture
def running(tmp_path):
    """A data directory whose lock somebody holds, as a running `up` does."""
    with (tmp_path / local.LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        local.publish_runtime(tmp_path, PUBLISHED)
        yield tmp_path


def test_it_finds_what_a_running_up_published(running):
    assert local.runtime(running) == PUBLISHED
    assert stat.S_IMODE((running / "runtime.json").stat().st_mode) == 0o600


def test_it_finds_nothing_once_withdrawn(running):
    local.withdraw_runtime(running)
    assert local.runtime(running) is None


def test_it_ignores_what_a_killed_up_left_behind(tmp_path):
    local.publish_runtime(tmp_path, PUBLISHED)
    (tmp_path / local.LOCK_FILE).touch()
    assert local.runtime(tmp_path) is None


def test_it_points_aws_clients_at_localaws():
    environ = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "t", "NO_PROXY": "corp.example"}
    local.export(PUBLISHED, environ)
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:2"
    assert environ["AWS_ACCESS_KEY_ID"] == "AKIDLOCAL"
    assert environ["NO_PROXY"] == "corp.example,127.0.0.1,localhost"
    assert not environ.keys() & {"AWS_PROFILE", "AWS_SESSION_TOKEN"}


def test_it_leaves_an_endpoint_that_the_environment_names():
    environ = {"AWS_ENDPOINT_URL": "https://elsewhere.example"}
    local.export(PUBLISHED, environ)
    assert environ == {"AWS_ENDPOINT_URL": "https://elsewhere.example"}


@pytest.mark.parametrize("arguments", [["up", "--data-dir", "here"], ["up", "--data-dir=here"]])
def test_it_lets_the_command_line_choose_the_data_directory(arguments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLCONSOLE_DATA_DIR", "elsewhere")
    local.choose_data_dir(arguments)
    assert local.os.environ["MLCONSOLE_DATA_DIR"] == str(tmp_path / "here")

"""A notebook: this process, with the environment that `notebook-env` prints.

Runs in .venv-sdk by `make test-sdk`; elsewhere, without the SDK, nothing here is collected.
"""

import importlib.util
import os
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tests

# A dependency of the SDK installs a package of this name over ours.
tests.__path__[:] = [str(Path(__file__).parents[1])]

from tests.localaws.conftest import ROOT, LocalAws  # noqa: E402  only now it is found

collect_ignore_glob = [] if importlib.util.find_spec("sagemaker") else ["test_*.py"]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    service = LocalAws(tmp_path_factory.mktemp("localaws") / "data", "--allow-scripts")
    yield service
    service.stop()


def exports(service: LocalAws) -> dict[str, str]:
    """What a shell has after `eval "$(python -m localaws notebook-env ...)"`."""
    command = [sys.executable, "-m", "localaws", "notebook-env", "--port", str(service.port)]
    printed = subprocess.run(
        [*command, "--data", str(service.data)], cwd=ROOT, check=True, capture_output=True
    )
    lines = [shlex.split(line)[1] for line in printed.stdout.decode().splitlines()]
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture(scope="session")
def notebook(service: LocalAws) -> dict[str, str]:
    """The exports, in force here; Python reads sitecustomize at its start, so here by hand."""
    assert "sagemaker" not in sys.modules
    given = exports(service)
    os.environ.update(given, SAGEMAKER_SUPPRESS_V2_WARNING="1")
    runpy.run_path(str(Path(given["PYTHONPATH"].split(os.pathsep)[0]) / "sitecustomize.py"))
    return given


@pytest.fixture
def session(notebook: dict[str, str]) -> Iterator[Any]:
    """A sagemaker.Session; the endpoints that a test leaves are deleted: each is a process."""
    import sagemaker

    session = sagemaker.Session()
    session.default_bucket()
    yield session
    for endpoint in session.sagemaker_client.list_endpoints()["Endpoints"]:
        if endpoint["EndpointStatus"] != "Deleting":
            session.delete_endpoint(endpoint["EndpointName"])

"""A notebook with version 3 of the SDK: this process, with what `notebook-env` prints.

Runs in .venv-sdk3 by `make test-sdk`; elsewhere, without that version, nothing here is collected.
localaws runs in .venv-sdk, as for the notebooks of version 2.
"""

import importlib.util
import os
import runpy
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import tests

# A dependency of the SDK installs a package of this name over ours.
tests.__path__[:] = [str(Path(__file__).parents[1])]

from tests.localaws.conftest import ROOT, LocalAws  # noqa: E402  only now it is found


def _has_version_3() -> bool:
    """Version 2 knows no `sagemaker.train`."""
    return bool(importlib.util.find_spec("sagemaker")) and bool(
        importlib.util.find_spec("sagemaker.train")
    )


collect_ignore_glob = [] if _has_version_3() else ["test_*.py"]


class Elsewhere(LocalAws):
    """localaws in the environment that has its frameworks."""

    python = str(ROOT / ".venv-sdk" / "bin" / "python")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    service = Elsewhere(tmp_path_factory.mktemp("localaws") / "data")
    yield service
    service.stop()


@pytest.fixture(scope="session")
def notebook(service: LocalAws) -> dict[str, str]:
    """The exports, in force here; Python reads sitecustomize at its start, so here by hand."""
    command = [service.python, "-m", "localaws", "notebook-env", "--port", str(service.port)]
    printed = subprocess.run(
        [*command, "--data", str(service.data)], cwd=ROOT, check=True, capture_output=True
    )
    lines = [shlex.split(line)[1] for line in printed.stdout.decode().splitlines()]
    given = dict(line.split("=", 1) for line in lines)
    os.environ.update(given)
    runpy.run_path(str(Path(given["PYTHONPATH"].split(os.pathsep)[0]) / "sitecustomize.py"))
    return given

"""`make extras`: what the installer says before a large download, and what it refuses."""

import json
import subprocess
import sys

from tests.architecture.sources import ROOT

INSTALLER = ["sh", "requirements/install"]
CHECKSUM = ["cksum"]


def said(packages):
    """What is said about a report of pip's that names these files."""
    items = [
        {"metadata": {"name": name}, "download_info": {"url": url}}
        for name, url in packages.items()
    ]
    done = subprocess.run(
        [sys.executable, "requirements/download_size.py"],
        cwd=ROOT,
        input=json.dumps({"install": items}),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def test_files_at_hand_cost_nothing():
    answer = said({"torch": "file:///wheels/torch.whl", "sympy": "file:///wheels/sympy.whl"})
    assert answer == "Packages to install: 2; to download: 0 MB.\n"


def test_it_advises_against_cuda():
    answer = said({"torch": "file:///torch.whl", "nvidia-cublas": "file:///cublas.whl"})
    assert "PyTorch with CUDA, which localaws does not use" in answer
    assert "PIP_EXTRA_INDEX_URL" in answer


def test_a_server_that_does_not_answer_stops_nothing():
    answer = said({"torch": "https://127.0.0.1:9/torch.whl"})
    assert answer == "Packages to install: 1; to download: an unknown number of MB.\n"


def test_there_is_no_other_extra(tmp_path):
    done = subprocess.run(
        [*INSTALLER, "keras", str(tmp_path / "venv")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr == "There is nothing to install of the name keras.\n"
    assert not (tmp_path / "venv").exists()


def test_what_is_installed_is_left_alone(tmp_path):
    """Offline and at once: the stamp says that this very lock is in the environment."""
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    lock = (ROOT / "requirements" / "pytorch.txt").read_bytes()
    stamp = subprocess.run(CHECKSUM, input=lock, capture_output=True, check=True).stdout
    (venv / "installed-pytorch").write_bytes(stamp)
    done = subprocess.run(
        [*INSTALLER, "pytorch", str(venv)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

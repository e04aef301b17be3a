"""The tutorials' way, with the SageMaker SDK in its own environment."""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-sdk" / "bin" / "python"
MISSING = {"sdk": "not installed: make test-sdk"}


def run(code: str, *arguments: str | Path) -> dict[str, Any]:
    """What `code` prints last, as JSON; {} where the SDK is not installed."""
    if not PYTHON.exists():
        return {}
    command = [PYTHON, "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=600
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found

"""`python -m localaws.algorithms.scripts.processing train`: the command of a processing job.

A processing container has no verbs: its entrypoint and arguments are in processingjobconfig.json.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from localaws.algorithms import container

log = logging.getLogger(__name__)

_PYTHONS = {"python", "python3"}
_TAIL_LINES = 15


def _process(job: container.Container) -> None:
    """Raises UserError without such a program, and SystemExit with the command's exit code."""
    given = json.loads((job.base / "config" / "processingjobconfig.json").read_text())
    command = _command(given["AppSpecification"])
    # For the script, which has the same process group: this waits for its end.
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    log.info("Running %s", shlex.join(command))
    try:
        script = subprocess.Popen(
            command,
            cwd=job.base / "processing",
            env=_environment(given.get("Environment", {})),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise container.UserError(f"Cannot run {command[0]}: {error}") from error
    if told:  # before the script was there to hear it
        script.terminate()
    assert script.stderr is not None  # noqa: S101  it is a pipe
    said = _echoed(script.stderr)
    if status := script.wait():
        job.failure.write_text(said.strip() or "See job logs for more information")
        sys.exit(status if status > 0 else 128 - status)


def _command(given: Mapping[str, Any]) -> list[str]:
    """Wherever Python is in an image, here it is this one."""
    entry: list[str] = given["ContainerEntrypoint"]
    arguments: list[str] = given.get("ContainerArguments", [])
    program = sys.executable if Path(entry[0]).name in _PYTHONS else entry[0]
    return [program, *entry[1:], *arguments]


def _environment(asked: Mapping[str, str]) -> dict[str, str]:
    """Without what only concerns localaws; shell scripts find this Python first."""
    ours = {"PYTHONPATH", "PYTHONWARNINGS", "LOCALAWS_WATCH_STDIN"}
    found = {name: value for name, value in os.environ.items() if name not in ours}
    path = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", os.defpath)])
    return found | {"PATH": path, "PYTHONUNBUFFERED": "1"} | dict(asked)


def _echoed(stream: IO[bytes]) -> str:
    """Copy stderr into the log as it comes; its last lines."""
    kept: deque[str] = deque(maxlen=_TAIL_LINES)
    for line in stream:
        text = line.decode("utf-8", "replace")
        sys.stdout.write(text)
        sys.stdout.flush()
        kept.append(text)
    return "".join(kept)


def _serve(_: container.Container) -> None:
    raise SystemExit("A processing job serves nothing.")


if __name__ == "__main__":
    container.main(_process, _serve)

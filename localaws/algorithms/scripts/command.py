"""`python -m localaws.algorithms.scripts.command train`: a training job with an entrypoint.

Its command is in command.json; a processing job's is in processingjobconfig.json.
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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from localaws.algorithms import container

log = logging.getLogger(__name__)

_PYTHONS = {"python", "python3"}
_TAIL_LINES = 15


def run(
    job: container.Container, command: Sequence[str], folder: Path, asked: Mapping[str, str]
) -> None:
    """Run `command` in `folder`, with `asked` over the environment of this process.

    Raises UserError without such a program, and SystemExit with the command's exit code.
    """
    # Wherever Python is in an image, here it is this one.
    program = sys.executable if Path(command[0]).name in _PYTHONS else command[0]
    # For the script, which has the same process group: this waits for its end.
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    log.info("Running %s", shlex.join([program, *command[1:]]))
    try:
        script = subprocess.Popen(
            [program, *command[1:]],
            cwd=folder,
            env=_environment(asked),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise container.UserError(f"Cannot run {program}: {error}") from error
    if told:  # before the script was there to hear it
        script.terminate()
    assert script.stderr is not None  # noqa: S101  it is a pipe
    said = _echoed(script.stderr)
    if status := script.wait():
        if not job.failure.is_file():
            job.failure.write_text(said.strip() or "See job logs for more information")
        sys.exit(status if status > 0 else 128 - status)


def _environment(asked: Mapping[str, str]) -> dict[str, str]:
    """Without what only concerns localaws. Shell scripts find this Python first, and a pip that
    installs nothing: the environment is that of localaws itself.
    """
    ours = {"PYTHONPATH", "PYTHONWARNINGS", "LOCALAWS_WATCH_STDIN", "PIP_FIND_LINKS"}
    found = {name: value for name, value in os.environ.items() if name not in ours}
    path = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", os.defpath)])
    fixed = {"PYTHONUNBUFFERED": "1", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    return found | {"PATH": path} | fixed | dict(asked)


def _echoed(stream: IO[bytes]) -> str:
    """Copy stderr into the log as it comes; its last lines."""
    kept: deque[str] = deque(maxlen=_TAIL_LINES)
    for line in stream:
        text = line.decode("utf-8", "replace")
        sys.stdout.write(text)
        sys.stdout.flush()
        kept.append(text)
    return "".join(kept)


def _train(job: container.Container) -> None:
    command: list[str] = json.loads((job.base / "command.json").read_text())
    run(job, command, job.base, {})


def _serve(_: container.Container) -> None:
    raise SystemExit("An entrypoint serves nothing.")


if __name__ == "__main__":
    container.main(_train, _serve)

"""`train` of a script-mode container: run the script and hand its end on."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

from localaws.algorithms.container import Container, UserError
from localaws.algorithms.scripts import environment, request, requirements

log = logging.getLogger(__name__)

# The service keeps 1,024 characters of a failure; the command stands after the message.
_MESSAGE = 600


def trainer(framework: str) -> Callable[[Container], None]:
    """The program for `container.main`; `framework` is the name of the toolkit's own module."""

    def train(job: Container) -> None:
        """Raises UserError, and SystemExit with the script's own exit code when it fails."""
        code, program = job.base / "code", _program(job)
        if not (code / program).is_file():
            raise UserError(f"The code holds no {program}, which {request.PROGRAM} names.")
        requirements.check(code)
        own, _ = request.split(request.decoded(job.hyperparameters()))
        command = [*_interpreter(code, program), *request.arguments(own)]
        _run(job, command, environment.variables(job, code, program, framework))

    return train


def _program(job: Container) -> str:
    """Raises UserError when there is none, or it is outside the code directory."""
    values = request.decoded(job.hyperparameters())
    program = values.get(request.PROGRAM)
    if not isinstance(program, str) or not program:
        raise UserError(
            f"This image runs a script: the hyperparameter {request.PROGRAM} must name it, and "
            f"{request.SUBMIT_DIRECTORY} the archive that holds it."
        )
    if Path(program).is_absolute() or ".." in Path(program).parts:
        raise UserError(f"{request.PROGRAM} {program} leaves the code directory.")
    return program


def _interpreter(code: Path, program: str) -> list[str]:
    if not program.endswith(".py"):
        return ["/bin/sh", f"./{program}"]
    if (code / "setup.py").is_file():
        return [sys.executable, "-m", program.removesuffix(".py").replace("/", ".")]
    return [sys.executable, program]


def _run(job: Container, command: list[str], variables: dict[str, str]) -> None:
    """SIGTERM is for the script, which has the same process group: this waits for its end."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    code = job.base / "code"
    log.info("Invoking user script: %s", shlex.join(command))
    hidden = {"PYTHONPATH": str(code), "SAGEMAKER_BASE_DIR": str(job.base)}
    script = subprocess.Popen(
        command,
        cwd=code,
        env=os.environ | variables | hidden,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert script.stderr is not None  # noqa: S101  it is a pipe
    said = _echoed(script.stderr)
    status = script.wait()
    if status:
        status = status if status > 0 else 128 - status
        job.failure.write_text(_reason(status, said, command))
        sys.exit(status)


def _echoed(stream: IO[bytes]) -> str:
    """Copy stderr into the log as it comes; its last lines."""
    kept: deque[str] = deque(maxlen=50)
    for line in stream:
        text = line.decode("utf-8", "replace")
        sys.stdout.write(text)
        sys.stdout.flush()
        kept.append(text)
    return "".join(kept)


def _reason(status: int, said: str, command: list[str]) -> str:
    """In the toolkit's form. Of a long message the end is kept: that is where the error stands."""
    message = said.strip()
    if len(message) > _MESSAGE:
        message = message[-_MESSAGE:].partition("\n")[2] or message[-_MESSAGE:]
    return (
        f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{message}"\n'
        f'Command "{" ".join(command)}"'
    )

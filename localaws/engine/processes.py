"""Child processes: own group, capped threads, dead when localaws is dead."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import localaws

_KEPT = re.compile(r"(PATH|HOME|TMPDIR|LANG|VIRTUAL_ENV|(LD|DYLD)_.*|COVERAGE_.*)$")
ROOT = Path(localaws.__file__).parent.parent
_OURS = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "LOCALAWS_WATCH_STDIN": "1"}
_LONGEST_LINE = 1 << 18  # as much as CloudWatch takes in one event


def cores() -> int:
    """Those this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spawn(
    module: str, verb: str, *, base: Path, environment: Mapping[str, str], fds: tuple[int, ...] = ()
) -> subprocess.Popen[bytes]:
    """Start `python -m module verb` over the /opt/ml look-alike `base`.

    stdout and stderr come as one pipe. The child watches its stdin, which only we hold open: it
    ends with us even when we are killed with SIGKILL.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-u", "-m", module, verb],
        cwd=base,
        env=_inherited() | dict(environment) | _OURS | {"SAGEMAKER_BASE_DIR": str(base)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=fds,
    )


def _inherited() -> dict[str, str]:
    """Of our own environment only what finds programs and libraries."""
    return {name: value for name, value in os.environ.items() if _KEPT.match(name)}


def threads(count: int) -> dict[str, str]:
    """More OpenMP threads than cores made XGBoost four times slower, measured."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return dict.fromkeys(names, str(count))


def lines(process: subprocess.Popen[bytes], *, tick: float) -> Iterator[str | None]:
    """Lines as they come, and None after `tick` seconds without one; ends with the process."""
    assert process.stdout is not None  # noqa: S101  spawn always pipes it
    fd, rest = process.stdout.fileno(), b""
    while True:
        ready, _, _ = select.select([fd], [], [], tick)
        if not ready:
            if process.poll() is not None:
                break
            yield None
            continue
        block = os.read(fd, 1 << 16)
        if not block:
            break
        *whole, rest = (rest + block).split(b"\n")
        if len(rest) > _LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
    if rest:
        yield rest.decode("utf-8", "replace")


def send(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """To the whole group; nothing happens when it is gone."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return


def end(process: subprocess.Popen[bytes], *, grace: float) -> None:
    """SIGTERM, and SIGKILL after `grace` seconds. Returns when the process is gone."""
    send(process, signal.SIGTERM)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        send(process, signal.SIGKILL)
        process.wait()

"""Runs one command and leaves nothing of it behind: `python guard.py PIPE LOCK COMMAND...`.

PIPE is the read end of a pipe whose other end only `up` holds. End of file there means that `up`
asks for an immediate end or is itself gone, SIGKILL included. The command, and everything it
started, in whatever process group, is then killed. The same happens to what a command leaves
behind when it ends by itself. SIGTERM is passed on to the command alone, as a polite request.

LOCK is the lock of the data directory, held until nothing of the command is left.

Standard library only, and little of it: one guard runs beside every process of the console.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
KILL_SECONDS = 5.0


def main() -> int:
    pipe, lock, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    for descriptor in (pipe, lock):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the system call takes no keyword
    adopt_orphans()
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        run(command)
    wakeup, wakeup_writer = os.pipe()
    os.set_blocking(wakeup_writer, False)
    signal.set_wakeup_fd(wakeup_writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: terminate(child))
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(ignored, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    code = wait(child, pipe, wakeup)
    kill_descendants()
    return code


def run(command: list[str]) -> None:
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is up's own, no shell involved
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]}: {error.strerror}\n")
        sys.stderr.flush()
    os._exit(127)


def wait(child: int, pipe: int, wakeup: int) -> int:
    """Return the command's exit code, or 137 as soon as `up` is gone."""
    while True:
        code = reap(child)
        if code is not None:
            return code
        ready, _, _ = select.select([pipe, wakeup], [], [])
        if wakeup in ready:
            os.read(wakeup, 4096)
        if pipe in ready:
            return 137


def reap(child: int) -> int | None:
    """Collect whatever has ended, adopted orphans too; the code of `child` if it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
    return None if code is None else code if code >= 0 else 128 - code


def terminate(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)


def kill_descendants() -> None:
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline:
        pids = descendants(os.getpid())
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
        reap(0)


def descendants(root: int) -> list[int]:
    children = defaultdict(list)
    for pid, parent in process_table():
        children[parent].append(pid)
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children[waiting.pop()]
        found += below
        waiting += below
    return found


def process_table() -> Iterator[tuple[int, int]]:
    """Yield (pid, parent's pid) of every process of the machine."""
    if Path("/proc/self/stat").exists():
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    # The command's name, in parentheses, may itself contain parentheses.
                    yield (
                        int(entry.name),
                        int((entry / "stat").read_text().split(")")[-1].split()[1]),
                    )
        return
    import subprocess

    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    for line in listing.stdout.splitlines():
        pid, parent = line.split()
        yield int(pid), int(parent)


def adopt_orphans() -> None:
    """On Linux, become the parent of whatever the command's processes leave behind."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())

"""Nothing that a guarded command started outlives `up`, in whatever process group it runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.up.child import GUARD
from tests.tooling.processes import is_alive, tree, until

# A command with a grandchild in its own session, as localaws starts its trainers.
FAMILY = """
import signal, subprocess, sys, time
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(sleep, start_new_session=True)
print(child.pid, flush=True)
{then}
"""


@pytest.fixture
def leash():
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            continue


def command_line(pipe):
    return [sys.executable, "-I", "-S", str(GUARD), str(pipe), str(pipe)]


def guarded(leash, then):
    read, _ = leash
    return subprocess.Popen(
        [*command_line(read), sys.executable, "-c", FAMILY.format(then=then)],
        pass_fds=(read,),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def grandchild_of(process):
    return int(process.stdout.readline())


def test_it_kills_the_whole_tree_when_the_pipe_closes(leash):
    with guarded(leash, "time.sleep(60)") as process:
        grandchild = grandchild_of(process)
        family = tree(process.pid)
        assert grandchild in family
        assert len(family) == 2
        os.close(leash[1])
        assert process.wait(5) == 137
        assert not [pid for pid in family if is_alive(pid)]


def test_it_kills_what_a_command_leaves_behind(leash):
    with guarded(leash, "sys.exit(3)") as process:
        grandchild = grandchild_of(process)
        assert process.wait(5) == 3
        assert not is_alive(grandchild)


def test_it_kills_what_a_killed_command_leaves_behind(leash):
    with guarded(leash, "time.sleep(60)") as process:
        grandchild = grandchild_of(process)
        command = next(pid for pid in tree(process.pid) if pid != grandchild)
        os.kill(command, signal.SIGKILL)
        assert process.wait(5) == 128 + signal.SIGKILL
        assert not is_alive(grandchild)


def test_it_passes_a_polite_request_to_the_command_alone(leash):
    polite = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(child.poll() is None and 7))"
    with guarded(leash, f"{polite}\nprint('ready', flush=True)\ntime.sleep(60)") as process:
        grandchild_of(process)
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.wait(5) == 7


def test_it_says_why_a_command_cannot_run(leash):
    read, _ = leash
    result = subprocess.run(
        [*command_line(read), "/no/such/program"],
        pass_fds=(read,),
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert result.returncode == 127
    assert "cannot run /no/such/program: No such file" in result.stderr


def test_it_ends_with_a_killed_supervisor(tmp_path):
    root = Path(__file__).parents[2]
    script = f"""
import sys, time
sys.path.insert(0, {str(root)!r})
from core.up.child import Child
from core.up.console import Console
lock = open({str(tmp_path / "lock")!r}, "w")
child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], {{}})
child.start(Console(sys.stderr), lock.fileno())
print("started", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as supervisor:
        supervisor.stdout.readline()
        until(lambda: len(tree(supervisor.pid)) == 2, 5, "guard and command")
        family = tree(supervisor.pid)
        supervisor.kill()
        until(lambda: not any(map(is_alive, family)), 5, "everything gone")

import io
import sys
import time

import pytest

from core.up.child import Child
from core.up.console import Console
from core.up.errors import UpError
from core.up.supervisor import Supervisor
from tests.tooling.processes import until

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)\n" + (
    "while True: time.sleep(1)"
)


@pytest.fixture
def output():
    return io.StringIO()


@pytest.fixture
def supervisor(tmp_path, output):
    with (tmp_path / "lock").open("w") as lock:
        supervisor = Supervisor(Console(output), lock.fileno())
        yield supervisor
        supervisor.stop()


def python(name, code, **options):
    return Child(name, [sys.executable, "-c", code], {}, **options)


def test_it_starts_a_dead_child_again_with_doubling_delays(supervisor, output):
    child = python("web", "raise SystemExit(3)")
    supervisor.start(child)
    clock = time.monotonic()
    for starts in (2, 3, 4):
        until(lambda: child.exit_code is not None, 5, "the child ends")
        supervisor.revive(clock)
        supervisor.revive(clock + 60)
        assert child.starts == starts
    assert "web stopped with code 3; starting it again in 0.5 s" in output.getvalue()
    assert "in 1 s" in output.getvalue()
    assert "in 2 s" in output.getvalue()


def test_it_waits_out_the_delay(supervisor):
    child = python("web", "raise SystemExit(3)")
    supervisor.start(child)
    until(lambda: child.exit_code is not None, 5, "the child ends")
    supervisor.revive(100.0)
    supervisor.revive(100.4)
    assert child.starts == 1
    supervisor.revive(100.6)
    assert child.starts == 2


def test_it_never_waits_longer_than_half_a_minute():
    child = python("web", "")
    child._started = time.monotonic()
    assert [child.next_delay() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_it_forgives_a_child_that_ran_steadily():
    child = python("web", "")
    child._started = time.monotonic()
    child.next_delay()
    child._started = time.monotonic() - 31
    assert child.next_delay() == 0.5


def test_it_lets_a_one_off_end(supervisor, output):
    child = python("sample", "print('done')", once=True)
    supervisor.start(python("web", SLEEP))
    supervisor.join(child)
    until(lambda: child.exit_code is not None, 5, "the child ends")
    supervisor.revive(time.monotonic())
    supervisor.revive(time.monotonic() + 60)
    assert child.starts == 1
    assert output.getvalue() == "sample   | done\n"


def test_it_refuses_to_go_on_without_a_child_that_died(supervisor):
    child = python("valkey", "print('no room', flush=True); raise SystemExit(1)")
    supervisor.start(child)
    with pytest.raises(UpError, match="valkey stopped with code 1"):
        supervisor.wait_for(child, lambda: False, 10)


def test_it_refuses_to_wait_for_ever(supervisor):
    child = python("valkey", SLEEP)
    supervisor.start(child)
    with pytest.raises(UpError, match="did not answer"):
        supervisor.wait_for(child, lambda: False, 0.1)


def test_it_stops_stages_in_reverse_order(supervisor, tmp_path):
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    with open({path!r}, 'a') as file: file.write({name!r} + '\\n')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "open({ready!r}, 'w').close()\n"
        "time.sleep(60)"
    )
    order = tmp_path / "order"
    for name in ("valkey", "localaws", "web"):
        ready = tmp_path / name
        supervisor.start(python(name, code.format(path=str(order), name=name, ready=str(ready))))
        until(ready.exists, 5, name)
    supervisor.stop()
    assert order.read_text().split() == ["web", "localaws", "valkey"]


def test_it_kills_within_five_seconds_what_does_not_end(supervisor, output):
    for name in ("valkey", "localaws", "web"):
        supervisor.start(python(name, STUBBORN))
    until(lambda: output.getvalue().count("| up") == 3, 5, "all started")
    started = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - started < 5

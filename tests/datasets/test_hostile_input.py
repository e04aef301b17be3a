"""Files that are made to hurt, through the real door: what comes of them, in what time and memory.

The processor time of web and workers is measured, not the clock: other tests run beside this one.
"""

import base64
import json
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from datasets.formats import sniff
from tests.datasets import hostile

pytestmark = pytest.mark.slow

SECONDS = 5
GROWTH = 256 * 2**20

REFUSED = {
    "nested zip": (hostile.nested_zip, "The file is compressed twice."),
    "a zip of empty files": (hostile.many_zipped, "The file is empty."),
    "a million columns": (partial(hostile.wide, 1_000_000), "columns; at most 2,000 are possible"),
    "NULs": (b"a,b\n1,2\n3,\0\n" + b"4,5\n" * 9, "Line 3 contains a NUL byte"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), "encoded as UTF-16"),
    "a name twice": (b"a,b,a\n1,2,3\n", "Line 1: columns 1 and 3 are both named “a”"),
}
FAILED = {
    "gzip 1000:1": (hostile.gzip_bomb, "unpacks to more than 100 times its size"),
    "a zip of 30,000 files": (partial(hostile.many_zipped, b"a,b\n1,2\n"), "holds too many files"),
    "zip bomb": (hostile.zip_bomb, "unpacks to more than 100 times its size"),
    "ragged rows": (b"a,b,c\n1,2,3\n4,5\n", "Line 3 has 2 fields; expected 3."),
}
READY = {
    "mixed line ends": (hostile.mixed_line_ends, 4),
    "a mark of the byte order": ("\ufeffa,b\n1,ü\n".encode(), 1),
    "labels that are floats": (partial(hostile.float_labels, 1_000), 1_000),
    "100,000 classes": (partial(hostile.classes, 100_000), 100_000),
    "a column without values": (b"a,b,c\n" + b"1,,x\n2,,y\n" * 50, 100),
    "formulas": (b"name,n\n\"=cmd|' /C calc'!A0\",1\n@SUM(A1),2\n-2+3,3\n", 3),
}


@pytest.fixture(scope="module")
def watched(console):
    """The console's web and worker processes once they did what every upload makes them do."""
    for number in range(6):
        console.dataset(f"warm{number}.csv", b"a,b,c\n" + b"1,x,2.5\n2,y,3.5\n" * 100)
    return Watched(console)


class Watched:
    """Time and memory of the processes that a file passes through."""

    def __init__(self, console) -> None:
        found = [psutil.Process(pid) for pid in console.up.family()]
        self.processes = [one for one in found if _is_ours(one)]
        assert len(self.processes) >= 3
        # Children are started before they have imported what the work needs.
        self.before = {True: 0, False: 0}
        for one in self.processes:
            kind = _is_worker(one)
            self.before[kind] = max(self.before[kind], one.memory_info().rss)

    def start(self) -> None:
        self.spent = self._seconds()
        for one in self.processes:
            Path(f"/proc/{one.pid}/clear_refs").write_text("5")  # forget the peak so far

    def check(self) -> None:
        assert self._seconds() - self.spent < SECONDS
        for one in self.processes:
            assert _peak(one.pid) - self.before[_is_worker(one)] < GROWTH, one.cmdline()

    def _seconds(self) -> float:
        times = [one.cpu_times() for one in self.processes]
        return sum(one.user + one.system for one in times)


def _is_worker(process) -> bool:
    return "celery" in " ".join(process.cmdline())


def _is_ours(process) -> bool:
    line = " ".join(process.cmdline())
    return ("uvicorn" in line or " worker" in line) and "guard" not in line


def _peak(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def send(console, name, content):
    url = f"{console.up.url}/api/v1/datasets"
    made = content if isinstance(content, bytes) else content()
    return console.http.post(url, files={"file": (name, made)}, timeout=120)


def ended(console, made):
    """The dataset when the worker is done with it."""
    deadline = time.monotonic() + 120
    while True:
        found = console.call("GET", f"/datasets/{made['id']}")
        if found["status"] in ("Ready", "Failed"):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses_at_the_door_and_keeps_nothing(console, watched, case):
    content, text = REFUSED[case]
    before = console.call("GET", "/datasets?versions=all")["total"]
    watched.start()
    answer = send(console, "t.csv", content)
    assert answer.status_code == 422
    assert text in answer.json()["error"]["message"]
    watched.check()
    assert console.call("GET", "/datasets?versions=all")["total"] == before


def test_it_refuses_a_line_of_2_gb_by_its_beginning(console, watched):
    watched.start()
    line = b"x" * sniff.HEAD_BYTES
    wish = {"filename": "t.csv", "bytes": 2 * hostile.GIB}
    announced = wish | {"head": base64.b64encode(line).decode()}
    refused = console.http.post(f"{console.up.url}/api/v1/uploads", json=announced, timeout=60)
    assert refused.status_code == 422
    assert "Line 1 is longer than" in refused.json()["error"]["message"]

    begun = console.call("POST", "/uploads", json=wish)
    part = f"{console.up.url}/api/v1/uploads/{begun['id']}/parts/1"
    refused = console.http.put(part, data=b"x" * begun["part_bytes"], timeout=60)
    assert refused.status_code == 422
    assert "Line 1 is longer than" in refused.json()["error"]["message"]
    watched.check()
    gone = console.http.get(f"{console.up.url}/api/v1/datasets/{begun['id']}", timeout=60)
    assert gone.status_code == 404


def test_it_stops_in_a_line_of_2_gb_further_down():
    command = [sys.executable, "-m", "tests.datasets.hostile"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(run.stdout)
    assert "Line 3 is longer than 1,048,576 characters" in found["problem"]
    assert found["seconds"] < SECONDS
    assert found["grown"] < GROWTH


@pytest.mark.parametrize("case", FAILED)
def test_it_fails_with_the_place_and_shows_no_half_of_it(console, watched, case):
    content, text = FAILED[case]
    watched.start()
    answer = send(console, "t.csv", content)
    assert answer.status_code == 201
    found = ended(console, answer.json())
    watched.check()
    assert found["status"] == "Failed"
    assert text in found["failure_reason"]
    assert (found["rows"], found["columns"], found["preview"]) == (None, [], {})


@pytest.mark.parametrize("case", READY)
def test_it_is_read_as_it_is(console, watched, case):
    content, rows = READY[case]
    watched.start()
    found = ended(console, send(console, "t.csv", content).json())
    watched.check()
    assert (found["status"], found["failure_reason"]) == ("Ready", "")
    assert found["rows"] == rows
    if case == "formulas":
        assert [row[0] for row in found["preview"]["rows"]][1:] == ["@SUM(A1)", "-2+3"]
    if case == "a mark of the byte order":
        assert found["preview"] == {"columns": ["a", "b"], "rows": [["1", "ü"]]}
    if case == "a column without values":
        assert found["columns"][1]["missing"] == 100


PREPARED = {
    # case, target -> the task, or what is wrong with the target
    ("labels that are floats", "label"): "regression",
    ("100,000 classes", "label"): "more than 10,000 different texts; at most 1,000 classes",
    ("a column without values", "c"): "binary",
    ("a column without values", "b"): "100 of 100 rows have no value here",
}


@pytest.mark.parametrize(("case", "target"), PREPARED)
def test_it_prepares_or_says_at_the_target_why_not(console, watched, case, target):
    dataset = ended(console, send(console, "t.csv", READY[case][0]).json())
    url = f"{console.up.url}/api/v1/datasets/{dataset['id']}/preparations"
    watched.start()
    answer = console.http.post(url, json={"target": target}, timeout=120).json()
    if "error" in answer:
        assert PREPARED[case, target] in answer["error"]["fields"]["target"][0]
    else:
        found = console.wait(f"/preparations/{answer['id']}", "Ready")
        assert found["task"] == PREPARED[case, target]
        assert "b" not in found["features"]
    watched.check()

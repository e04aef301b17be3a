"""A 500 MB CSV through the API: speed, and how much the web process grows by it."""

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.console import Console

MEGABYTES = 500
LINE_COUNT = 20_000
BOUNDARY = "bench-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class Growth(threading.Thread):
    """Samples the resident memory of processes, of all together, while it is entered."""

    def __init__(self, *processes: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.processes = processes
        self.before = self.peak = self.now()
        self.done = threading.Event()

    def __enter__(self) -> "Growth":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()

    @property
    def megabytes(self) -> float:
        return round((self.peak - self.before) / 1e6, 1)

    def now(self) -> int:
        return sum(process.memory_info().rss for process in self.processes)

    def run(self) -> None:
        while not self.done.wait(0.02):
            self.peak = max(self.peak, self.now())


def measure(console: Console) -> list[dict[str, object]]:
    path = console.up.data_dir.with_name("big.form")
    size = write_form(path, MEGABYTES * 1024 * 1024)
    started = time.monotonic()
    with Growth(web_process(console)) as growth, path.open("rb") as body:
        made = console.call("POST", "/datasets", data=body, headers={"Content-Type": CONTENT_TYPE})
    seconds = time.monotonic() - started
    ready = console.wait(f"/datasets/{made['id']}", "Ready")
    profiled = time.monotonic() - started - seconds
    path.unlink()
    return [
        {"figure": "upload", "unit": "MB/s", "value": round(size / 1e6 / seconds, 1)},
        {
            "figure": "upload_web_rss_growth",
            "unit": "MB",
            "value": growth.megabytes,
            "limit": 100,
        },
        {
            "figure": "upload_profile",
            "unit": "s",
            "value": round(profiled, 1),
            "rows": ready["rows"],
        },
    ]


def web_process(console: Console) -> psutil.Process:
    for pid in console.up.family():
        process = psutil.Process(pid)
        if process.cmdline()[1:3] == ["-m", "uvicorn"]:  # not the guard that started it
            return process
    raise RuntimeError("The web process was not found.")


def table(size: int) -> Iterator[bytes]:
    """A CSV of about `size` bytes, some lines at a time."""
    random.seed(0)
    lines = "".join(
        ",".join(f"{random.gauss(0, 1):.6f}" for _ in range(19)) + f",{number % 2}\n"
        for number in range(LINE_COUNT)
    ).encode()
    yield (",".join(f"x{n}" for n in range(19)) + ",y\n").encode()
    for _ in range(-(-size // len(lines))):
        yield lines


def write_form(path: Path, size: int) -> int:
    """A multipart form with a name and a CSV of about `size` bytes; the form's exact size."""
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    head = f'{part}name="name"\r\n\r\nbig\r\n{part}name="file"; filename="big.csv"\r\n\r\n'
    with path.open("wb") as file:
        file.write(head.encode())
        for lines in table(size):
            file.write(lines)
        file.write(f"\r\n--{BOUNDARY}--\r\n".encode())
        return file.tell()

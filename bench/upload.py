"""A 500 MB CSV through the API: speed, and how much the web process grows by it."""

import random
import threading
import time
from pathlib import Path

import psutil

from bench.console import Console

MEGABYTES = 500
LINE_COUNT = 20_000
BOUNDARY = "bench-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


class Growth(threading.Thread):
    """Samples a process's resident memory until stopped."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process = process
        self.before = self.peak = process.memory_info().rss
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.02):
            self.peak = max(self.peak, self.process.memory_info().rss)


def measure(console: Console) -> list[dict[str, object]]:
    path = console.up.data_dir.with_name("big.form")
    size = write_form(path, MEGABYTES * 1024 * 1024)
    growth = Growth(web_process(console))
    growth.start()
    started = time.monotonic()
    with path.open("rb") as body:
        made = console.call("POST", "/datasets", data=body, headers={"Content-Type": CONTENT_TYPE})
    seconds = time.monotonic() - started
    growth.done.set()
    growth.join()
    ready = console.wait(f"/datasets/{made['id']}", "Ready")
    profiled = time.monotonic() - started - seconds
    path.unlink()
    return [
        {"figure": "upload", "unit": "MB/s", "value": round(size / 1e6 / seconds, 1)},
        {
            "figure": "upload_web_rss_growth",
            "unit": "MB",
            "value": round((growth.peak - growth.before) / 1e6, 1),
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


def write_form(path: Path, size: int) -> int:
    """A multipart form with a name and a CSV of about `size` bytes; the form's exact size."""
    random.seed(0)
    lines = "".join(
        ",".join(f"{random.gauss(0, 1):.6f}" for _ in range(19)) + f",{number % 2}\n"
        for number in range(LINE_COUNT)
    ).encode()
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    head = f'{part}name="name"\r\n\r\nbig\r\n{part}name="file"; filename="big.csv"\r\n\r\n'
    with path.open("wb") as file:
        file.write(head.encode() + (",".join(f"x{n}" for n in range(19)) + ",y\n").encode())
        while file.tell() < size:
            file.write(lines)
        file.write(f"\r\n--{BOUNDARY}--\r\n".encode())
        return file.tell()

"""A 5 GB CSV in parts: speed, and that neither the web process nor the workers grow by it."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from bench.console import Console
from bench.upload import Growth, table, web_process

GIGABYTES = 5
AT_ONCE = 3  # parts, as the page sends them
WAIT_SECONDS = 3_600


def measure(console: Console) -> list[dict[str, object]]:
    size = GIGABYTES * 2**30
    free = shutil.disk_usage(console.up.data_dir).free
    if free < 2 * size + 2**31:  # the file, and S3's copy of it
        note = f"needs {(2 * size + 2**31) // 2**30} GB of disk, {free // 2**30} GB are free"
        return [{"figure": "big_upload", "skipped": note}]
    path = console.up.data_dir.with_name("big.csv")
    try:
        with path.open("wb") as file:
            for lines in table(size):
                file.write(lines)
        return _measured(console, path)
    finally:
        path.unlink(missing_ok=True)


def _measured(console: Console, path: Path) -> list[dict[str, object]]:
    web, workers = Growth(web_process(console)), Growth(*_workers(console))
    with web, workers:
        started = time.monotonic()
        made = _send(console, path)
        sent = time.monotonic() - started
        ready = console.wait(f"/datasets/{made}", "Ready", seconds=WAIT_SECONDS)
        profiled = time.monotonic() - started - sent
    size = path.stat().st_size
    console.call("DELETE", f"/datasets/{made}")
    return [
        {"figure": "big_upload", "unit": "MB/s", "value": round(size / 1e6 / sent, 1)},
        {"figure": "big_upload_bytes", "unit": "GB", "value": round(size / 1e9, 2)},
        _growth("big_upload_web_rss_growth", web, limit=150),
        _growth("big_upload_workers_rss_growth", workers, limit=512),
        {
            "figure": "big_upload_profile",
            "unit": "s",
            "value": round(profiled, 1),
            "rows": ready["rows"],
        },
    ]


def _growth(name: str, growth: Growth, *, limit: int) -> dict[str, object]:
    return {"figure": name, "unit": "MB", "value": growth.megabytes, "limit": limit}


def _send(console: Console, path: Path) -> str:
    """The id of the dataset that the file became."""
    wish = {"filename": path.name, "bytes": path.stat().st_size, "fingerprint": "bench"}
    upload = console.call("POST", "/uploads", json=wish)
    place = f"/uploads/{upload['id']}"

    def put(number: int) -> None:
        with path.open("rb") as file:
            file.seek((number - 1) * upload["part_bytes"])
            body = file.read(upload["part_bytes"])
        console.call("PUT", f"{place}/parts/{number}", data=body)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(put, range(1, upload["part_count"] + 1)))
    console.call("POST", f"{place}/complete")
    return str(upload["id"])


def _workers(console: Console) -> Iterator[psutil.Process]:
    for pid in console.up.family():
        process = psutil.Process(pid)
        if "celery" in process.cmdline() and "worker" in process.cmdline():
            yield process

"""Writing 60,000 × 784 float32 as RecordIO: beside the SageMaker SDK's writer and a raw write."""

import io
import os
import time
from collections.abc import Callable
from typing import Any

from bench import sdk
from bench.console import Console

ROWS, WIDTH = 60_000, 784
BLOCK = 2_000  # rows at a time, as blocks of such a table come from a reader
SDK_ROWS = 3_000  # the SDK writes about 7,000 rows a second: a part of them says enough
REPEAT = 7
SDK_CODE = f"""
import io, json, time, numpy
from sagemaker.amazon.common import write_numpy_to_dense_tensor
rows = numpy.random.default_rng(0).random(({SDK_ROWS}, {WIDTH}), dtype=numpy.float32)
labels = numpy.arange({SDK_ROWS}, dtype=numpy.float32)
started = time.perf_counter()
write_numpy_to_dense_tensor(io.BytesIO(), rows, labels)
print(json.dumps({{"seconds": (time.perf_counter() - started) * {ROWS} / {SDK_ROWS}}}))
"""


class Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)


def measure(console: Console) -> list[dict[str, object]]:
    import numpy as np

    from datasets.writing.registry import FORMATS

    rows = np.random.default_rng(0).random((ROWS, WIDTH), dtype=np.float32)
    labels = np.arange(ROWS, dtype=np.float32)
    recordio = FORMATS["recordio"]

    def write(file: Any) -> None:
        for start in range(0, ROWS, BLOCK):
            here = slice(start, start + BLOCK)
            recordio.write(labels[here], rows[here], file.write)

    path = console.up.data_dir.with_name("table.pbr")
    encoded = fastest(lambda: write(Nowhere()))
    timed_write(path, write)
    size = path.stat().st_size
    content = path.read_bytes()
    # By turns, so that both meet the same moods of the disk.
    turns = [
        (timed_write(path, lambda file: file.write(content)), timed_write(path, write))
        for _ in range(REPEAT)
    ]
    raw, ours = (min(seconds) for seconds in zip(*turns, strict=True))
    path.unlink()
    return _figures(encoded, ours, raw, size, sdk.run(SDK_CODE))


def _figures(
    encoded: float, ours: float, raw: float, size: int, theirs: Any
) -> list[dict[str, object]]:
    return [
        {
            "figure": "recordio_encode",
            "unit": "s",
            "value": round(encoded, 4),
            "MB/s": round(size / 1e6 / encoded),
            **compared(theirs, encoded, least=100),
        },
        {
            "figure": "recordio_write",
            "unit": "s",
            "value": round(ours, 3),
            "MB/s": round(size / 1e6 / ours),
            "raw_write": round(raw, 3),
            "ratio_to_raw": round(ours / raw, 2),
            **compared(theirs, ours),
        },
    ]


def timed_write(path: Any, write: Callable[[Any], object]) -> float:
    """Seconds of a write to a file that is made anew."""
    path.unlink(missing_ok=True)
    with path.open("wb", buffering=0) as file:
        seconds = timed(lambda: write(file))
    os.sync()
    return seconds


def fastest(work: Callable[[], object]) -> float:
    return min(timed(work) for _ in range(REPEAT))


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compared(theirs: dict[str, Any], ours: float, **limits: int) -> dict[str, object]:
    """The SDK's time for as many rows, from a part of them."""
    if not theirs:
        return dict(sdk.MISSING)
    seconds = theirs["seconds"]
    return {"sdk": round(seconds, 2), "times_the_sdk": round(seconds / ours), **limits}

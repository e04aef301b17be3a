"""Writing 60,000 × 784 float32 as RecordIO: beside the SageMaker SDK's writer and a raw write."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.console import Console

ROWS, WIDTH = 60_000, 784
SDK_ROWS = 3_000  # the SDK writes about 7,000 rows a second: a part of them says enough
REPEAT = 5
SDK = Path(__file__).resolve().parents[1] / ".venv-sdk" / "bin" / "python"
SDK_CODE = f"""
import io, time, numpy
from sagemaker.amazon.common import write_numpy_to_dense_tensor
rows = numpy.random.default_rng(0).random(({SDK_ROWS}, {WIDTH}), dtype=numpy.float32)
labels = numpy.arange({SDK_ROWS}, dtype=numpy.float32)
started = time.perf_counter()
write_numpy_to_dense_tensor(io.BytesIO(), rows, labels)
print((time.perf_counter() - started) * {ROWS} / {SDK_ROWS})
"""


def measure(console: Console) -> list[dict[str, object]]:
    import numpy as np

    # localaws is another program: the bench may look inside, the console may not.
    from localaws.algorithms.recordio import tables

    rows = np.random.default_rng(0).random((ROWS, WIDTH), dtype=np.float32)
    labels = np.arange(ROWS, dtype=np.float32)
    path = console.up.data_dir.with_name("table.pbr")
    ours = best(path, lambda file: tables.write_dense(file, rows, labels))
    size = path.stat().st_size
    content = path.read_bytes()
    raw = best(path, lambda file: file.write(content))
    path.unlink()
    return [
        {
            "figure": "recordio_write",
            "unit": "s",
            "value": round(ours, 3),
            "MB/s": round(size / 1e6 / ours),
            "raw_write": round(raw, 3),
            "ratio_to_raw": round(ours / raw, 2),
            **sdk(ours),
        }
    ]


def best(path: Path, write: Callable[[Any], object]) -> float:
    """Seconds of the fastest of `REPEAT` writes to a file that is made anew each time."""
    found = []
    for _ in range(REPEAT):
        path.unlink(missing_ok=True)
        with path.open("wb", buffering=0) as file:
            started = time.perf_counter()
            write(file)
            found.append(time.perf_counter() - started)
        os.sync()
    return min(found)


def sdk(ours: float) -> dict[str, object]:
    """The SDK's time for as many rows, from a part of them, in its own environment."""
    if not SDK.exists():
        return {"sdk": "not installed: make test-sdk"}
    done = subprocess.run(
        [SDK, "-c", SDK_CODE], capture_output=True, text=True, check=True, timeout=300
    )
    seconds = float(done.stdout.split()[-1])
    return {"sdk": round(seconds, 2), "times_the_sdk": round(seconds / ours)}

"""A CSV of 60,000 × 785 to RecordIO: our readers and writers beside the tutorials' way.

Each way is a process of its own that says how long it took and by how much its memory grew beyond
what its imports need.
"""

import hashlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from bench import sdk
from bench.console import Console

ROWS, WIDTH = 60_000, 784
LIMIT_MB, LEAST_TIMES = 350, 6
SDK_CODE = """
import io, json, resource, sys, time
import pandas
from sagemaker.amazon.common import write_numpy_to_dense_tensor
source, target = sys.argv[1:]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
started, worked = time.perf_counter(), time.process_time()
table = pandas.read_csv(source).to_numpy(dtype="float32")
buffer = io.BytesIO()
write_numpy_to_dense_tensor(buffer, table[:, 1:], table[:, 0])
buffer.seek(0)
with open(target, "wb") as file:
    file.write(buffer.read())
seconds, cpu = time.perf_counter() - started, time.process_time() - worked
growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps({"seconds": seconds, "cpu": cpu, "growth": growth}))
"""


def measure(console: Console) -> list[dict[str, object]]:
    folder = console.up.data_dir.with_name("convert")
    folder.mkdir()
    source, ours, theirs = folder / "table.csv", folder / "ours.pbr", folder / "theirs.pbr"
    size = write_table(source)
    command = [sys.executable, "-m", "bench.convert", str(source), str(ours)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found = json.loads(done.stdout)
    other = sdk.run(SDK_CODE, source, theirs)
    same = bool(other) and digest(ours) == digest(theirs)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    kilo = 1024 if sys.platform != "darwin" else 1
    growth = {"extra_mb": round(found["growth"] * kilo / 1e6), "limit_mb": LIMIT_MB}
    compared: dict[str, object] = dict(sdk.MISSING)
    if other:
        compared = {
            "tutorial": round(other["seconds"], 2),
            "times_the_tutorial": round(other["seconds"] / found["seconds"], 1),
            "least": LEAST_TIMES,
            "times_in_cpu": round(other["cpu"] / found["cpu"], 1),
            "tutorial_extra_mb": round(other["growth"] * kilo / 1e6),
            "same_bytes": same,
        }
    return [
        {
            "figure": "convert",
            "unit": "s",
            "value": round(found["seconds"], 2),
            "MB/s": round(size / 1e6 / found["seconds"]),
            **growth,
            **compared,
        }
    ]


def write_table(path: Path) -> int:
    """Labels and pixels, a good part of them black, as in images of digits; the file's size."""
    import numpy as np

    generator = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(["label", *(f"pixel{n}" for n in range(WIDTH))]) + "\n")
        for _ in range(0, ROWS, 1_000):
            pixels = generator.integers(0, 256, (1_000, WIDTH))
            pixels[generator.random(pixels.shape) < 0.3] = 0
            table = np.column_stack([generator.integers(0, 10, 1_000), pixels])
            file.writelines(",".join(map(str, row)) + "\n" for row in table.tolist())
    return path.stat().st_size


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def convert(source: Path, target: Path) -> None:
    """All columns but the first are features. What a preparation without rules does with a file."""
    import numpy as np

    from datasets.formats import registry
    from datasets.formats.sniff import Dialect
    from datasets.writing.registry import FORMATS

    names = source.open().readline().strip().split(",")
    pieces = FORMATS["recordio"].pieces
    with source.open("rb") as stream, target.open("wb") as file:
        for block in registry.blocks(stream, Dialect(",", "utf-8"), numbers=names):
            columns = [block.numbers(name) for name in names]
            rows = np.array(columns[1:], np.float32).T
            file.writelines(pieces(columns[0], rows, WIDTH))


def main(source: Path, target: Path) -> None:
    import numpy as np
    import polars as pl

    from datasets.formats import registry
    from datasets.writing import registry as writing

    assert all((np, pl, registry, writing))  # imported before the clock runs, as for the other way
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, worked = time.perf_counter(), time.process_time()
    convert(source, target)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"seconds": seconds, "cpu": cpu, "growth": growth}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

"""A CSV of 60,000 × 785 to RecordIO: converted, and prepared, beside the tutorials' way.

Each way is a process of its own that says how long it took and by how much its memory grew beyond
what its imports need.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from bench import sdk
from bench.console import Console
from bench.memory import peak_kb

ROWS, WIDTH = 60_000, 784
LIMIT_MB, LEAST_TIMES = 350, 6
OURS, PREPARED = "ours.pbr", "train/part-0.pbr"
SDK_CODE = """
import io, json, sys, time
import pandas
from sagemaker.amazon.common import write_numpy_to_dense_tensor
from bench.memory import peak_kb
source, target = sys.argv[1:]
before = peak_kb()
started, worked = time.perf_counter(), time.process_time()
table = pandas.read_csv(source).to_numpy(dtype="float32")
buffer = io.BytesIO()
write_numpy_to_dense_tensor(buffer, table[:, 1:], table[:, 0])
buffer.seek(0)
with open(target, "wb") as file:
    file.write(buffer.read())
seconds, cpu = time.perf_counter() - started, time.process_time() - worked
print(json.dumps({"seconds": seconds, "cpu": cpu, "growth": peak_kb() - before}))
"""


def measure(console: Console) -> list[dict[str, object]]:
    folder = console.up.data_dir.with_name("convert")
    folder.mkdir()
    source, theirs = folder / "table.csv", folder / "theirs.pbr"
    size = write_table(source)
    converted, prepared, other = in_turn(
        lambda: child("convert", source, folder),
        lambda: child("prepare", source, folder),
        lambda: sdk.run(SDK_CODE, source, theirs),
    )
    same = bool(other) and digest(theirs) == digest(folder / OURS) == digest(folder / PREPARED)
    shutil.rmtree(folder)
    return [
        figure("convert", converted, other, size, same=same, least=LEAST_TIMES),
        figure("prepare", prepared, other, size, same=same),
    ]


def figure(
    name: str, found: dict[str, Any], other: dict[str, Any], size: int, *, same: bool, **more: int
) -> dict[str, object]:
    told = {
        "figure": name,
        "unit": "s",
        "value": round(found["seconds"], 2),
        "MB/s": round(size / 1e6 / found["seconds"]),
        "extra_mb": round(found["growth"] * 1024 / 1e6),
        "limit_mb": LIMIT_MB,
    }
    if not other:
        return told | sdk.MISSING
    return told | {
        "tutorial": round(other["seconds"], 2),
        "times_the_tutorial": round(other["seconds"] / found["seconds"], 1),
        **more,
        "times_in_cpu": round(other["cpu"] / found["cpu"], 1),
        "tutorial_extra_mb": round(other["growth"] * 1024 / 1e6),
        "same_bytes": same,
    }


def in_turn(*ways: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """The faster of two goes of each way, one way after the other."""
    goes = [[way() for way in ways] for _ in range(2)]
    return [min(each, key=lambda go: go.get("seconds", 0)) for each in zip(*goes, strict=True)]


def child(way: str, source: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.convert", way, str(source), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


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


def reader(source: Path) -> Callable[..., Iterator[Any]]:
    from datasets.formats import registry
    from datasets.formats.ahead import ahead
    from datasets.formats.sniff import Dialect

    def read(
        columns: Collection[str] | None = None, numbers: Collection[str] = ()
    ) -> Iterator[Any]:
        with source.open("rb") as stream:
            dialect = Dialect(",", "utf-8")
            found = registry.blocks(stream, dialect, numbers=numbers, columns=columns)
            yield from ahead(found)

    return read


def convert(source: Path, folder: Path) -> Callable[[], object]:
    """All columns as they are, the first one as the label: what the tutorials do."""
    import numpy as np

    from datasets.writing.registry import FORMATS

    names = source.open().readline().strip().split(",")
    read, recordio = reader(source), FORMATS["recordio"]

    def work() -> None:
        with (folder / OURS).open("wb") as file:
            for block in read(numbers=names):
                columns = [block.numbers(name) for name in names]
                rows = np.array(columns[1:], np.float32).T
                recordio.write(columns[0], rows, file.write)

    return work


def prepare(source: Path, folder: Path) -> Callable[[], object]:
    """A preparation: labels become codes, rows are divided (all train), columns chosen."""
    from datasets import preparing, recipe
    from datasets.batch.files import below
    from datasets.tables import Profile

    with source.open() as file:
        names = file.readline().strip().split(",")
        profile = Profile(names)
        profile.add([file.readline().strip().split(",") for _ in range(2_000)])
    columns = profile.columns()
    wish = recipe.check(columns, ROWS, target="label", algorithm="knn", fractions=(1, 0, 0))
    return lambda: preparing.run(
        wish, {"main": reader(source)}, below(folder), seed=0, stratify=True
    )


def main(way: str, source: Path, folder: Path) -> None:
    """Imports are over before the clock runs, as they are for the other way."""
    import polars as pl

    from datasets import preparing

    assert all((pl.__version__, preparing))
    work = {"convert": convert, "prepare": prepare}[way](source, folder)
    before = peak_kb()
    started, worked = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    print(json.dumps({"seconds": seconds, "cpu": cpu, "growth": peak_kb() - before}))


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))

"""A profile of a CSV of 1 GB beside `pandas.read_csv(…).describe()`: time and peak memory.

Each way is a process of its own that says how long it took and by how much its memory grew beyond
what its imports need. Ours also counts distinct values, draws histograms, compares columns with
likely targets and keeps rows to show; pandas says nothing of that.
"""

import json
import resource
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.console import Console

ROWS, BLOCK = 1_800_000, 100_000
LEAST_MB_S, LIMIT_MB = 150, 450


def measure(console: Console) -> list[dict[str, object]]:
    path = console.up.data_dir.with_name("table.csv")
    size = write_table(path)
    ours, theirs = run("ours", path), run("pandas", path)
    path.unlink()
    kilo = 1024 if sys.platform != "darwin" else 1
    return [
        {
            "figure": "profile",
            "unit": "s",
            "value": round(ours["seconds"], 2),
            "MB/s": round(size / 1e6 / ours["seconds"]),
            "least_MB/s": LEAST_MB_S,
            "cpu": round(ours["cpu"], 2),
            "extra_mb": round(ours["growth"] * kilo / 1e6),
            "limit_mb": LIMIT_MB,
            "pandas": round(theirs["seconds"], 2),
            "pandas_cpu": round(theirs["cpu"], 2),
            "pandas_extra_mb": round(theirs["growth"] * kilo / 1e6),
            "time_of_pandas": round(ours["seconds"] / theirs["seconds"], 2),
            "memory_of_pandas": round(ours["growth"] / theirs["growth"], 2),
            "same_means": agree(ours["means"], theirs["means"]),
        }
    ]


def agree(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    close = [abs(ours[name] - mean) <= 1e-9 * max(1, abs(mean)) for name, mean in theirs.items()]
    return len(close) == len(ours) and all(close)


def run(way: str, path: Path) -> dict[str, Any]:
    """One of the two ways in a process of its own."""
    command = [sys.executable, "-m", "bench.profile", way, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def write_table(path: Path) -> int:
    """29 columns of floats (3 of them with gaps), 2 of integers, one of words; the file's size."""
    import numpy as np
    import polars as pl

    generator = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, ROWS, BLOCK):
            columns = {}
            for n in range(29):
                values = np.round(generator.normal(size=BLOCK) * 10.0 ** (n % 4), 14)
                gaps = generator.random(BLOCK) < (0.02 if n in (3, 7, 11) else 0)
                columns[f"f{n}"] = pl.Series(values).set(pl.Series(gaps), None)
            columns["count"] = pl.Series(generator.integers(0, 1_000_000, BLOCK))
            columns["class"] = pl.Series(generator.integers(0, 10, BLOCK))
            columns["city"] = pl.Series([f"city{n}" for n in generator.integers(0, 5_000, BLOCK)])
            pl.DataFrame(columns).write_csv(file, include_header=not start)
    return path.stat().st_size


def ours(path: Path) -> dict[str, float]:
    """What a worker does, without S3."""
    from datasets import recipe
    from datasets.formats import registry
    from datasets.formats.ahead import ahead
    from datasets.formats.sniff import Dialect
    from datasets.insights import Look, Numbers

    look = None
    numbers = Numbers()
    with path.open("rb") as file:
        for block in ahead(registry.blocks(file, Dialect(",", "utf-8"), numbers=numbers)):
            look = look or Look(block.names, numbers)
            look.add(block)
    assert look
    columns = look.profile.columns()
    look.insights.rows(columns, look.insights.found(columns, recipe.likely_target))
    return {column["name"]: column["mean"] for column in columns if "mean" in column}


def pandas(path: Path) -> dict[str, float]:
    import pandas as pd

    means = pd.read_csv(path).describe().loc["mean"]
    return {str(name): mean for name, mean in means.to_dict().items()}


def main(way: str, path: Path) -> None:
    """All imports before the clock runs."""
    for module in ("numpy", "pandas", "polars", "pyarrow.parquet"):
        import_module(module)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, worked = time.perf_counter(), time.process_time()
    means = {"ours": ours, "pandas": pandas}[way](path)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({"seconds": seconds, "cpu": cpu, "growth": growth, "means": means}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

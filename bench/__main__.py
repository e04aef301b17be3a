"""`make bench`: starts a console of its own and prints one JSON line per figure.

Figures that compare two ways measure both in this run, one after the other, so that the ratio
holds on a machine whose speed drifts. Arguments: names of figures to measure (default: all).
"""

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.console import Console, starting

# The modules here that `measure`, in the order in which they run.
FIGURES = (
    "upload",
    "big_upload",
    "job_list",
    "compare",
    "log_page",
    "mirror",
    "latency",
    "evaluation",
    "threshold",
    "batch",
    "endpoints",
    "shared",
    "invoke",
    "s3",
    "recordio",
    "convert",
    "profile",
)


def main(names: list[str]) -> None:
    unknown = set(names) - set(FIGURES)
    if unknown:
        sys.exit(f"Unknown figures: {', '.join(sorted(unknown))}. Known: {', '.join(FIGURES)}.")
    with tempfile.TemporaryDirectory(prefix="mlconsole-bench-") as folder:
        data_dir = Path(folder) / "var"
        # Before Django's settings load: the ORM here reads the same data directory.
        os.environ["MLCONSOLE_DATA_DIR"] = str(data_dir)
        os.environ["DJANGO_SETTINGS_MODULE"] = "mlconsole.settings"
        with starting(data_dir) as console:
            for name in names or FIGURES:
                for figure in _measure(name)(console):
                    print(json.dumps(figure), flush=True)


def _measure(name: str) -> Callable[[Console], Iterable[dict[str, object]]]:
    measure: Callable[[Console], Iterable[dict[str, object]]]
    measure = importlib.import_module(f"bench.{name}").measure
    return measure


if __name__ == "__main__":
    main(sys.argv[1:])

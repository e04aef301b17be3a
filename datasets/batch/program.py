"""The program itself: `prepare.pyz <stage> --given … --made … --message …`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from datasets.batch import order, stages
from datasets.formats.sniff import BadTable
from datasets.recipe import BadRecipe

STAGES = {"prepare": stages.prepare, "divide": stages.divide, "write": stages.write}
MESSAGE_BYTES = 1_000  # AWS keeps a kilobyte
INSTALLING = 600  # seconds


def main(arguments: list[str] | None = None) -> None:
    """Exits with 1 when the tables are not what the order needs; `--message` then says why."""
    parser = argparse.ArgumentParser(description="Prepares a dataset for an algorithm.")
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--given", type=Path, required=True, help="folder of the inputs")
    parser.add_argument("--made", type=Path, required=True, help="folder of the outputs")
    parser.add_argument("--message", type=Path, required=True, help="file for what went wrong")
    chosen = parser.parse_args(arguments)
    try:
        told = order.from_json((chosen.given / "order" / "order.json").read_bytes())
        _install(told.packages)
        STAGES[chosen.stage](told, chosen.given, chosen.made)
    except (BadTable, BadRecipe) as problem:
        text = str(problem).encode()[:MESSAGE_BYTES].decode(errors="ignore")
        chosen.message.write_text(text, encoding="utf-8")
        sys.exit(text)


def _install(packages: Mapping[str, str]) -> None:
    """What the image lacks, in the console's versions. BadTable when it cannot be had."""
    wanted = [f"{name}=={version}" for name, version in packages.items() if not find_spec(name)]
    if not wanted:
        return
    print("installing", *wanted, flush=True)  # noqa: T201  the job's log
    command = [sys.executable, "-m", "pip", "install", "--quiet", *wanted]
    if subprocess.run(command, timeout=INSTALLING, check=False).returncode:
        raise BadTable(
            f"{', '.join(wanted)} could not be installed in the job.",
            "It needs a way to a package index.",
        )


if __name__ == "__main__":
    main()

"""`python -m localaws.algorithms.scripts.processing train`: the command of a processing job.

A processing container has no verbs: its entrypoint and arguments are in processingjobconfig.json.
"""

from __future__ import annotations

import json

from localaws.algorithms import container
from localaws.algorithms.scripts import command


def _process(job: container.Container) -> None:
    """Raises UserError without such a program, and SystemExit with the command's exit code."""
    given = json.loads((job.base / "config" / "processingjobconfig.json").read_text())
    specification = given["AppSpecification"]
    asked = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
    command.run(job, asked, job.base / "processing", given.get("Environment", {}))


def _serve(_: container.Container) -> None:
    raise SystemExit("A processing job serves nothing.")


if __name__ == "__main__":
    container.main(_process, _serve)

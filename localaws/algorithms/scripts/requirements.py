"""A requirements.txt beside a script: nothing is ever installed, so all of it must be here."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from localaws.algorithms.container import UserError


def check(code: Path) -> None:
    """Raises UserError naming the lines that this environment does not satisfy."""
    path = code / "requirements.txt"
    if not path.is_file():
        return
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    if missing := [line for line in lines if line and not _is_here(line)]:
        raise UserError(
            f"requirements.txt asks for what is not installed here: {', '.join(missing)}. "
            "localaws installs nothing, as scripts share the environment that it runs in: install "
            "it there yourself, or leave requirements.txt out."
        )


def _is_here(line: str) -> bool:
    """False too for options, paths and addresses: what they ask for cannot be known offline."""
    try:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate():
            return True
        found = metadata.version(wanted.name)
    except (InvalidRequirement, metadata.PackageNotFoundError):
        return False
    return wanted.url is None and wanted.specifier.contains(found, prereleases=True)

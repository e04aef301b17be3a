"""The conformance table of the README: `python -m localaws.conformance [--write]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from localaws import server
from localaws.s3 import router
from localaws.wire import models, registry
from localaws.wire.declared import DECLARED, Fields

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- conformance begins -->", "<!-- conformance ends -->"


def problems() -> Iterator[str]:
    """Where the declarations, botocore's model and the handlers disagree."""
    assert server.SERVICES  # noqa: S101  importing the server registers every handler
    served = registry.operations()
    declared = {(service, name) for service, table in DECLARED.items() for name in table}
    yield from (f"{s}.{name} is served but not declared" for s, name in sorted(served - declared))
    yield from (f"{s}.{name} is declared but not served" for s, name in sorted(declared - served))
    for service, name in sorted(declared & served):
        yield from _disagreements(service, name, DECLARED[service][name])


def _disagreements(service: str, name: str, fields: Fields) -> Iterator[str]:
    model = models.operation(service, name)
    shape = model.input_shape if model is not None else None
    known = set(shape.members) if shape is not None else set()
    listed = [*fields.supported.split(), *fields.ignored.split(), *fields.refused.split()]
    top = {path for path in listed if "." not in path}
    yield from (f"{service}.{name}: {member} is undecided" for member in sorted(known - top))
    yield from (f"{service}.{name}: {path} is listed twice" for path in _twice(listed))
    for path in listed:
        if not _exists(shape, path.split(".")):
            yield f"{service}.{name}: {path} is not in botocore's model"


def _twice(listed: list[str]) -> list[str]:
    return sorted({path for path in listed if listed.count(path) > 1})


def _exists(shape: object, names: list[str]) -> bool:
    """Lists are looked through, so that `Channels.Name` finds the name of each channel."""
    for name in names:
        while hasattr(shape, "member"):
            shape = shape.member
        members = getattr(shape, "members", {})
        if name not in members:
            return False
        shape = members[name]
    return True


def table() -> str:
    """Markdown: a table of every service, and the operations of S3."""
    parts = []
    for service, operations in DECLARED.items():
        rows = [_row(name, fields) for name, fields in sorted(operations.items())]
        head = "| Operation | Supported | Ignored | Refused |\n|---|---|---|---|\n"
        parts.append(f"### {service}\n\n{head}" + "\n".join(rows))
    names = ", ".join(
        f"`{name}`" for name in sorted(name for name, _ in router.OPERATIONS.values())
    )
    parts.append(f"### s3\n\nServed: {names}.")
    return "\n\n".join(parts)


def _row(name: str, fields: Fields) -> str:
    cells = (fields.supported, fields.ignored, fields.refused)
    return f"| {name} | " + " | ".join(", ".join(c.split()) or "–" for c in cells) + " |"


def rendered(text: str) -> str:
    """The README with the table of today. Raises ValueError when its marks are gone."""
    before, rest = text.split(_BEGIN)
    _, after = rest.split(_END)
    return f"{before}{_BEGIN}\n\n{table()}\n\n{_END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="update localaws/README.md")
    options = parser.parse_args()
    if found := list(problems()):
        sys.stderr.write("\n".join(found) + "\n")
        return 1
    if options.write:
        README.write_text(rendered(README.read_text()))
    else:
        sys.stdout.write(table() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A channel's files as the one file of lines that fastText reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from localaws.algorithms.container import UserError

LABEL = "__label__"


@dataclass(frozen=True)
class Corpus:
    path: Path
    lines: int
    tokens: int
    labels: int
    """Distinct ones."""


def gather(folder: Path, target: Path, *, labelled: bool) -> Corpus:
    """Every line of every file below `folder`; lines without a label are left out when `labelled`.

    A line of an augmented manifest, {"source": text, "label": 1 or [1, 2]}, becomes plain text.
    Raises UserError when no line remains.
    """
    lines = tokens = 0
    labels: set[str] = set()
    with target.open("w", encoding="utf-8") as file:
        for words in _lines(folder):
            found = {word for word in words if word.startswith(LABEL)}
            if labelled and not found:
                continue
            labels |= found
            lines, tokens = lines + 1, tokens + len(words) - len(found)
            file.write(" ".join(words) + "\n")
    if not lines:
        what = f"line that begins with {LABEL}" if labelled else "text"
        raise UserError(f"No {what} found in the channel {folder.name}.")
    return Corpus(target, lines, tokens, len(labels))


def _lines(folder: Path) -> Iterator[list[str]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open(encoding="utf-8") as file:
            try:
                for line in file:
                    if words := _words(line):
                        yield words
            except UnicodeDecodeError as error:
                raise UserError(f"{path.name} in {folder.name} is not UTF-8: {error}") from error


def _words(line: str) -> list[str]:
    if line.startswith('{"'):
        line = _from_manifest(line)
    return line.split()


def _from_manifest(line: str) -> str:
    try:
        entry = json.loads(line)
        labels = entry.get("label", [])
        given = labels if isinstance(labels, list) else [labels]
        return " ".join([*(f"{LABEL}{label}" for label in given), entry["source"]])
    except (ValueError, KeyError, AttributeError, TypeError):
        return line  # text that happens to begin like JSON

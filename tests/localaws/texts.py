"""Real text to classify: docstrings of the standard library, by the area they belong to."""

import ast
import random
import re
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

AREAS = {
    "asyncio": ("asyncio",),
    "email": ("email",),
    "numbers": ("statistics.py", "decimal.py", "fractions.py", "_pydecimal.py", "random.py"),
    "net": ("http", "urllib", "ssl.py", "socket.py", "ftplib.py", "smtplib.py"),
    "testing": ("unittest", "doctest.py", "pdb.py", "bdb.py"),
}


@cache
def documents() -> tuple[tuple[str, str], ...]:
    """(area, words) of over a thousand docstrings, lower-cased, in a fixed shuffled order."""
    found = [(area, text) for area, names in AREAS.items() for text in _texts(names)]
    random.Random(0).shuffle(found)
    return tuple(found)


def split() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Four fifths to train, one fifth to test."""
    every = list(documents())
    cut = len(every) * 4 // 5
    return every[:cut], every[cut:]


def blazing(documents: list[tuple[str, str]]) -> bytes:
    """The lines of BlazingText's supervised mode."""
    return "".join(f"__label__{area} {text}\n" for area, text in documents).encode()


def _texts(names: tuple[str, ...]) -> Iterator[str]:
    library = Path(sysconfig.get_path("stdlib"))
    for name in names:
        path = library / name
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield from _docstrings(source)


def _docstrings(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            words = re.findall(r"[a-z]+", (ast.get_docstring(node) or "").lower())
            if len(words) > 7:
                yield " ".join(words)

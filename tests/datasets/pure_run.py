"""Preparations in memory: `preparing.run` without S3 and without a database."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from datasets import preparing, recipe
from datasets.foretell import foretell
from datasets.formats import registry
from datasets.formats.block import Block
from datasets.formats.sniff import Dialect
from datasets.survey import MAIN
from datasets.tables import Profile, encode_row

WISH = {"algorithm": "xgboost", "fractions": (0.7, 0.2, 0.1), "stratify": True}


class Kept(io.BytesIO):
    """A sink that is read after it is closed."""

    def __init__(self):
        super().__init__()
        self.data = b""
        self.aborted = False

    def close(self):
        self.data = self.getvalue()
        return len(self.data)

    def abort(self):
        self.aborted = True


@dataclass
class Ran:
    recipe: recipe.Recipe
    result: preparing.Result
    files: Mapping[str, bytes]
    content_types: Mapping[str, str]
    percents: list[int] = field(default_factory=list)

    def body(self, split):
        return self.files[self.result.channels[split]["path"]]

    def lines(self, split="train"):
        """The rows of a CSV channel."""
        return [line.split(",") for line in self.body(split).decode().splitlines()]

    def rows(self, split="train"):
        """Label and features of a RecordIO channel, as floats."""
        dialect = Dialect(",", "utf-8", format="recordio")
        with registry.opened(io.BytesIO(self.body(split)), dialect) as table:
            return [list(map(float, row)) for block in table for row in block]

    def counts(self):
        return {split: facts["rows"] for split, facts in self.result.channels.items()}

    def encoded(self, **row):
        return encode_row(self.result.encoding, row)

    def feature(self, name):
        return next(f for f in self.result.encoding["features"] if f["name"] == name)


def table_of(text):
    names, *rows = list(csv.reader(io.StringIO(text)))
    profile = Profile(names)
    profile.add(rows)
    return names, rows, profile.columns()


def source_of(names, rows, *, block=7):
    """Blocks that are shorter than the table, so that what goes over a block's end is tried."""

    def read(_columns, _numbers=()):
        for start in range(0, len(rows), block):
            yield Block(names, rows[start : start + block])

    return read


def checked(text, *, files=None, **wish):
    _, rows, columns = table_of(text)
    tables = {split: table_of(other) for split, other in (files or {}).items()}
    return recipe.check(
        columns,
        len(rows),
        files={split: (columns, len(rows)) for split, (_, rows, columns) in tables.items()},
        **(WISH | wish),
    )


def ran(text, *, seed=0, files=None, **wish):
    """The preparation of a CSV text; `wish` are the arguments of `recipe.check`."""
    found = checked(text, files=files, **wish)
    tables = {MAIN: text} | (files or {})
    sources = {name: source_of(*table_of(other)[:2]) for name, other in tables.items()}
    kept, types, percents = {}, {}, []

    def sink(path, content_type):
        types[path] = content_type
        return kept.setdefault(path, Kept())

    result = preparing.run(
        found,
        sources,
        sink,
        seed=seed,
        stratify=wish.get("stratify", True),
        progress=percents.append,
    )
    return Ran(found, result, {p: s.data for p, s in kept.items()}, types, percents)


def foretold(text, **wish):
    """What is shown before `ran` with the same arguments."""
    names, rows, columns = table_of(text)
    return foretell(
        checked(text, **wish),
        columns,
        head=Block(names, rows[:20]),
        stratify=wish.get("stratify", True),
    )

"""Any table, as a CSV of any dialect, prepared as RecordIO: numpy finds what was written."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets import preparing, recipe
from datasets.formats import registry
from datasets.formats.detect import inspect
from datasets.survey import MAIN
from datasets.tables import Profile
from localaws.algorithms.recordio import tables as records
from tests.datasets.pure_run import WISH, Kept

CATEGORIES = ["Bern", "Zürich", 'a "quoted" one', "with, comma", "line\nend", "x;y", "Genf"]
MISSING = ""
numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
wholes = st.integers(-(2**24), 2**24).map(float)  # all of them are float32s


@dataclass
class Table:
    """`rows` as they are meant: numbers (None where missing), categories, and a label."""

    numbers: list[list[float | None]]
    categories: list[list[str]]
    labels: list[str]

    @property
    def names(self) -> list[str]:
        plain = [f"n{i}" for i in range(len(self.numbers[0]))]
        return [*plain, *(f"c{i}" for i in range(len(self.categories[0]))), "label"]

    def rows(self):
        parts = zip(self.numbers, self.categories, self.labels, strict=True)
        return [[*map(_spelt, plain), *words, label] for plain, words, label in parts]

    def meant(self, features):
        """How often each row stands in the table, as far as the features can say it.

        RecordIO has no gaps, so they hold the training rows' median; a category that no training
        row has is none of them.
        """
        fills = [features[name].get("fill") for name in self.names if name[0] == "n"]
        known = [features[name]["categories"] for name in self.names if name[0] == "c"]
        return Counter(
            (
                tuple(_filled(cell, fill) for cell, fill in zip(plain, fills, strict=True)),
                tuple(word in some and word for word, some in zip(words, known, strict=True)),
                label,
            )
            for plain, words, label in zip(self.numbers, self.categories, self.labels, strict=True)
        )


def _filled(number, fill):
    return float(np.float32(fill)) if number is None else number


def _spelt(number):
    return MISSING if number is None else repr(number).removesuffix(".0")


@st.composite
def tables(draw):
    count = draw(st.integers(12, 60))
    wide, words = draw(st.integers(1, 5)), draw(st.integers(0, 2))
    columns = []
    for _ in range(wide):
        kind = draw(st.sampled_from([numbers, wholes]))
        column = draw(st.lists(kind, min_size=count, max_size=count))
        # Few enough that some training row has a value.
        gaps = draw(st.sets(st.integers(0, count - 1), max_size=3))
        columns.append([None if n in gaps else cell for n, cell in enumerate(column)])
    chosen = st.lists(st.sampled_from(CATEGORIES), min_size=words, max_size=words)
    labels = [("yes", "no", "it, depends")[n % 3] for n in range(count)]
    return Table(
        [list(row) for row in zip(*columns, strict=True)],
        draw(st.lists(chosen, min_size=count, max_size=count)),
        draw(st.permutations(labels)),
    )


def written(table, delimiter, quote, line_end, encoding):
    text = io.StringIO(newline="")
    form = {"delimiter": delimiter, "quotechar": quote, "lineterminator": line_end}
    writer = csv.writer(text, **form, quoting=csv.QUOTE_ALL)
    writer.writerows([table.names, *table.rows()])
    return text.getvalue().encode(encoding)


def prepared(data, dialect, target):
    """The result, and what lies in each channel."""

    def source(columns=None, wanted=()):
        return registry.blocks(io.BytesIO(data), dialect, numbers=wanted)

    profile = None
    for block in source():
        profile = profile or Profile(block.names)
        profile.add_block(block)
    wish = WISH | {"stratify": False, "recipe": {"format": "recordio"}}
    found = recipe.check(profile.columns(), profile.rows, target=target, **wish)
    kept = {}
    result = preparing.run(
        found, {MAIN: source}, lambda path, _: kept.setdefault(path, Kept()), seed=1, stratify=False
    )
    return result, [kept[channel["path"]].data for channel in result.channels.values()]


def decoded(result, features, content):
    """The rows that numpy finds in a channel, as `Table.meant` has them."""
    found = records.read(content)
    for row, label in zip(found.features, found.labels, strict=True):
        left, plain, words = row.tolist(), [], []
        for feature in features.values():
            if feature["kind"] == "number":
                plain.append(left.pop(0))
            else:
                some = feature["categories"]
                cells, left = left[: len(some)], left[len(some) :]
                words.append(some[cells.index(1)] if 1 in cells else False)
        assert not left
        yield tuple(plain), tuple(words), result.labels[int(label)]


@settings(max_examples=40, deadline=None)
@given(
    tables(),
    st.sampled_from(",;\t|"),
    st.sampled_from("\"'"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_numpy_finds_every_row_that_was_written(table, delimiter, quote, line_end, encoding):
    data = written(table, delimiter, quote, line_end, encoding)
    dialect = inspect(data, complete=True)
    assert (dialect.delimiter, dialect.quote, dialect.header) == (delimiter, quote, True)
    result, channels = prepared(data, dialect, "label")
    features = {feature["name"]: feature for feature in result.encoding["features"]}
    found = Counter(row for content in channels for row in decoded(result, features, content))
    assert found == table.meant(features)

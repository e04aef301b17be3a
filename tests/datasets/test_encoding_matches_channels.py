"""A row asked at prediction is what the preparation wrote: for every option and format."""

import csv
import io
import itertools

import numpy as np
import pytest

from tests.datasets.pure_run import ran

ROWS = [
    {
        "id": str(n),
        "x": "NA" if n % 7 == 3 else f" {n * 0.1:.3f}",
        "big": f"{n}e{n % 30}",
        "flag": ("true", "False", "")[n % 3],
        "city": ("Basel", "Bern ", "?")[n % 3],
        "note": f"Word{n % 5}, the {'thing ' * (n % 3)}!",
        "y": ("no", "yes", "perhaps")[n * 7 % 3],
    }
    for n in range(90)
]


def table():
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ROWS[0]))
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue()


OPTIONS = [
    dict(itertools.chain.from_iterable(part.items() for part in parts))
    for parts in itertools.product(
        [{}, {"scale": "standard"}, {"scale": "minmax"}],
        [{"missing": {"*": "median"}}, {"missing": {"*": "mode"}}],
        [{}, {"categories": {"*": "ordinal"}}],
        [{}, {"text": {"column": "note", "top": 6}}],
    )
] + [{}, {"categories": {"*": "ordinal"}}]


def expected(run, split):
    """The split's rows as `encode_row` gives them; the column id, a feature, says which."""
    names = run.result.features
    place = names.index("id")
    for row in run.lines(split):
        source = next(r for r in ROWS if run.encoded(**r)[place] == row[1 + place])
        yield row, source


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_encode_row_gives_the_line_of_the_channel(options):
    run = ran(table(), target="y", recipe=options)
    for split in run.counts():
        for row, source in expected(run, split):
            assert row[1:] == run.encoded(**source)
            assert row[0] == str(run.result.labels.index(source["y"]))


@pytest.mark.parametrize("format_", ["recordio", "libsvm"])
@pytest.mark.parametrize("options", OPTIONS[:-2], ids=str)
def test_every_format_holds_the_same_numbers(options, format_):
    texts = ran(table(), target="y", recipe=options)
    run = ran(table(), target="y", recipe=options | {"format": format_})
    assert run.result.encoding == texts.result.encoding
    wanted = np.array([[float(cell) for cell in row] for row in texts.lines()])
    if format_ == "recordio":
        found = np.array(run.rows())
    else:
        cells = [
            [pair.rpartition(":")[2] for pair in line.split()]
            for line in run.body("train").decode().splitlines()
        ]
        found = np.array([[float(cell) for cell in row] for row in cells])
    assert (found.astype(np.float32) == wanted.astype(np.float32)).all()


def test_numbers_that_nothing_touches_stay_as_they_are_written():
    spelt = ["007", "1e3", "+5", "0.10", "-0", "1E-2", ".5", "5."] * 5
    rows = "".join(f"{text},{'ab'[n % 2]}\n" for n, text in enumerate(spelt))
    run = ran(f"x,y\n{rows}", target="y", stratify=False)
    assert {row[1] for split in run.counts() for row in run.lines(split)} == set(spelt)


@pytest.mark.parametrize("options", [OPTIONS[3], OPTIONS[-1], {"sample": "up"}], ids=str)
@pytest.mark.parametrize("format_", ["csv", "recordio", "libsvm"])
def test_the_same_recipe_gives_the_same_bytes(options, format_):
    wish = {"missing": "median"} | options | {"format": format_}
    first, again = (ran(table(), target="y", recipe=wish, seed=5) for _ in range(2))
    assert first.files == again.files


def test_a_thousand_classes_keep_their_rows():
    rows = "".join(f"{n},name {n % 1000}\n" for n in range(4000))
    run = ran(f"x,y\n{rows}", target="y", algorithm="knn")
    assert len(run.result.labels) == 1000
    assert run.result.labels == sorted(run.result.labels)
    assert run.counts() == {"train": 2800, "validation": 800, "test": 400}
    for label, x in run.rows("test"):
        assert run.result.labels[int(label)] == f"name {int(x) % 1000}"

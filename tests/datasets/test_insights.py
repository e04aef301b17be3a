"""What is noticed in real tables, and in real tables with something planted in them."""

import inspect
import random
import types

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import datasets as bundled

from datasets.insights import sample
from tests.datasets.looked import Looked, written


@pytest.fixture(scope="module")
def cancer():
    bunch = bundled.load_breast_cancer(as_frame=True)
    return bunch.data.assign(diagnosis=[str(bunch.target_names[code]) for code in bunch.target])


@pytest.fixture(scope="module")
def digits():
    bunch = bundled.load_digits(as_frame=True)
    return bunch.data.astype(int).assign(digit=bunch.target)


@pytest.fixture(scope="module")
def docs():
    """The docstrings of the standard library's functions: a text table with its topics."""
    modules = [inspect, random, types, __import__("statistics"), __import__("textwrap")]
    rows = [
        (module.__name__, " ".join(thing.__doc__.split()))
        for module in modules
        for _, thing in inspect.getmembers(module, inspect.isroutine)
        if thing.__doc__
    ]
    return pd.DataFrame(rows, columns=["module", "text"])


def test_it_finds_nothing_wrong_with_a_sound_table(cancer):
    look = Looked(written(cancer))
    assert (look["rows"], look["sampled"]) == (569, None)
    assert not any(look[name] for name in ("constant", "identifiers", "images", "texts"))
    assert look["duplicates"] == {"rows": 0, "exact": True}
    assert list(look["targets"]) == ["diagnosis"]
    assert look.leaks("diagnosis") == {}


def test_it_measures_numbers_with_a_class_by_the_correlation_ratio(cancer):
    look = Looked(written(cancer))
    numbers, classes = cancer["mean radius"], cancer["diagnosis"] == "malignant"
    # With two classes the correlation ratio is the absolute point-biserial correlation.
    wanted = abs(stats.pointbiserialr(classes, numbers).statistic)
    assert look.measure("diagnosis", "mean radius") == ("eta", pytest.approx(wanted, abs=1e-4))


def test_it_measures_numbers_with_a_quantity_by_pearson():
    bunch = bundled.load_diabetes(as_frame=True, scaled=False)
    frame = bunch.data.assign(target=bunch.target)
    look = Looked(written(frame))
    assert "target" in look["targets"]
    wanted = stats.pearsonr(frame["s4"], frame["target"]).statistic
    assert look.measure("target", "s4") == ("pearson", pytest.approx(wanted, abs=1e-4))
    assert look.leaks("target") == {}


def test_it_measures_classes_with_classes_by_cramers_v():
    rng = np.random.default_rng(0)
    colour = rng.choice(["red", "blue", "green"], 3_000)
    near = np.where(rng.random(3_000) < 0.8, colour, "red")
    frame = pd.DataFrame({"near": near, "far": rng.choice(["x", "y"], 3_000), "target": colour})
    look = Looked(written(frame))
    plain = stats.contingency.association(pd.crosstab(frame["near"], frame["target"]).to_numpy())
    measure, value = look.measure("target", "near")
    assert (measure, value) == ("cramers_v", pytest.approx(plain, abs=0.01))
    assert look.measure("target", "far")[1] < 0.05


def test_it_ignores_rows_with_a_missing_value_in_a_measure(cancer):
    frame = cancer.copy()
    frame.loc[::3, "mean radius"] = np.nan
    full = frame.dropna()
    wanted = stats.pointbiserialr(full["diagnosis"] == "malignant", full["mean radius"]).statistic
    found = Looked(written(frame)).measure("diagnosis", "mean radius")[1]
    assert found == pytest.approx(abs(wanted), abs=1e-4)


def test_it_recognises_digits_as_pictures(digits):
    look = Looked(written(digits))
    assert look["images"] == {
        "first": 0, "count": 64, "height": 8, "width": 8, "low": 0.0, "high": 16.0
    }  # fmt: skip
    assert list(look["targets"]) == ["digit"]
    assert look.leaks("digit") == {}
    assert {"pixel_0_0", "pixel_4_0"} <= set(look["constant"])


@pytest.mark.parametrize(
    ("shape", "names", "expected"),
    [
        ((8, 8), "pixel{n}", {"first": 1, "count": 64, "height": 8, "width": 8}),
        ((28, 28), "{r}x{c}", {"first": 1, "count": 784, "height": 28, "width": 28}),
        ((9, 12), "p_{r}_{c}", {"first": 1, "count": 108, "height": 9, "width": 12}),
        ((32, 96), "f{n}", {"first": 1, "count": 3072, "height": 32, "width": 32, "channels": 3}),
        ((8, 8), "column_{n}", {"first": 1, "count": 64, "height": 8, "width": 8}),
        ((8, 9), "pixel{n}", None),
    ],
)
def test_it_knows_shapes_by_count_and_by_name(shape, names, expected):
    rng = np.random.default_rng(0)
    if shape[0] * shape[1] > 2_000:
        shape, expected = (16, 48), expected | {"count": 768, "height": 16, "width": 16}
    pixels = rng.integers(0, 256, (30, *shape)).reshape(30, -1)
    columns = [names.format(n=r * shape[1] + c + 1, r=r, c=c) for r, c in np.ndindex(shape)]
    frame = pd.DataFrame(pixels, columns=columns)
    # A label whose name is numbered like the pixels' must not become one.
    frame.insert(0, columns[0][:-1] + "0" if "column" in names else "label", np.arange(30) % 3)
    found = Looked(written(frame))["images"]
    assert (found and {key: found[key] for key in expected}) == expected


def test_it_takes_no_measurements_for_pictures(cancer):
    numbers = cancer.drop(columns="diagnosis")
    wide = pd.concat([numbers, numbers * 2, numbers.iloc[:, :4]], axis=1)
    wide.columns = [f"x{n}" for n in range(64)]
    assert Looked(written(wide))["images"] is None


@pytest.mark.parametrize(
    "plant",
    [
        lambda classes: (classes == "malignant").astype(int) * 4 + 1,
        lambda classes: np.where(classes == "malignant", "C50.9", "D24.1"),
        lambda classes: (classes == "malignant") + np.random.default_rng(0).random(569) / 2,
        lambda classes: np.where(classes == "malignant", "2024-05-01", ""),
    ],
    ids=["code", "text", "score", "filled"],
)
def test_it_names_a_column_that_gives_the_class_away(cancer, plant):
    look = Looked(written(cancer.assign(result=plant(cancer["diagnosis"]))))
    assert list(look.leaks("diagnosis")) == ["result"]


def test_it_names_a_number_that_is_the_target_in_another_unit():
    bunch = bundled.load_diabetes(as_frame=True, scaled=False)
    noise = np.random.default_rng(0).normal(0, 0.5, 442)
    frame = bunch.data.assign(score=-2.5 * bunch.target + noise, target=bunch.target)
    look = Looked(written(frame))
    assert list(look.leaks("target")) == ["score"]
    assert look.measure("target", "score")[1] == pytest.approx(-1, abs=1e-3)


def test_it_calls_a_number_of_the_row_an_identifier_and_no_leak(cancer):
    # By the order of the rows the number separates the classes.
    frame = cancer.sort_values("diagnosis").assign(
        id=np.arange(569) + 1000, code=[f"P-{n:05}" for n in range(569)]
    )
    look = Looked(written(frame))
    assert look["identifiers"] == ["id", "code"]
    assert look.leaks("diagnosis") == {}


def test_it_does_not_take_repeated_rows_for_a_leak(cancer):
    look = Looked(written(pd.concat([cancer] * 4)))
    assert look["duplicates"] == {"rows": 3 * 569, "exact": True}
    assert look.leaks("diagnosis") == {}


def test_it_counts_repeated_rows_in_every_column(cancer):
    look = Looked(written(pd.concat([cancer, cancer.iloc[:40], cancer.iloc[:7]])))
    assert look["duplicates"] == {"rows": 47, "exact": True}


def test_it_describes_texts(docs):
    look = Looked(written(docs))
    assert list(look["texts"]) == ["text"]
    lengths = look["texts"]["text"]["lengths"]
    sizes = docs["text"].str.len()
    assert (lengths["min"], lengths["max"]) == (sizes.min(), sizes.max())
    assert lengths["p50"] == sizes.median()
    assert sum(lengths["counts"]) == len(docs)
    words = {one["word"]: one["count"] for one in look["texts"]["text"]["words"]}
    assert {"the", "a", "of"} <= set(words)
    assert list(look["targets"]) == ["module"]


@pytest.mark.parametrize("rows", [60, 300])
def test_it_measures_texts_beyond_what_it_keeps_of_them(rows, monkeypatch):
    monkeypatch.setattr(sample, "ROWS", 100)
    text = "it goes on and on, " * 300
    data = "n,text\n" + "".join(f'{n},"{text[: 1_000 + 10 * n]}"\n' for n in range(rows))
    lengths = Looked(data)["texts"]["text"]["lengths"]
    assert lengths["max"] == pytest.approx(1_000 + 10 * rows, rel=0.05)
    assert lengths["p50"] == pytest.approx(1_000 + 5 * rows, rel=0.2)


def test_it_names_constant_columns(cancer):
    look = Looked(written(cancer.assign(unit="mm", scale=1.0, gap=["x", None] * 284 + ["x"])))
    assert look["constant"] == ["unit", "scale"]


def test_it_keeps_first_random_and_class_rows_as_they_stand_in_the_file(digits):
    look = Looked(written(digits))
    table, kept = look.kept()
    assert kept == {"first": 1_797, "random": 1_000, "per_class": 12}
    assert table.column_names == ["__kept", "__row", *digits.columns]
    rows = table.to_pylist()
    assert [row["__row"] for row in rows[:1_797]] == list(range(1_797))
    assert all(row["digit"] == str(digits["digit"][row["__row"]]) for row in rows)
    by_class = [row["digit"] for row in rows if row["__kept"] == "class"]
    assert sorted(by_class) == sorted("0123456789" * 12)
    assert len({row["__row"] for row in rows if row["__kept"] == "random"}) == 1_000


def test_it_cuts_long_cells_of_kept_rows():
    table, _ = Looked("text,n\n" + "".join(f"{'é' * 5_000},{n}\n" for n in range(30))).kept()
    assert {len(cell) for cell in table.column("text").to_pylist()} == {2_000}


def test_it_says_that_it_looked_at_a_sample_and_still_finds_the_leak(cancer, monkeypatch):
    monkeypatch.setattr(sample, "ROWS", 300)
    monkeypatch.setattr(sample.Repeats, "MOST", 400)
    frame = pd.concat([cancer, cancer.iloc[:300]])
    result = (frame["diagnosis"] == "malignant") * 3
    look = Looked(written(frame.assign(result=result)))
    assert (look["rows"], 100 < look["sampled"] <= 300) == (869, True)
    assert list(look.leaks("diagnosis")) == ["result"]
    assert look["duplicates"]["exact"] is False
    assert 0 < look["duplicates"]["rows"] < 300


def test_a_sample_is_fair_to_rows_in_a_pattern(monkeypatch):
    monkeypatch.setattr(sample, "ROWS", 2_000)
    look = Looked("kind,n\n" + "".join(f"{'ab'[n % 2]},{n}\n" for n in range(50_000)))
    kinds = look.kept()[0].to_pandas().query("__kept == 'random'")["kind"]
    assert kinds.value_counts(normalize=True)["a"] == pytest.approx(0.5, abs=0.06)

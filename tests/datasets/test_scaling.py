import numpy as np
import pytest

from datasets.formats.sniff import BadTable
from tests.datasets.pure_run import ran

TABLE = "x,same,city,flag,y\n" + "".join(
    f"{n * 1.5},7,{('Genf', 'Basel', 'Bern')[n % 3]},{n % 2 == 0},{'ab'[n % 2]}\n"
    for n in range(100)
)


@pytest.mark.parametrize("format_", ["csv", "libsvm", "recordio"])
def test_standard_gives_the_training_rows_mean_0_and_deviation_1(format_):
    run = ran(TABLE, target="y", recipe={"scale": "standard", "format": format_})
    x = [float(run.encoded(x=n * 1.5)[0]) for n in range(100)]
    plain = [float(row[1]) for row in ran(TABLE, target="y").lines()]
    trained = [float(run.encoded(x=value)[0]) for value in plain]
    assert np.mean(trained) == pytest.approx(0, abs=1e-9)
    assert np.std(trained) == pytest.approx(1)
    assert x == sorted(x)


def test_minmax_gives_the_training_rows_0_to_1():
    run = ran(TABLE, target="y", recipe={"scale": "minmax"})
    column = [float(row[1]) for row in run.lines()]
    assert (min(column), max(column)) == (0, 1)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_a_constant_becomes_0(scale):
    run = ran(TABLE, target="y", recipe={"scale": scale})
    assert {row[2] for row in run.lines()} == {"0"}


def test_columns_of_0_and_1_stay_what_they_are():
    run = ran(TABLE, target="y", recipe={"scale": "standard"})
    assert {cell for row in run.lines() for cell in row[3:]} == {"0", "1"}


def test_ordinals_are_scaled_like_numbers():
    run = ran(TABLE, target="y", recipe={"scale": "minmax", "categories": {"*": "ordinal"}})
    assert run.result.features == ["x", "same", "city", "flag"]
    cities = ("Basel", "Bern", "Genf", "Wien")
    assert [run.encoded(city=city)[2] for city in cities] == ["0", "0.5", "1", ""]


def test_blocks_give_what_the_whole_would():
    from datasets import fit
    from datasets.formats.block import Block

    values = (np.random.default_rng(0).random(1000) * 1e6 + 1e9).tolist()
    moments = fit._Moments()
    for start in range(0, 1000, 37):
        block = Block(["x"], [[repr(v)] for v in values[start : start + 37]])
        moments.add(block.numbers("x"))
    mean, deviation = moments.scaling("standard")
    assert mean == pytest.approx(np.mean(values), rel=1e-12)
    assert deviation == pytest.approx(np.std(values), rel=1e-9)


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_numbers_that_no_scale_can_hold_are_refused(scale):
    rows = "".join(f"{(-1) ** n * 1.5e308},{'ab'[n % 3 == 0]}\n" for n in range(60))
    with pytest.raises(BadTable, match="“x” are too large to be scaled"):
        ran(f"x,y\n{rows}", target="y", recipe={"scale": scale})

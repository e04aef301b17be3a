"""What is fitted never sees validation or test rows: planted there, nothing moves."""

import pytest

from tests.datasets.pure_run import ran

OPTIONS = [
    {"missing": "median"},
    {"missing": "mode"},
    {"scale": "standard"},
    {"scale": "minmax"},
    {"scale": "standard", "missing": "median", "categories": "ordinal"},
    {"text": {"column": "note", "top": 3}},
    {"sample": "up", "scale": "standard"},
]


def table(change=lambda row, _number: row):
    rows = [
        change([n if n % 9 else "", ("Bern", "Basel")[n % 2], f"good word{n % 4}", n], n)
        for n in range(200)
    ]
    lines = (",".join(map(str, [*row, "ab"[n % 2]])) for n, row in enumerate(rows))
    return "x,city,note,t,y\n" + "".join(f"{line}\n" for line in lines)


def wish(options):
    """Divided by time, so that the last 60 rows are validation and test whatever they hold."""
    return {"target": "y", "recipe": options | {"split": {"by": "time", "column": "t"}}}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_extreme_values_outside_training_move_nothing(options):
    def planted(row, number):
        return row if number < 140 else [10**9, "Genf", "strange strange strange words", row[3]]

    plain, other = ran(table(), **wish(options)), ran(table(planted), **wish(options))
    assert other.result.encoding == plain.result.encoding
    assert other.body("train") == plain.body("train")
    assert other.body("test") != plain.body("test")


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_same_values_in_training_do_move_it(options):
    def planted(row, number):
        return row if number > 30 else [10**9, "Genf", "strange strange strange words", row[3]]

    plain, other = ran(table(), **wish(options)), ran(table(planted), **wish(options))
    assert other.result.encoding["features"] != plain.result.encoding["features"]

"""The rows of a split can be read again as the table has them, in the channel's order."""

import pytest

from aws import s3
from datasets.formats.sniff import BadTable
from datasets.originals import originals
from datasets.prepare import split_lines

TABLE = "number,town,worth,kind\n" + "".join(
    f"{n},town {n % 7},{n / 8:g},{'rare' if n % 9 == 0 else 'usual'}\n" for n in range(90)
)


def read(preparation, split):
    return [row for frame in originals(preparation, split) for row in frame.iter_rows(named=True)]


def made(ready, prepared, **wish):
    recipe = {"columns_out": ["town"]} | wish.pop("recipe", {})
    return prepared(ready(TABLE), target="kind", recipe=recipe, **wish)


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"format": "libsvm"},
        {"sample": "up"},
        {"split": {"by": "group", "column": "town"}},
        {"split": {"by": "time", "column": "number"}},
    ],
    ids=["plain", "libsvm", "repeated", "groups", "time"],
)
def test_it_has_every_column_of_each_row_of_the_channel(ready, prepared, recipe):
    preparation = made(ready, prepared, recipe=recipe)
    assert preparation.status == "Ready", preparation.failure_reason
    place = preparation.features.index("worth")
    for split, channel in preparation.channels.items():
        lines = [line.decode().split(",") for line in split_lines(preparation, split)]
        rows = read(preparation, split)
        assert len(rows) == channel["rows"] > 0
        assert [float(row["worth"]) for row in rows] == [float(line[1 + place]) for line in lines]
        assert [row["kind"] for row in rows] == [
            preparation.labels[int(float(line[0]))] for line in lines
        ]
        assert all(row["town"] == f"town {int(row['number']) % 7}" for row in rows)


def test_it_refuses_another_table_than_the_one_that_was_prepared(ready, prepared, lab):
    preparation = made(ready, prepared)
    shorter = "".join(TABLE.splitlines(keepends=True)[:60])
    s3.put_object(lab.account, lab.bucket, preparation.dataset.key, shorter.encode())
    with pytest.raises(BadTable, match="not the table that was prepared"):
        read(preparation, "test")

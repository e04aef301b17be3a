"""Reading a few columns of a table gives what reading all of them gives."""

import io

import pytest

from datasets.formats import registry
from datasets.formats.sniff import BadTable, Dialect

TEXT = "a,b,c\n" + "".join(f" {n},x{n},{n if n % 3 else 'NA'}\n" for n in range(500))


def read(text, names, columns=None, numbers=(), **dialect):
    found = {name: [] for name in names}
    stream = io.BytesIO(text.encode())
    dialect = Dialect(",", "utf-8", **dialect)
    for block in registry.blocks(stream, dialect, columns=columns, numbers=numbers):
        assert block.names == ("a", "b", "c")
        for name in names:
            ask = block.numbers if name in numbers else block.texts
            found[name] += map(str, ask(name))
    return found


@pytest.mark.parametrize("names", [["a"], ["c", "a"], ["b"]])
@pytest.mark.parametrize("text", [TEXT, TEXT.replace("x3,", '"x ""3""",')])
def test_chosen_columns_hold_what_they_hold_among_all(names, text):
    assert read(text, names, columns=names) == read(text, names)
    numbers = [name for name in names if name != "b"]
    assert read(text, names, names, numbers) == read(text, names, None, numbers)


def test_rows_are_counted_when_no_column_is_asked_for():
    blocks = registry.blocks(io.BytesIO(TEXT.encode()), Dialect(",", "utf-8"), columns=[])
    assert sum(map(len, blocks)) == 500


@pytest.mark.parametrize("line", ["1,2,3,4", "1,2"])
def test_a_ragged_row_is_refused_whatever_is_asked_for(line):
    with pytest.raises(BadTable, match="Line 502"):
        read(f"{TEXT}{line}\n", ["a"], columns=["a"])

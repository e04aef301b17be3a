"""A table as pandas writes it: the index comes first, without a name."""

import io

import pandas as pd
import pytest

from datasets.formats import registry
from datasets.formats.detect import inspect
from datasets.formats.sniff import BadTable

FRAME = pd.DataFrame({"age": [31, 27], "city": ["Bern", "Ulm"]}, index=[7, 9])


def read(content: bytes) -> dict[str, list[str]]:
    dialect = inspect(content, complete=True)
    (block,) = registry.blocks(io.BytesIO(content), dialect)
    return {name: block.texts(name) for name in block.names}


def test_the_index_gets_a_name():
    assert read(FRAME.to_csv().encode()) == {
        "index": ["7", "9"],
        "age": ["31", "27"],
        "city": ["Bern", "Ulm"],
    }


def test_the_name_is_not_taken_twice():
    assert list(read(FRAME.rename(columns={"age": "index"}).to_csv().encode())) == [
        "column_1",
        "index",
        "city",
    ]


def test_other_columns_need_names():
    with pytest.raises(BadTable, match="column 2 has no name"):
        inspect(b"a,,c\n1,2,3\n", complete=True)

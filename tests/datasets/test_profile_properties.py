"""A profile of any table: what pandas and numpy say about the same cells, and nothing breaks."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from datasets.formats import csv_frames
from datasets.formats.sniff import MISSING
from datasets.insights import collect, sample
from datasets.tables import columns
from tests.datasets.looked import Looked

NUMBERS = st.one_of(
    st.integers(-5, 5).map(str),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", "NA", "1.0", "01", "1e3"]),
)
WORDS = st.one_of(
    st.sampled_from(["yes", "no", "", "NaN", "true", "2024-01-31", "5"]),
    st.text('ab é,"\n', max_size=6),
)
COLUMN = st.sampled_from([NUMBERS, WORDS, st.just("same"), st.just("")])


@st.composite
def tables(draw):
    kinds = draw(st.lists(COLUMN, min_size=1, max_size=5))
    rows = draw(st.lists(st.tuples(*kinds), min_size=1, max_size=40))
    return rows * draw(st.sampled_from([1, 1, 3, 60]))


def text_of(rows):
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([f"c{n}" for n in range(len(rows[0]))])
    writer.writerows(rows)
    return file.getvalue()


@pytest.mark.slow
@given(tables(), st.sampled_from([64, 2**20]), st.booleans())
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_it_describes_any_table_as_numpy_does(rows, size, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_frames, "CHUNK_BYTES", size)
        patch.setattr(columns, "DISTINCT_PER_COLUMN", 5)
        patch.setattr(sample, "ROWS", 150)
        patch.setattr(collect, "FIRST_ROWS", 10)
        look = Looked(text_of(rows), numbers_at_once=at_once)
        look.kept()
    json.dumps([look.columns, look.found], allow_nan=False)
    assert look["rows"] == len(rows)
    for n, column in enumerate(look.columns):
        check(column, [row[n].strip() for row in rows])


def check(column, cells):
    present = [cell for cell in cells if cell not in MISSING]
    assert column["missing"] == len(cells) - len(present)
    if column["dtype"] not in ("integer", "number"):
        assert not column["unique_exact"] or column["unique"] == len(set(present))
        return
    numbers = np.array(present, dtype=float)
    assert (column["min"], column["max"]) == (numbers.min(), numbers.max())
    scale = max(1e-300, float(np.abs(numbers).max()))
    if scale < 1e150:
        assert column["mean"] == pytest.approx(numbers.mean(), rel=1e-9, abs=1e-12 * scale)
        std = numbers.std(ddof=1) if len(numbers) > 1 else 0.0
        assert column["std"] == pytest.approx(std, rel=1e-6, abs=1e-7 * scale)
        found = list(column["quantiles"].values())
        wanted = np.quantile(numbers, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert found == pytest.approx(wanted.tolist(), rel=1e-9, abs=1e-9 * scale)
        assert sum(column["histogram"]["counts"]) == len(numbers)
        assert column["sampled_rows"] == len(cells)

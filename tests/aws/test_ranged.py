import io
import random
import time

import pytest

from aws import s3
from aws.errors import Invalid, NotFound, Unavailable
from aws.ranged import TAIL_BYTES, RangedObject
from tests.aws.conftest import Reply

DATA = random.Random(0).randbytes(3 * TAIL_BYTES + 7)


@pytest.fixture
def bucket(account, name):
    s3.ensure_bucket(account, name)
    return name


def test_it_reads_any_part_as_a_file_does(account, bucket):
    s3.put_object(account, bucket, "k", DATA)
    there, here = RangedObject(account, bucket, "k", timeout=5), io.BytesIO(DATA)
    for place, whence, size in (
        (0, 0, 10),
        (-8, 2, 8),
        (len(DATA) - TAIL_BYTES - 5, 0, 50),  # from before the tail into it
        (5, 1, TAIL_BYTES),
        (0, 2, 9),
        (7, 0, -1),
    ):
        assert there.seek(place, whence) == here.seek(place, whence)
        assert there.read(size) == here.read(size)
        assert there.tell() == here.tell()


def test_it_reads_a_table_column_by_column(account, bucket):
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"a": ["x", "y"], "b": ["1", "2"]}), file)
    s3.put_object(account, bucket, "t", file.getvalue())
    table = pq.ParquetFile(RangedObject(account, bucket, "t", timeout=5)).read(columns=["b"])
    assert table.to_pydict() == {"b": ["1", "2"]}


def test_it_says_what_is_missing_or_replaced(account, bucket):
    with pytest.raises(NotFound):
        RangedObject(account, bucket, "none", timeout=5)
    s3.put_object(account, bucket, "k", DATA)
    there = RangedObject(account, bucket, "k", timeout=5)
    s3.put_object(account, bucket, "k", DATA[1:])
    with pytest.raises(Invalid):
        there.read(10)


def test_it_waits_no_longer_than_it_was_told_and_asks_once(scripted):
    scripted.replies = [Reply(delay=5)]
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        RangedObject(scripted.account, "b", "k", timeout=0.5)
    assert time.monotonic() - begun < 3
    assert len(scripted.requests) == 1

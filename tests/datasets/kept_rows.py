"""What a look at a file leaves behind, made by hand: insights, and the rows kept beside it."""

import csv
import io

import pyarrow as pa
import pyarrow.parquet as pq

from aws import s3
from datasets.insights.collect import KEPT, ROW
from datasets.models import Dataset
from datasets.profile import rows_key


def keep(dataset, rows, *, insights=None, group=500):
    """Put rows.parquet beside the file: `rows` are (why kept, number, {column: text})."""
    names = [column["name"] for column in dataset.columns]
    table = {name: [row[name] for _, _, row in rows] for name in names}
    table[KEPT] = [why for why, _, _ in rows]
    table[ROW] = [number for _, number, _ in rows]
    file = io.BytesIO()
    pq.write_table(pa.table(table), file, row_group_size=group)
    workspace = dataset.workspace
    s3.put_object(workspace.account, workspace.bucket, rows_key(dataset), file.getvalue())
    dataset.insights = (insights or {}) | {"kept": {"first": len(rows), "random": 0}}
    Dataset.objects.filter(pk=dataset.pk).update(insights=dataset.insights)
    return dataset


def first_rows(text):
    """Every row of a CSV text, kept as one of the first."""
    return [("first", n, row) for n, row in enumerate(csv.DictReader(io.StringIO(text)))]


def digits(count=30):
    """A CSV of 4 × 4 pictures of two classes: a dark and a bright square."""
    header = ",".join(f"p{n}" for n in range(16)) + ",kind\n"
    lines = [",".join([str(250 * (n % 2) + n % 5)] * 16) + f",{n % 2}\n" for n in range(count)]
    return header + "".join(lines)


PICTURES = {"first": 0, "count": 16, "height": 4, "width": 4, "low": 0, "high": 255}

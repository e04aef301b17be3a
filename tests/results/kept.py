"""An evaluation whose rows lie in S3, without asking any model."""

import io
from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from aws import s3
from datasets.models import Preparation
from endpoints.models import Endpoint
from results import originals, outcome, table
from results.models import Evaluation
from tests.results.conftest import LABELS


def evaluated(
    endpoint: Endpoint | None,
    preparation: Preparation,
    columns: Mapping[str, Sequence[float]],
    cells: Mapping[str, Sequence[str]] | None = None,
    **fields,
) -> Evaluation:
    """Completed, with these predictions, and these columns of the table."""
    rows = len(columns["predicted"])
    found = Evaluation.objects.create(
        workspace=preparation.workspace,
        name="made on test",
        status="Completed",
        endpoint=endpoint,
        preparation=preparation,
        rows=rows,
        rows_done=rows,
        **({"labels": LABELS} | fields),
    )
    key = f"{table.prefix(found)}predictions.parquet"
    with io.BytesIO() as file:
        numbered = {"row": pa.array(range(1, rows + 1), pa.int64())}
        pq.write_table(pa.table(numbered | dict(columns)), file, row_group_size=max(64, rows // 8))
        workspace = found.workspace
        s3.put_object(workspace.account, workspace.bucket, key, file.getvalue())
    found.predictions_key = key
    metrics, confusion, made = outcome.build(
        found.preparation.task, table.whole(found), found.labels
    )
    found.metrics, found.confusion, found.outcome = metrics, confusion, made
    found.save()
    if cells is not None:
        assert originals._written(found, iter([pl.DataFrame(dict(cells))]), rows)
    return found

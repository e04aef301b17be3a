"""A file with answers, looked at before all of it is asked about."""

from contextlib import closing
from itertools import islice

from aws.errors import AwsError
from core.errors import InvalidFields, Unavailable
from datasets.formats.sniff import BadTable
from datasets.models import Preparation
from endpoints import batch_rows
from endpoints.batches import BadLine
from endpoints.models import BatchPrediction

LOOKED_AT = 1_000  # rows; those that are read with them are checked, too


def check(draft: BatchPrediction, preparation: Preparation) -> None:
    """The columns and the first rows of an upload; InvalidFields at `file` with the line.

    Unavailable when S3 does not give the file.
    """
    rows = BatchPrediction(
        workspace=draft.workspace,
        preparation=preparation,
        source=draft.source,
        source_name=draft.source_name,
        has_truth=bool(preparation.target),
    )
    try:
        with closing(batch_rows.of(rows)) as found:
            count = sum(1 for _ in islice(found, LOOKED_AT))
    except batch_rows.BadRow as error:
        line = batch_rows.line_of(rows, error.number)
        place = f"Line {line:,}" if line else f"Row {error.number:,}"
        raise _refused(f"{place}: {error}.") from error
    except (BadTable, BadLine, UnicodeDecodeError) as error:
        raise _refused(str(error)) from error
    except AwsError as error:
        text = "The file cannot be read from S3."
        raise Unavailable(text, error.message, field="file") from error
    if not count:
        raise _refused("There are no rows in the file.")


def _refused(message: str) -> InvalidFields:
    return InvalidFields({"file": [message]})

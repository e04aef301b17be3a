"""The table of a comparison outside the console: as CSV, and as JSON for the page and the API."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from core.cells import inert
from jobs.compare import Chosen
from jobs.comparison import Row
from jobs.models import TrainingJob


def as_csv(jobs: Sequence[TrainingJob], rows: Iterable[Row]) -> str:
    """A line for each fact, a column for each run; values as they are kept, not rounded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["group", "name", "differs", *(inert(job.name) for job in jobs)])
    writer.writerow(["Run", "id", "yes", *(job.uid for job in jobs)])
    for row in rows:
        cells = ["" if cell.value is None else inert(str(cell.value)) for cell in row.cells]
        differs = "yes" if row.differs else "no"
        writer.writerow([row.group, inert(row.name), differs, *cells])
    return out.getvalue()


def as_json(chosen: Chosen, rows: Iterable[Row]) -> dict[str, Any]:
    """`values` stand in the order of `runs`; null is what a run does not have."""
    return {
        "runs": [{"id": job.uid, "name": job.name, "status": job.status} for job in chosen.jobs],
        "missing": chosen.missing,
        "left_out": chosen.left_out,
        "rows": [
            {
                "key": row.key,
                "group": row.group,
                "name": row.name,
                "differs": row.differs,
                "direction": row.direction or None,
                "values": [cell.value for cell in row.cells],
                "best": [place for place, cell in enumerate(row.cells) if cell.is_best],
            }
            for row in rows
        ],
    }

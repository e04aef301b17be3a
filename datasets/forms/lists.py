"""How the lists of datasets and preparations can be searched and sorted."""

from core.listing import Columns

DATASET_COLUMNS = Columns(
    search=("name", "uid", "filename"),
    sorts={"created": "created_at", "name": "name", "status": "status"}
    | {"bytes": "bytes", "rows": "rows"},
    kept=("versions", "family"),  # see `datasets.versions.narrowed`
)
PREPARATION_COLUMNS = Columns(
    search=("name", "uid", "target", "dataset__name"),
    sorts={"created": "created_at", "name": "name", "status": "status", "target": "target"},
    exact=("status", "algorithm"),
)

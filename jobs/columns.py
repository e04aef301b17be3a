"""What a list of jobs may be searched, filtered and sorted by."""

from core.listing import Columns

COLUMNS = Columns(
    search=("name", "uid", "aws_name", "algorithm", "preparation__dataset__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "algorithm": "algorithm",
        "metric": "headline_value",
        "duration": "training_seconds",
    },
    exact=("status", "algorithm"),
)

TUNING_COLUMNS = Columns(
    search=("name", "uid", "aws_name", "algorithm", "preparation__dataset__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "algorithm": "algorithm",
        "value": "best_value",
    },
    exact=("status", "algorithm", "strategy"),
)

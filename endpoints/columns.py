"""What the lists of models and endpoints may be searched and sorted by."""

from core.listing import Columns

ENDPOINT_COLUMNS = Columns(
    search=("name", "uid", "aws_name", "instance_type", "model__name"),
    sorts={
        "created": "created_at",
        "name": "name",
        "status": "status",
        "cost": "hourly_cost",
    },
)
MODEL_COLUMNS = Columns(
    search=("name", "uid", "aws_name", "job__name"),
    sorts={"created": "created_at", "name": "name", "status": "status"},
)

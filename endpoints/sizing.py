"""What may be asked of a deploy, before AWS is asked."""

import re

# Offered first; any other type that AWS has may be written by hand through the API.
OFFERED = (
    "ml.t2.medium",
    "ml.m5.large",
    "ml.m5.xlarge",
    "ml.m5.2xlarge",
    "ml.m5.4xlarge",
    "ml.c5.large",
    "ml.c5.xlarge",
    "ml.c5.2xlarge",
    "ml.g4dn.xlarge",
    "ml.g5.xlarge",
)
DEFAULT = "ml.m5.large"
MAX_INSTANCES = 20
NAME_LIMIT = 120
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")


def problems(*, instance_type: str, instance_count: int, name: str = "") -> dict[str, list[str]]:
    """Messages by field; empty when the deploy may be tried."""
    found: dict[str, list[str]] = {}
    if not _TYPE.fullmatch(instance_type) or len(instance_type) > 40:
        found["instance_type"] = [f"{instance_type[:40]!r} is not like ml.m5.large."]
    if not 1 <= instance_count <= MAX_INSTANCES:
        found["instance_count"] = [f"Between 1 and {MAX_INSTANCES} instances."]
    if len(name) > NAME_LIMIT:
        found["name"] = [f"At most {NAME_LIMIT} characters."]
    return found

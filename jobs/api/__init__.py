"""Jobs over REST: the same steps as the pages; a module for each resource."""

from ninja import Router

from jobs.api import (
    bulk,
    code,
    compare,
    experiments,
    lists,
    preflight,
    saved,
    scripts,
    training,
    tuning,
    watch,
)

router = Router(tags=["jobs"])
# Words of their own before `/jobs/{uid}`.
for resource in (
    preflight,
    compare,
    experiments,
    code,
    bulk,
    lists,
    saved,
    scripts,
    training,
    watch,
    tuning,
):
    router.add_router("", resource.router)

__all__ = ["router"]

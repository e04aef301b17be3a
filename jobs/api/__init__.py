"""Jobs over REST: the same steps as the pages; a module for each resource."""

from ninja import Router

from jobs.api import training, tuning

router = Router(tags=["jobs"])
for resource in (training, tuning):
    router.add_router("", resource.router)

__all__ = ["router"]

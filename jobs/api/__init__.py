"""Jobs over REST: the same steps as the pages; a module for each resource."""

from ninja import Router

from jobs.api import code, compare, experiments, lists, preflight, scripts, training, tuning

router = Router(tags=["jobs"])
# Words of their own before `/jobs/{uid}`.
for resource in (preflight, compare, experiments, code, lists, scripts, training, tuning):
    router.add_router("", resource.router)

__all__ = ["router"]

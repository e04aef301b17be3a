"""Models and endpoints over REST: the same steps as the pages; a module for each room."""

from ninja import Router

from endpoints.api import asking, deploy, endpoints, models

router = Router(tags=["endpoints"])
for resource in (models, deploy, endpoints, asking):
    router.add_router("", resource.router)

__all__ = ["router"]

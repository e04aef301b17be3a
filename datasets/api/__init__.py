"""Datasets and preparations over REST: the same steps as the pages; a module for each resource."""

from ninja import Router

from datasets.api import datasets, preparations, rows, uploads

router = Router(tags=["datasets"])
for resource in (datasets, uploads, preparations, rows):
    router.add_router("", resource.router)

__all__ = ["router"]

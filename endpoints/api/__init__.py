"""Models and endpoints over REST: the same steps as the pages; a module for each room."""

from endpoints.api import (
    asking,
    batch,
    cleanup,
    deploy,
    endpoints,
    models,
    policies,
    scaling,
    watch,
)
from endpoints.api.routing import router

__all__ = [
    "asking",
    "batch",
    "cleanup",
    "deploy",
    "endpoints",
    "models",
    "policies",
    "router",
    "scaling",
    "watch",
]

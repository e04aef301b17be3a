"""Models and endpoints over REST: the same steps as the pages; a module for each room."""

from endpoints.api import asking, deploy, endpoints, models, watch
from endpoints.api.routing import router

__all__ = ["asking", "deploy", "endpoints", "models", "router", "watch"]

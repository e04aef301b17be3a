"""Results over REST: the same steps as the pages; a module for each room."""

from results.api import evaluations, shares
from results.api.routing import router

__all__ = ["evaluations", "router", "shares"]

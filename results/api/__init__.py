"""Results over REST: the same steps as the pages; a module for each room."""

from results.api import compare, evaluations, exports, reports, rows, shares, threshold
from results.api.routing import router

__all__ = ["compare", "evaluations", "exports", "reports", "router", "rows", "shares", "threshold"]

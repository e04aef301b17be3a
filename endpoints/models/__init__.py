from endpoints.models.cleanup import BurnPoint, Cleanup, CleanupItem, Saving
from endpoints.models.endpoints import Endpoint
from endpoints.models.registered import RegisteredModel

__all__ = ["BurnPoint", "Cleanup", "CleanupItem", "Endpoint", "RegisteredModel", "Saving"]

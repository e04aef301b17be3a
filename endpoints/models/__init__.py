from endpoints.models.endpoints import Endpoint
from endpoints.models.registered import RegisteredModel

__all__ = ["Endpoint", "RegisteredModel"]

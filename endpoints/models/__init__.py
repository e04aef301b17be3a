from endpoints.models.asking import BatchPrediction, Prediction
from endpoints.models.cleanup import BurnPoint, Cleanup, CleanupItem, Saving
from endpoints.models.endpoints import Endpoint
from endpoints.models.notices import Notice
from endpoints.models.policies import Policy
from endpoints.models.registered import RegisteredModel

__all__ = [
    "BatchPrediction",
    "BurnPoint",
    "Cleanup",
    "CleanupItem",
    "Endpoint",
    "Notice",
    "Policy",
    "Prediction",
    "RegisteredModel",
    "Saving",
]

from endpoints.models.asking import BatchPrediction, Prediction
from endpoints.models.cleanup import BurnPoint, Cleanup, CleanupItem, Notice, Policy, Saving
from endpoints.models.endpoints import Endpoint
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

"""Asking endpoints over REST."""

from typing import Any

from django.http import HttpRequest
from ninja import Schema

from core import access
from core.http import actor_of
from endpoints.api.routing import router
from endpoints.models import Endpoint
from endpoints.predict import Prediction, predict


class Question(Schema):
    """One of: CSV text, or lists of values, or objects with a value per column."""

    csv: str = ""
    instances: list[list[Any] | dict[str, Any]] | None = None


class Answers(Schema):
    predictions: list[dict[str, Any]]
    latency_ms: float
    variant: str


def answer_fields(prediction: Prediction) -> list[dict[str, Any]]:
    """One object a row: `label`, `probability` and `top` for classes, `value` for numbers.

    `distance` is to the center of the cluster `label`, `vector` a projection.
    """
    return [
        {
            "label": answer.label or None,
            "probability": answer.probability,
            "distance": answer.distance,
            "vector": list(answer.vector) or None,
            "value": answer.value,
            "top": [
                {"label": label, "probability": share} for label, share in prediction.top(answer)
            ],
        }
        for answer in prediction.answers
    ]


@router.post("/endpoints/{uid}/predict", response=Answers)
def ask_endpoint(request: HttpRequest, uid: str, question: Question) -> dict[str, Any]:
    endpoint = access.fetch(Endpoint.objects.with_lineage(), actor_of(request), uid)
    prediction = predict(endpoint, csv=question.csv, instances=question.instances)
    return {
        "predictions": answer_fields(prediction),
        "latency_ms": round(prediction.latency_ms, 2),
        "variant": prediction.variant,
    }

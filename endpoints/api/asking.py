"""Asking endpoints over REST, and what they were asked."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Schema, Status

from core import access
from core.http import actor_of, listed
from core.listing import listing
from core.models import Role
from endpoints import history
from endpoints.answers import Answer
from endpoints.api.routing import router
from endpoints.models import Endpoint
from endpoints.models import Prediction as Asked
from endpoints.predict import Prediction, predict, predict_raw, predict_text


class Question(Schema):
    """One of: CSV text (of texts one a line), or lists of values, or objects by column.

    Or a `body` as it stands, with its `content_type` and what to `accept`, for models that nobody
    here trained; of an endpoint that runs inference components with the `component` to ask.
    """

    csv: str = ""
    instances: list[list[Any] | dict[str, Any]] | None = None
    body: str | None = None
    content_type: str = "text/csv"
    accept: str = ""
    component: str = ""


class Answers(Schema):
    """`response` is what the model wrote, in `content_type`; its beginning when it is long."""

    predictions: list[dict[str, Any]]
    latency_ms: float
    variant: str
    content_type: str
    response: str


class AskedOut(Schema):
    """What went over the wire; `status` is HTTP's, 0 when no answer came."""

    asked_at: datetime
    asked_by: str | None
    request: str
    content_type: str
    accept: str
    response: str
    status: int
    variant: str
    latency_ms: float | None


class AskedList(Schema):
    items: list[AskedOut]
    total: int
    page: int
    pages: int


def answer_fields(prediction: Prediction) -> list[dict[str, Any]]:
    """One object a row: `label`, `probability` and `top` for classes, `value` for numbers.

    `cluster` is the number of a K-Means cluster and `distance` how far its center is, `vector` a
    projection, `anomaly_score` Random Cut Forest's. `neighbours` are kNN's, nearest first, and
    `votes` how many of them have which label.
    """
    return [
        {
            "label": answer.label or None,
            "probability": answer.probability,
            "cluster": answer.code if answer.distance is not None else None,
            "distance": answer.distance,
            "vector": list(answer.vector) or None,
            "value": answer.value,
            "anomaly_score": answer.value if answer.is_anomaly else None,
            "top": [
                {"label": label, "probability": share} for label, share in prediction.top(answer)
            ],
            **_near(answer),
        }
        for answer in prediction.answers
    ]


def _near(answer: Answer) -> dict[str, Any]:
    count = len(answer.neighbours)
    return {
        "neighbours": [
            {"label": neighbour.label, "distance": neighbour.distance}
            for neighbour in answer.neighbours
        ],
        "votes": [
            {"label": label, "count": votes, "share": votes / count}
            for label, votes in answer.votes
        ],
    }


@router.post("/endpoints/{uid}/predict", response=Answers)
def ask_endpoint(request: HttpRequest, uid: str, question: Question) -> dict[str, Any]:
    """Each question and its answer is kept: see `/endpoints/{uid}/predictions`."""
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.with_lineage(), who, uid)
    prediction = _predicted(endpoint, question, who.user)
    return {
        "predictions": answer_fields(prediction),
        "latency_ms": round(prediction.latency_ms, 2),
        "variant": prediction.variant,
        "content_type": prediction.content_type,
        "response": history.cut(prediction.response.encode()),
    }


def _predicted(endpoint: Endpoint, question: Question, by: User) -> Prediction:
    if question.body is not None:
        return predict_raw(
            endpoint,
            question.body.encode(),
            question.content_type,
            question.accept,
            component=question.component,
            by=by,
        )
    if question.instances is None:
        return predict_text(endpoint, question.csv, by)
    return predict(endpoint, instances=question.instances, by=by)


@router.get("/endpoints/{uid}/predictions", response=AskedList)
def list_predictions(
    request: HttpRequest, uid: str, q: str = "", sort: str = "", page: int = 1
) -> dict[str, Any]:
    """What it was asked, the newest first: the last 200 questions, failed ones with their status.

    Long bodies are cut, and say so. `sort`: asked or latency, -asked for the newest first.
    """
    endpoint = access.fetch(Endpoint.objects.all(), actor_of(request), uid)
    rows = endpoint.predictions.select_related("asked_by")
    params = {"q": q, "sort": sort, "page": str(page)}
    return listed(listing(rows, params, history.COLUMNS), _asked)


@router.delete("/endpoints/{uid}/predictions", response={204: None})
def clear_predictions(request: HttpRequest, uid: str) -> Status[None]:
    """Forget all that it was asked. Audited, without what it was."""
    who = actor_of(request)
    endpoint = access.fetch(Endpoint.objects.all(), who, uid, role=Role.MEMBER)
    history.clear(access.in_workspace_of(who, endpoint), endpoint)
    return Status(204, None)


def _asked(row: Asked) -> dict[str, Any]:
    return {
        "asked_at": row.at,
        "asked_by": row.asked_by.username if row.asked_by else None,
        "request": row.request,
        "content_type": row.content_type,
        "accept": row.accept,
        "response": row.response,
        "status": row.status,
        "variant": row.variant,
        "latency_ms": row.latency_ms,
    }

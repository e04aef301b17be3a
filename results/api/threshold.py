from typing import Any

from django.http import HttpRequest
from ninja import Schema

from core.access import fetch, in_workspace_of
from core.http import actor_of
from core.models import Role
from results import choose, threshold
from results.api.routing import router
from results.models import Evaluation
from results.threshold import Point


class ThresholdOut(Schema):
    """`confusion` is [actual][predicted]; shares of nothing are null."""

    threshold: float | None
    confusion: list[list[int]]
    predicted_positives: int
    accuracy: float
    precision: float | None
    recall: float | None
    f1: float | None
    specificity: float | None
    cost: float | None = None
    cheapest: float | None = None


class ThresholdIn(Schema):
    threshold: float | None = None
    cost_fp: float | None = None
    cost_fn: float | None = None


def told(evaluation: Evaluation, point: Point, choice: choose.Choice) -> dict[str, Any]:
    figures = {name: getattr(point, name) for name in ThresholdOut.model_fields if name in DIRECT}
    costs: dict[str, float | None] = {"cost": None, "cheapest": None}
    if choice.cost_fp is not None and choice.cost_fn is not None:
        best = threshold.cheapest(evaluation.outcome, choice.cost_fp, choice.cost_fn)
        costs = {
            "cost": point.cost(choice.cost_fp, choice.cost_fn),
            "cheapest": best.threshold if best else None,
        }
    return {"predicted_positives": point.alarms, **figures, **costs}


DIRECT = {"threshold", "confusion", "accuracy", "precision", "recall", "f1", "specificity"}


@router.get("/evaluations/{uid}/threshold", response=ThresholdOut)
def at_threshold(
    request: HttpRequest,
    uid: str,
    at: str | None = None,
    cost_fp: str | None = None,
    cost_fn: str | None = None,
) -> dict[str, Any]:
    """What holds when a score of `at` or more counts as the second class: exact for any number.

    Without parameters, at what is stored; `cheapest` is the stored threshold of the lowest cost.
    """
    evaluation = fetch(Evaluation.objects.all(), actor_of(request), uid)
    asked = {"threshold": at, "cost_fp": cost_fp, "cost_fn": cost_fn}
    choice = choose.read(asked, choose.stored(evaluation))
    wanted = threshold.chosen(choice.of(evaluation.result))
    return told(evaluation, choose.exactly(evaluation, wanted), choice)


@router.post("/evaluations/{uid}/threshold", response=ThresholdOut)
def keep_threshold(request: HttpRequest, uid: str, wish: ThresholdIn) -> dict[str, Any]:
    """Show the result at this threshold from now on (null: the model's own), with these costs."""
    who = actor_of(request)
    evaluation = fetch(Evaluation.objects.all(), who, uid, role=Role.MEMBER)
    choice = choose.read(wish.model_dump(), choose.Choice())
    choose.keep(in_workspace_of(who, evaluation), evaluation, choice)
    wanted = threshold.chosen(evaluation.result)
    return told(evaluation, choose.exactly(evaluation, wanted), choice)

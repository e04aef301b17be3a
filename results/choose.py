"""Where a result of two classes draws its line, and what its mistakes cost."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import audit
from core.access import Actor
from core.errors import InvalidFields
from core.models import Role
from results import table, threshold
from results.errors import NotCompleted
from results.models import Evaluation
from results.threshold import Point

FIELDS = ("threshold", "cost_fp", "cost_fn")


@dataclass(frozen=True)
class Choice:
    """None: the model's own threshold; costs in any unit, both or none."""

    threshold: float | None = None
    cost_fp: float | None = None
    cost_fn: float | None = None

    def of(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """`result` with what was chosen in the place of what is stored."""
        costs = {"false_positive": self.cost_fp, "false_negative": self.cost_fn}
        return {**result, "threshold": self.threshold, "costs": costs}


def stored(evaluation: Evaluation) -> Choice:
    return Choice(
        evaluation.threshold, evaluation.cost_false_positive, evaluation.cost_false_negative
    )


def read(params: Mapping[str, Any], otherwise: Choice) -> Choice:
    """What an address or a form asks for; what it leaves out is as in `otherwise`.

    InvalidFields for what is no number, for a cost below 0, and for one cost without the other.
    """
    wrong: dict[str, list[str]] = {}
    found: dict[str, float | None] = {}
    for name in FIELDS:
        text = str(params[name]).strip() if params.get(name) is not None else None
        try:
            found[name] = getattr(otherwise, name) if text is None else _number(text)
        except ValueError:
            wrong[name] = ["This is not a number."]
            continue
        if name != "threshold" and (found[name] or 0) < 0:
            wrong[name] = ["A cost is 0 or more."]
    if not wrong and (found["cost_fp"] is None) != (found["cost_fn"] is None):
        missing = "cost_fp" if found["cost_fp"] is None else "cost_fn"
        wrong[missing] = ["Give both costs, or none."]
    if wrong:
        raise InvalidFields(wrong)
    return Choice(**found)


def keep(who: Actor, evaluation: Evaluation, choice: Choice) -> None:
    """Everybody sees the result with this choice from now on; links keep what they froze.

    What holds there is stored with the curve, so that whatever is drawn of it is exact.
    """
    who.need(Role.MEMBER)
    _must_have_scores(evaluation)
    changes: dict[str, Any] = {
        "threshold": choice.threshold,
        "cost_false_positive": choice.cost_fp,
        "cost_false_negative": choice.cost_fn,
    }
    audited = dict(changes)
    if choice.threshold is not None:
        point = exactly(evaluation, choice.threshold)
        curve = threshold.with_point(evaluation.outcome["curve"], point)
        changes["outcome"] = {**evaluation.outcome, "curve": curve}
    Evaluation.objects.filter(pk=evaluation.pk).update(**changes)
    for name, value in changes.items():
        setattr(evaluation, name, value)
    audit.note(who, "evaluation.threshold", evaluation, **audited)


def exactly(evaluation: Evaluation, at: float) -> Point:
    """What holds at any threshold, counted over every row where the stored curve has gaps.

    NotCompleted without scores; raises as `table.said`.
    """
    _must_have_scores(evaluation)
    found = threshold.at(evaluation.outcome, at)
    if found.is_exact:
        return found
    rows = table.said(evaluation)
    return threshold.of_scores(rows.score, rows.actual, at)


def _must_have_scores(evaluation: Evaluation) -> None:
    if evaluation.result["task"] != "binary" or "curve" not in evaluation.outcome:
        raise NotCompleted(
            "This result has no threshold.",
            "Only a finished evaluation of two classes whose model gives scores has one.",
        )


def _number(text: str) -> float | None:
    if not text:
        return None
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value

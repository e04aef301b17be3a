"""How far an evaluation is, and what can be done about it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.http import actor_of
from core.models import Role
from results import drill, evaluate
from results.models import Evaluation
from results.views.evaluate import again_url

SHOWN = 5  # slices


def progress(request: HttpRequest, evaluation: Evaluation) -> dict[str, Any]:
    """What `results/_progress.html` and `results/_weak.html` show."""
    may_write = actor_of(request).may(Role.MEMBER)
    together = evaluate.together(evaluation) if evaluation.group else []
    return {
        "eta": eta(evaluation),
        "may_stop": may_write and not evaluation.is_finished,
        "again": again_url(evaluation) if may_write and evaluation.is_finished else "",
        "together": together,
        "compare_url": _compare_url(together),
        "weak": drill.weakest(evaluation)[:SHOWN],
    }


def eta(evaluation: Evaluation) -> float | None:
    """Seconds still to go at the speed so far; None before there is a speed."""
    done = evaluation.progress
    if evaluation.status != Evaluation.Status.RUNNING or not 0 < done < 1:
        return None
    elapsed = (timezone.now() - evaluation.status_at).total_seconds()
    return elapsed * (1 - done) / done


def _compare_url(together: list[Evaluation]) -> str:
    """Of those that are complete, once there are two."""
    done = [one.uid for one in together if one.status == Evaluation.Status.COMPLETED]
    if len(done) < 2:
        return ""
    return f"{reverse('results:compare')}?{urlencode({'ids': ','.join(done)})}"

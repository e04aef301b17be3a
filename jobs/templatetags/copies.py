"""What a job's page says of the job that it is a copy of."""

from typing import Any

from django import template
from django.template.context import Context

from core import access
from core.errors import NotFound
from core.http import actor_of
from jobs import changes, training
from jobs.models import TrainingJob

register = template.Library()


@register.inclusion_tag("jobs/_cloned.html", takes_context=True)
def cloned(context: Context, job: TrainingJob) -> dict[str, Any]:
    """`{% cloned job %}`: nothing for a job that is no copy, or a copy of what one may not see."""
    rows = TrainingJob.objects.select_related("preparation__dataset")
    original = rows.filter(uid=job.cloned_from).first() if job.cloned_from else None
    if original is None:
        return {}
    try:
        access.in_workspace_of(actor_of(context["request"]), original)
    except NotFound:
        return {}
    found = changes.between(training.recipe_of(original), training.recipe_of(job))
    return {"original": original, "changed": found}

"""The tags of one job."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.errors import InvalidFields
from core.http import actor_of, page_object
from core.models import Role
from jobs import tags
from jobs.models import TrainingJob


@require_POST
def job_tags(request: HttpRequest, uid: str) -> HttpResponse:
    """`add` puts a tag on, `remove` takes one off."""
    job = page_object(request, TrainingJob.objects.all(), uid, role=Role.MEMBER)
    who = actor_of(request)
    try:
        if removed := request.POST.get("remove"):
            tags.remove(who, job, removed)
        else:
            tags.add(who, job, request.POST.get("add", ""))
    except InvalidFields as error:
        messages.error(request, error.message)
    return redirect(reverse("jobs:detail", args=[job.uid]) + "#tags")

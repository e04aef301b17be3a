"""The same job on another workspace: its data go there first, then its form opens there."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.models import Membership, Role, Workspace
from core.nudge import nudge
from datasets import elsewhere
from datasets.models import Preparation
from datasets.tasks import copy_to_workspace
from jobs.models import TrainingJob


@require_http_methods(["GET", "POST"])
def job_elsewhere(request: HttpRequest, uid: str) -> HttpResponse:
    """GET offers the workspaces; POST has the data copied to the one with the slug `workspace`."""
    rows = TrainingJob.objects.select_related("workspace", "preparation__dataset__workspace")
    job = page_object(request, rows, uid, role=Role.MEMBER)
    who = actor_of(request)
    if job.preparation is None:
        raise UserError("The data of this job are not known here, so they cannot be copied.")
    offered = _offered(who)
    problem = ""
    if request.method == "POST":
        chosen = next((one for one in offered if one.slug == request.POST.get("workspace")), None)
        try:
            return _sent(who, job, job.preparation, chosen)
        except UserError as error:
            problem = f"{error.message} {error.hint}".strip()
    context = {"job": job, "preparation": job.preparation, "offered": offered, "problem": problem}
    return page(request, "jobs/elsewhere.html", context, status=422 if problem else 200)


def _offered(who: Actor) -> list[Workspace]:
    """The other workspaces in which `who` may launch jobs."""
    memberships = Membership.objects.filter(user=who.user, role__gte=Role.MEMBER)
    others = memberships.exclude(workspace=who.workspace).select_related("workspace")
    return [one.workspace for one in others.order_by("workspace__name")]


def _sent(
    who: Actor, job: TrainingJob, preparation: Preparation, chosen: Workspace | None
) -> HttpResponse:
    if chosen is None:
        raise InvalidFields({"workspace": ["Choose one of the workspaces."]})
    row = elsewhere.request(who, preparation, chosen)
    nudge(copy_to_workspace, row.pk)
    place = urlencode({"preparation": row.uid, "clone": job.uid})
    return redirect(f"{reverse('jobs:new')}?{place}")

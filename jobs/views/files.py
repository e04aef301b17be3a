"""The files of a job: how large they are, and one of them."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from core.http import actor_of, page, page_object
from core.models import Role
from jobs import files
from jobs.models import TrainingJob

BLOCK = 2**20


@require_GET
def job_files(request: HttpRequest, uid: str) -> HttpResponse:
    """What it read and made, with sizes: asks S3, so it is a page of its own and a part of ours."""
    job = page_object(request, _rows(), uid)
    context = {
        "job": job,
        "inputs": [(one, files.size(job.workspace, one.uri)) for one in files.inputs(job)],
        "outputs": files.outputs(job),
        "may_load": actor_of(request).may(Role.MEMBER) and files.may_hand_out(job),
    }
    return page(request, "jobs/files.html", context)


@require_GET
def job_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """One file: from Amazon through a link of a few minutes, from this machine as a stream.

    Without a name: which there are.
    """
    job = page_object(request, _rows(), uid, role=Role.MEMBER)
    name = request.GET.get("name", "")
    if not name:
        return job_files(request, uid)
    if link := files.link(actor_of(request), job, name):
        return redirect(link)
    response = StreamingHttpResponse(_blocks(job, name), content_type="application/octet-stream")
    saved = f"{job.aws_name}-{name.rpartition('/')[2]}"
    disposition = content_disposition_header(as_attachment=True, filename=saved)
    response["Content-Disposition"] = disposition or "attachment"
    return response


def _rows() -> QuerySet[TrainingJob]:
    return TrainingJob.objects.select_related("workspace", "preparation__dataset", "experiment")


async def _blocks(job: TrainingJob, name: str) -> AsyncIterator[bytes]:
    # Asynchronous: Django collects a synchronous iterator in memory before an ASGI server sends it.
    with ExitStack() as opened:
        stream = await sync_to_async(opened.enter_context)(files.reading(job, name))
        while block := await sync_to_async(stream.read)(BLOCK):
            yield block

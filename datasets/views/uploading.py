"""Getting a file in: in parts, by the page's script and the API; without JavaScript, as a form."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from aws import cors
from core.access import Actor
from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role, Workspace
from core.nudge import nudge
from datasets import resumable, samples, upload, versions
from datasets.incoming import StreamToS3
from datasets.models import Dataset
from datasets.tasks import profile_dataset


@csrf_exempt  # checked by `_receive`: the check reads the form, and the handler must come first
@require_http_methods(["GET", "POST"])
def dataset_upload(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    earlier = versions.continued(who.workspace, request.GET.get("version_of", ""))
    if request.method == "GET":
        return _form(request, version_of=earlier)
    handler = StreamToS3(who)
    request.upload_handlers = [handler]
    try:
        return _receive(request, handler)
    finally:
        handler.discard()  # leaves a kept dataset alone


@csrf_protect
def _receive(request: HttpRequest, handler: StreamToS3) -> HttpResponse:
    name, key = request.POST.get("name", ""), request.POST.get("idempotency_key", "")
    who, of = actor_of(request), request.POST.get("version_of", "")
    try:
        row, _ = upload.accept(who, handler.received(), name=name, key=key, version_of=of)
    except UserError as problem:
        earlier = Dataset.objects.present().of(who.workspace).filter(uid=of).first()
        return _form(request, name, problem, earlier)
    nudge(profile_dataset, row.pk)
    return redirect("datasets:detail", row.uid)


def _form(
    request: HttpRequest,
    name: str = "",
    error: UserError | None = None,
    version_of: Dataset | None = None,
) -> HttpResponse:
    who = actor_of(request)
    context = {
        "error": error,
        "name": name,
        "version_of": version_of,  # the dataset that the file is the next version of
        "idempotency_key": uuid.uuid4().hex,
        "samples": samples.SAMPLES,
        "unfinished": resumable.unfinished(who),
    }
    status = error.status if error else 200
    return _free(who, page(request, "datasets/upload.html", context, status=status))


def _free(who: Actor, response: HttpResponse) -> HttpResponse:
    """Let the page's script reach the workspace's bucket, where parts may go straight to it."""
    if who.workspace.kind == Workspace.Kind.AWS:
        place = cors.address(who.workspace.account, who.workspace.bucket)
        response._csp_update = {"connect-src": ["'self'", place]}  # type: ignore[attr-defined]  # noqa: SLF001  # as django-csp's decorator, whose sources are fixed
    return response


@require_POST
def dataset_upload_cancel(request: HttpRequest, uid: str) -> HttpResponse:
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    resumable.cancel(actor_of(request), dataset, now=timezone.now())
    messages.success(request, f"What was there of {dataset.filename} is gone.")
    return redirect("datasets:upload")


@require_POST
def dataset_sample(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    row = samples.create(who, who.workspace, request.POST.get("sample", ""))
    nudge(profile_dataset, row.pk)
    return redirect("datasets:detail", row.uid)

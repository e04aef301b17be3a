"""Getting a file in: streamed to S3 while the request is parsed, with or without JavaScript."""

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import UserError
from core.http import actor_of, json_error, page
from core.models import Role
from core.nudge import nudge
from datasets import samples, upload, versions
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
    by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    name, key = request.POST.get("name", ""), request.POST.get("idempotency_key", "")
    who, of = actor_of(request), request.POST.get("version_of", "")
    try:
        row, _ = upload.accept(who, handler.received(), name=name, key=key, version_of=of)
    except UserError as problem:
        if by_script:
            return json_error(request, problem)
        earlier = Dataset.objects.present().of(who.workspace).filter(uid=of).first()
        return _form(request, name, problem, earlier)
    nudge(profile_dataset, row.pk)
    place = reverse("datasets:detail", args=[row.uid])
    return JsonResponse({"location": place}, status=201) if by_script else redirect(place)


def _form(
    request: HttpRequest,
    name: str = "",
    error: UserError | None = None,
    version_of: Dataset | None = None,
) -> HttpResponse:
    context = {
        "error": error,
        "name": name,
        "version_of": version_of,  # the dataset that the file is the next version of
        "idempotency_key": uuid.uuid4().hex,
        "samples": samples.SAMPLES,
    }
    return page(request, "datasets/upload.html", context, status=error.status if error else 200)


@require_POST
def dataset_sample(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    row = samples.create(who, who.workspace, request.POST.get("sample", ""))
    nudge(profile_dataset, row.pk)
    return redirect("datasets:detail", row.uid)

"""Getting a model in: an archive, uploaded or in S3, and what serves it."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page
from core.models import Role
from core.nudge import nudge
from endpoints import imports
from endpoints.forms import ImportForm
from endpoints.incoming import StreamModel
from endpoints.models import RegisteredModel
from endpoints.tasks import submit_model


@csrf_exempt  # checked by `_receive`: the check reads the form, and the handler must come first
@require_http_methods(["GET", "POST"])
def model_import(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    if request.method == "GET":
        return _page(request, ImportForm(initial={"idempotency_key": uuid.uuid4().hex}), None)
    handler = StreamModel(who)
    request.upload_handlers = [handler]
    try:
        return _receive(request, handler)
    finally:
        handler.discard()  # leaves alone what became a model, or waits for its form


@csrf_protect
def _receive(request: HttpRequest, handler: StreamModel) -> HttpResponse:
    who, data = actor_of(request), request.POST.copy()
    form, draft, problem = ImportForm(data), None, None
    try:
        draft = handler.received() or _earlier(who, data.get("upload", ""))
    except UserError as error:
        problem = error
    data["upload"] = draft.uid if draft else ""
    if form.is_valid() and not problem:
        is_fresh = handler.received() is not None
        try:
            model = _imported(who, form, draft, is_fresh=is_fresh)
        except UserError as error:
            problem = error
        else:
            nudge(submit_model, model.pk)
            return redirect("endpoints:model", model.uid)
    if problem:
        form.complain(problem)
    handler.release()
    return _page(request, form, draft)


def _earlier(who: Actor, uid: str) -> RegisteredModel | None:
    return imports.draft_of(who, uid) if uid else None


def _imported(
    who: Actor, form: ImportForm, draft: RegisteredModel | None, *, is_fresh: bool
) -> RegisteredModel:
    """From the file or the address; an address goes before a file of an earlier try."""
    source, key = form.cleaned_data["source"], form.cleaned_data["idempotency_key"]
    if source and is_fresh:
        raise InvalidFields({"source": ["Give a file or an address, one of the two."]})
    if draft and not source:
        return imports.from_upload(who, form.wish, draft, key=key)[0]
    if not source:
        raise InvalidFields({"file": ["Choose a file, or give an address in S3."]})
    return imports.from_s3(who, form.wish, source, key=key)[0]


def _page(request: HttpRequest, form: ImportForm, draft: RegisteredModel | None) -> HttpResponse:
    context = {
        "form": form,
        "draft": draft,
        "imported_from": actor_of(request).workspace.import_buckets,
    }
    status = 422 if form.is_bound else 200
    return page(request, "endpoints/model_import.html", context, status=status)

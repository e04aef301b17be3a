"""A job of one's own: a script for a framework's image, or a whole image."""

import uuid
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from core import access
from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.idempotency import once
from core.models import Role, Workspace
from core.nudge import nudge
from datasets.models import Preparation
from jobs import scripts, source
from jobs.forms.scripts import ScriptForm, initial_of
from jobs.incoming import OneFile
from jobs.models import TrainingJob
from jobs.source import Source
from jobs.tasks import submit_training_job
from jobs.views.preflight import panel

OFFERED = 100
SHOWN_FILES = 50
# Beside its script: what the page of a first job is filled with.
EXAMPLE = {
    "kind": "scikit-learn",
    "entry_point": "train.py",
    "hyperparameters": "trees=50\nmax-depth=5",
    "metric_definitions": "train:accuracy=train_accuracy=([0-9.]+)\n"
    "validation:accuracy=val_accuracy=([0-9.]+)",
    "headline": "validation:accuracy",
}
# What the scripts of a framework import, and what gets it onto this machine.
PACKAGES = {"pytorch": "torch", "tensorflow": "tensorflow"}


@csrf_exempt  # checked by `_answered`: the check reads the form, and the handler must come first
@require_http_methods(["GET", "POST"])
def script_new(request: HttpRequest) -> HttpResponse:
    """`?kind=` is one of `scripts.KINDS`; `?preparation=` names the data, `?clone=` an original."""
    actor_of(request)  # strangers upload nothing
    upload = OneFile("upload")
    request.upload_handlers = [upload]
    return _answered(request, upload)


@csrf_protect
def _answered(request: HttpRequest, upload: OneFile) -> HttpResponse:
    original, preparation = _original(request), _preparation(request)
    who = actor_of(request)
    who.need(Role.MEMBER)
    kind = _kind(request, original)
    checked, part = None, request.GET.get("part", "")
    if request.method == "POST":
        form = _posted(request, upload, who, kind, original)
        if part != "estimate" and (form.is_valid() or part):
            checked = panel(request, form, form.plan, who.workspace)
            if not part and not checked.stops and (job := _launched(who, form, original)):
                return redirect("jobs:detail", job.uid)
    else:
        form = _fresh(who, kind, original, preparation, example="example" in request.GET)
    context = _context(request, form, original) | {"preflight": checked}
    status = 422 if request.method == "POST" and not part else 200
    return page(request, "jobs/script_new.html", context, status=status)


def _original(request: HttpRequest) -> TrainingJob | None:
    uid = request.GET.get("clone", "")
    rows = TrainingJob.objects.select_related("workspace", "preparation__dataset", "experiment")
    return access.fetch(rows, actor_of(request), uid) if uid else None


def _preparation(request: HttpRequest) -> Preparation | None:
    uid = request.GET.get("preparation", "")
    rows = Preparation.objects.select_related("workspace", "dataset")
    return page_object(request, rows, uid, role=Role.MEMBER) if uid else None


def _kind(request: HttpRequest, original: TrainingJob | None) -> str:
    kind = request.GET.get("kind", "")
    if original:
        kind = original.algorithm if original.source else scripts.IMAGE
    if not kind:
        return scripts.KINDS[0]
    if kind not in scripts.KINDS:
        raise UserError("There is no such kind of job.", f"Choose from {', '.join(scripts.KINDS)}.")
    return kind


def _prepared(workspace: Workspace) -> QuerySet[Preparation]:
    return (
        Preparation.objects.select_related("dataset")
        .filter(workspace=workspace, status=Preparation.Status.READY, deleted_at=None)
        .filter(dataset__deleted_at=None)
        .order_by("-created_at")[:OFFERED]
    )


def _fresh(
    who: Actor,
    kind: str,
    original: TrainingJob | None,
    preparation: Preparation | None,
    *,
    example: bool,
) -> ScriptForm:
    program: Source | None = None
    initial: dict[str, Any] = {}
    if original:
        program = _reread(original)
        initial = initial_of(original, program)
    elif example and kind == EXAMPLE["kind"]:
        initial = EXAMPLE | {"script": render_to_string("jobs/script_example.txt")}
    if preparation:
        initial["preparation"] = preparation.uid
    return ScriptForm(
        kind=kind,
        workspace=who.workspace,
        preparations=list(_prepared(who.workspace)),
        program=program,
        initial={"idempotency_key": uuid.uuid4().hex} | initial,
    )


def _reread(original: TrainingJob) -> Source | None:
    """The original's source; None when it is gone, and the copy asks for another."""
    try:
        return scripts.kept(original.workspace, scripts.digest_of(original))
    except UserError:
        return None


def _posted(
    request: HttpRequest, upload: OneFile, who: Actor, kind: str, original: TrainingJob | None
) -> ScriptForm:
    """The form with what was sent; from the first time on a source is there by reference."""
    data, program, problem = request.POST.copy(), None, ""
    part = request.GET.get("part", "")
    if kind != scripts.IMAGE and part != "estimate":
        try:
            program = _received(request, upload, who.workspace, original)
            if program and not part:
                scripts.keep(who.workspace, program)
        except (UserError, source.BadSource) as error:
            problem = getattr(error, "message", str(error))
        if program:
            data["source"] = program.digest
        if program and upload.is_given:
            data["script"] = ""  # the file came instead
    return ScriptForm(
        data,
        kind=kind,
        workspace=who.workspace,
        preparations=list(_prepared(who.workspace)),
        program=program,
        problem=problem,
        has_all=not part,  # what htmx asks about while one types comes without the file
        initial=initial_of(original, program) if original else {},
    )


def _received(
    request: HttpRequest, upload: OneFile, workspace: Workspace, original: TrainingJob | None
) -> Source | None:
    """The file, else what was typed, else what is kept already."""
    text, digest = request.POST.get("script", ""), request.POST.get("source", "")
    if upload.is_given:
        return upload.program
    if text.strip():
        return source.of_text(text, request.POST.get("entry_point", "").strip())
    if original and digest and digest == scripts.digest_of(original):
        return scripts.kept(original.workspace, digest)  # perhaps of another workspace
    return scripts.kept(workspace, digest) if digest else None


def _launched(who: Actor, form: ScriptForm, original: TrainingJob | None) -> TrainingJob | None:
    """The job, new or of an earlier click; None with the errors on the form."""
    cleaned = form.cleaned_data
    try:
        job, _ = once(
            who,
            cleaned["idempotency_key"],
            TrainingJob,
            lambda: scripts.request(
                who,
                form.wish,
                machine=form.machine,
                experiment=cleaned["experiment"],
                name=cleaned["name"],
                cloned_from=original.uid if original else "",
            ),
        )
    except UserError as error:
        found = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        form.complain(found)
        return None
    nudge(submit_training_job, job.pk)
    return job


def _context(
    request: HttpRequest, form: ScriptForm, original: TrainingJob | None
) -> dict[str, Any]:
    workspace = form.workspace
    package = PACKAGES.get(form.kind, "") if workspace.kind == Workspace.Kind.LOCAL else ""
    kept = ("kind", "preparation")
    asked = {name: request.GET[name] for name in kept if request.GET.get(name)}
    asked |= {"clone": original.uid} if original else {"kind": form.kind}
    place = f"{reverse('jobs:script_new')}?{urlencode(asked)}"
    files = form.program.members if form.program else ()
    is_blank = request.method == "GET" and original is None and "example" not in request.GET
    return {
        "form": form,
        "framework": form.framework,
        "original": original,
        "place": place,
        "price": form.price,
        "fresh": f"{place}&part=estimate",
        "example": f"{place}&example=1" if is_blank and form.kind == EXAMPLE["kind"] else "",
        "files": files[:SHOWN_FILES],
        "more_files": len(files) - SHOWN_FILES,
        "installs": source.REQUIREMENTS in dict(files),
        "refusal": scripts.forbidden(workspace) if form.framework else "",
        "missing": package and find_spec(package) is None,
    }

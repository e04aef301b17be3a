"""Getting data in from S3: an address, and a worker copies what lies there."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.access import Actor
from core.errors import InvalidFields, UserError
from core.http import actor_of, page
from core.models import Role
from core.nudge import nudge
from datasets import imports, versions
from datasets.forms.importing import ImportForm
from datasets.models import Dataset
from datasets.tasks import import_dataset

NAMED = 3


@require_http_methods(["GET", "POST"])
def dataset_import(request: HttpRequest) -> HttpResponse:
    who = actor_of(request)
    who.need(Role.MEMBER)
    about = request.POST or request.GET
    earlier = versions.continued(who.workspace, about.get("version_of", ""))
    start = {"version_of": earlier.uid if earlier else "", "idempotency_key": uuid.uuid4().hex}
    form = ImportForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        row = _imported(request, who, form)
        if row is not None:
            return redirect("datasets:detail", row.uid)
    context = {"form": form, "version_of": earlier, "imported_from": who.workspace.import_buckets}
    return page(request, "datasets/import.html", context, status=422 if form.errors else 200)


def _imported(request: HttpRequest, who: Actor, form: ImportForm) -> Dataset | None:
    """The row that waits for a worker; None when the form now says what is wrong."""
    try:
        found = imports.plan(who.workspace, form.cleaned_data["source"])
        row, made = imports.accept(
            who,
            found,
            name=form.cleaned_data["name"],
            version_of=form.cleaned_data["version_of"],
            key=form.cleaned_data["idempotency_key"],
        )
    except InvalidFields as problem:
        for field, texts in problem.errors.items():
            form.add_error(field if field in form.fields else None, texts)
        return None
    except UserError as problem:
        form.add_error(problem.field or None, f"{problem.message} {problem.hint}".strip())
        return None
    nudge(import_dataset, row.pk)
    if made and found.skipped:
        named = ", ".join(found.skipped[:NAMED]) + (", …" if len(found.skipped) > NAMED else "")
        messages.info(request, f"Not taken as rows: {named}.")
    return row

"""Is it read right? How a text file is read, with its first rows beside it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.models import Role
from core.nudge import nudge
from datasets import dialects
from datasets.dialects import Seen
from datasets.formats.sniff import Dialect
from datasets.forms.dialect import DialectForm
from datasets.models import Dataset
from datasets.reading import dialect_of
from datasets.tasks import profile_dataset


@require_http_methods(["GET", "POST"])
def dataset_dialect(request: HttpRequest, uid: str) -> HttpResponse:
    """GET with the form's fields shows the rows as they would be read; nothing is stored."""
    dataset = page_object(request, Dataset.objects.all(), uid, role=Role.MEMBER)
    asked = request.POST if request.method == "POST" else request.GET
    form = DialectForm(dataset, asked if "encoding" in asked else None)
    if request.method == "POST" and form.is_valid() and _changed(request, dataset, form):
        return redirect("datasets:detail", dataset.uid)
    context = {
        "dataset": dataset,
        "form": form,
        "problem": _problem(dataset),
        "seen": _seen(dataset, form),
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "datasets/dialect.html", context, status=status)


def _changed(request: HttpRequest, dataset: Dataset, form: DialectForm) -> bool:
    """False when the form now says what is wrong."""
    try:
        dialects.change(actor_of(request), dataset, form.wish, now=timezone.now())
    except InvalidFields as error:
        for field, texts in error.errors.items():
            form.add_error(field if field in form.fields else None, texts)
        return False
    except UserError as error:
        form.add_error(None, f"{error.message} {error.hint}".strip())
        return False
    nudge(profile_dataset, dataset.pk)
    return True


def _problem(dataset: Dataset) -> UserError | None:
    """Why nothing can be changed now."""
    try:
        dialects.check_open(dataset)
    except UserError as error:
        return error
    return None


def _seen(dataset: Dataset, form: DialectForm) -> Seen | UserError | None:
    """The first rows as the form has it; None without a form that fits."""
    try:
        dialect: Dialect = dialect_of(dataset)
        if form.is_bound:
            if not form.is_valid():
                return None
            dialect = dialects.check(dataset, form.wish)
        return dialects.see(dataset, dialect)
    except UserError as error:
        return error

from django.contrib import messages
from django.db import transaction
from django.http import (
    HttpRequest,
    HttpResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import UserError
from core.http import actor_of, page, page_object
from core.models import Role
from results import share
from results.forms import ShareForm
from results.models import Evaluation, Share
from results.views.results import context_of


@require_POST
def create_share(request: HttpRequest, uid: str) -> HttpResponse:
    """Answers with the page itself: the link is shown this once and kept nowhere."""
    rows = Evaluation.objects.with_lineage()
    evaluation = page_object(request, rows, uid, role=Role.MEMBER)
    form = ShareForm(request.POST)
    if form.is_valid():
        wish = form.cleaned_data
        try:
            row, token = share.create(
                actor_of(request),
                evaluation,
                expires_in_days=wish["expires_in_days"],
                password=wish["password"],
                title=wish["title"],
                key=wish["idempotency_key"],
            )
        except UserError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            link = request.build_absolute_uri(reverse("public:shared", args=[token]))
            context = context_of(request, evaluation, new_link=link, new_share=row)
            return page(request, "results/detail.html", context)
    context = context_of(request, evaluation, share_form=form)
    return page(request, "results/detail.html", context, status=422)


@require_POST
def revoke_share(request: HttpRequest, uid: str) -> HttpResponse:
    row = page_object(request, Share.objects.select_related("evaluation"), uid, role=Role.MEMBER)
    with transaction.atomic():
        share.revoke(actor_of(request), row, now=timezone.now())
    messages.success(request, f"The link “{row.name}” no longer works.")
    return redirect("results:detail", row.evaluation.uid)

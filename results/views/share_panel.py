"""The section of a page that makes links to what the page shows, and lists those there are."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.access import Actor
from core.errors import UserError
from core.models import Role
from results import share
from results.blocks import figures_of
from results.exports import drawings
from results.forms import ShareForm
from results.models import Evaluation, Report, Share

Subject = Evaluation | Report


def panel(who: Actor, subject: Subject, **more: Any) -> dict[str, Any]:
    """The context of `results/_shares.html`; `more` replaces parts of it."""
    rows = Share.objects.present().light()
    if isinstance(subject, Report):
        rows, action = rows.filter(report=subject), "results:report_share"
    else:
        rows, action = rows.filter(evaluation=subject), "results:share"
    return {
        "may_share": who.may(Role.MEMBER),
        "shares": rows,
        "share_form": form_for(subject),
        "share_url": reverse(action, args=[subject.uid]),
    } | more


def form_for(subject: Subject, data: Any = None) -> ShareForm:
    found = [] if isinstance(subject, Report) else figures_of(subject.result)
    choices = [(name, drawings.title(name)) for name in found]
    is_report = isinstance(subject, Report)
    title = subject.name if isinstance(subject, Report) else share.UNTITLED
    return ShareForm(
        data,
        figures=choices,
        may_be_live=is_report and not (isinstance(subject, Report) and subject.frozen_at),
        initial={"idempotency_key": uuid.uuid4().hex, "title": title},
    )


def created(request: HttpRequest, who: Actor, subject: Subject) -> dict[str, Any]:
    """What the panel shows after a form was sent: the link this once, or what is wrong."""
    form = form_for(subject, request.POST)
    if not form.is_valid():
        return panel(who, subject, share_form=form)
    wish = dict(form.cleaned_data)
    key = wish.pop("idempotency_key")
    try:
        row, token = share.create(who, subject, share.Terms(**wish), key=key)
    except UserError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return panel(who, subject, share_form=form)
    link = request.build_absolute_uri(reverse("public:shared", args=[token]))
    return panel(who, subject, new_link=link, new_share=row)

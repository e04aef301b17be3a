"""The editor of a report: one form of all its blocks, whose buttons save what was typed.

Without JavaScript every button sends the whole form, so nothing typed is lost by moving a block.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import InvalidFields, UserError
from core.http import actor_of, page, page_object
from core.markdown import LIMIT
from core.models import Role
from results import blocks, reports
from results.errors import ReportChanged
from results.gather import gather
from results.matrix import VIEWS
from results.models import Report
from results.views.report_pages import choices

REMOVED = "report.removed"  # in the session: the block that was removed last
ONE = ("heading", "text", "evaluation", "view", "figure", "of", "actual", "predicted")


@dataclass
class Draft:
    """What stands in the form: the report's, or what somebody typed."""

    title: str
    revision: int
    blocks: list[dict[str, Any]]
    errors: dict[str, list[str]] = field(default_factory=dict)


def posted(data: QueryDict) -> Draft:
    """What was typed."""
    found = []
    for name in data.getlist("block")[: blocks.MOST_BLOCKS + 1]:
        block = {"id": name, "kind": data.get(f"{name}-kind", "")}
        block |= {one: str(data[f"{name}-{one}"]) for one in ONE if f"{name}-{one}" in data}
        compared = data.getlist(f"{name}-evaluations")
        names = [data.get(f"{name}-name-{uid}", "") for uid in compared]
        found.append(block | {"evaluations": compared, "names": names})
    seen = data.get("revision", "")
    revision = int(seen) if seen.isdecimal() else 0
    return Draft(data.get("title", ""), revision, found)


def act(draft: Draft, action: str, data: QueryDict) -> str:
    """Move, remove or add a block as the pressed button says; the id that the eye should follow."""
    verb, _, name = action.partition(":")
    if verb == "add":
        kind, evaluation = data.get("new_kind", "text"), data.get("new_evaluation", "")
        made = {"id": blocks.new_id(), "kind": kind, "evaluation": evaluation}
        every = sorted(blocks.results_of(draft.blocks) | {evaluation} - {""})
        draft.blocks.append(made | {"evaluations": every if kind == "comparison" else []})
        return str(made["id"])
    place = next((i for i, block in enumerate(draft.blocks) if block["id"] == name), None)
    if place is None:
        return ""
    if verb == "remove":
        del draft.blocks[place]
        return str(draft.blocks[max(0, place - 1)]["id"]) if draft.blocks else ""
    other = place + {"up": -1, "down": 1}.get(verb, 0)
    if 0 <= other < len(draft.blocks):
        draft.blocks[place], draft.blocks[other] = draft.blocks[other], draft.blocks[place]
    return name


@require_http_methods(["GET", "POST"])
def edit_report(request: HttpRequest, uid: str) -> HttpResponse:
    report = page_object(request, Report.objects.all(), uid, role=Role.MEMBER)
    if report.frozen_at:
        messages.info(request, "This report is frozen. Make a copy, and change that.")
        return redirect(report)
    if request.method == "GET":
        return _form(request, report, Draft(report.name, report.revision, report.blocks))
    return _sent(request, report)


def _sent(request: HttpRequest, report: Report) -> HttpResponse:
    draft, who = posted(request.POST), actor_of(request)
    action = request.POST.get("action", "save")
    if action == "copy":
        return _kept_as_copy(request, report, draft)
    if action.startswith("back:"):
        near = _put_back(request, report, draft)
    else:
        near = act(draft, action, request.POST)
    try:
        reports.save(who, report, title=draft.title, wishes=draft.blocks, revision=draft.revision)
    except InvalidFields as error:
        draft.errors = error.errors
        return _form(request, report, draft, status=422)
    except ReportChanged as error:
        draft.revision = error.revision
        return _form(request, report, draft, conflict=error, status=409)
    gather(report)
    if action.startswith("remove:"):
        _remember(request, report, action.partition(":")[2])
    if action == "save":
        messages.success(request, "The report is saved.")
        return redirect(report)
    return redirect(reverse("results:report_edit", args=[report.uid]) + f"#block-{near}")


def _remember(request: HttpRequest, report: Report, name: str) -> None:
    """Keep what was typed into a removed block for as long as it may be wanted back."""
    every = posted(request.POST).blocks
    place = next((i for i, block in enumerate(every) if block["id"] == name), None)
    if place is not None:
        removed = {"report": report.uid, "place": place, "block": every[place]}
        request.session[REMOVED] = removed


def _put_back(request: HttpRequest, report: Report, draft: Draft) -> str:
    """The block that was removed last, where it stood; the id that the eye should follow."""
    removed = request.session.pop(REMOVED, None)
    if removed is None or removed["report"] != report.uid:
        return ""
    draft.blocks.insert(removed["place"], removed["block"])
    return str(removed["block"]["id"])


def _kept_as_copy(request: HttpRequest, report: Report, draft: Draft) -> HttpResponse:
    """After a conflict: what was typed becomes a report of its own."""
    try:
        made = reports.create(
            actor_of(request),
            title=draft.title,
            evaluations=[],
            wishes=draft.blocks,
            key=request.POST.get("idempotency_key", ""),
        )
    except UserError as error:
        draft.errors = error.errors if isinstance(error, InvalidFields) else {"": [error.message]}
        return _form(request, report, draft, status=422)
    gather(made)
    messages.success(request, "What you wrote is a report of its own now.")
    return redirect("results:report_edit", made.uid)


def _form(
    request: HttpRequest,
    report: Report,
    draft: Draft,
    *,
    conflict: ReportChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    used = tuple(sorted(blocks.results_of(draft.blocks)))
    known = dict(choices(report.workspace_id, used))
    context = {
        "report": report,
        "draft": draft,
        "fields": [_described(block, draft, known) for block in _labelled(report, draft)],
        "conflict": conflict,
        "drawn": blocks.drawn_all(reports.shown(report)) if conflict else [],
        "kinds": blocks.KINDS,
        "curves": blocks.CURVES,
        "tables": blocks.TABLES,
        "views": VIEWS,
        "evaluations": list(known.items()),
        "limit": LIMIT,
        "idempotency_key": uuid.uuid4().hex,
        "removed": request.session.get(REMOVED, {}).get("report") == report.uid,
    }
    return page(request, "results/report_edit.html", context, status=status)


def _labelled(report: Report, draft: Draft) -> list[dict[str, Any]]:
    """The blocks; those of pictures with the classes that there are to choose from."""
    uids = [block.get("evaluation", "") for block in draft.blocks if block["kind"] == "images"]
    found = reports.evaluations_of(report.workspace_id, uids) if uids else {}
    return [
        block
        | {
            "classes": dict(enumerate(map(str, found[block["evaluation"]].labels)))
            if block["kind"] == "images" and block.get("evaluation") in found
            else {}
        }
        for block in draft.blocks
    ]


def _described(block: dict[str, Any], draft: Draft, known: dict[str, str]) -> dict[str, Any]:
    """A block as the form's template wants it."""
    begin = f"{block['id']}-"
    told = {
        name.removeprefix(begin): " ".join(found)
        for name, found in draft.errors.items()
        if name.startswith(begin)
    }
    compared = block.get("evaluations", ())
    names = [*block.get("names", ()), *("" for _ in compared)]
    return block | {
        "errors": told,
        "label": blocks.KINDS.get(block["kind"], "?"),
        "is_there": block.get("evaluation") in known,
        "compared": [
            {"uid": uid, "label": known.get(uid, "No longer there"), "name": name}
            for uid, name in zip(compared, names, strict=False)
        ],
        "others": [(uid, label) for uid, label in known.items() if uid not in compared],
    }

"""Write reports: make one from results, change it, freeze it, go on from a copy."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import audit
from core.access import Actor
from core.errors import InvalidFields
from core.idempotency import once
from core.models import Role
from results import blocks
from results.errors import Frozen, ReportChanged
from results.models import Evaluation, Report

TITLE = 120
UNTITLED = "Report"
MOST_EVALUATIONS = 8
# What is fetched from S3 for a block and kept in it.
FETCHED = {"images": "pictures", "comparison": "sentences"}


def evaluations_of(workspace_id: int, uids: Sequence[str]) -> dict[str, Evaluation]:
    """Those of the workspace that are finished, in the order asked for."""
    rows = (
        Evaluation.objects.present()
        .select_related("preparation")
        .filter(workspace_id=workspace_id, uid__in=uids, status=Evaluation.Status.COMPLETED)
    )
    found = {row.uid: row for row in rows}
    return {uid: found[uid] for uid in dict.fromkeys(uids) if uid in found}


def create(
    who: Actor,
    *,
    title: str,
    evaluations: Sequence[str],
    wishes: Sequence[Mapping[str, Any]] | None = None,
    key: str = "",
) -> Report:
    """A report of `wishes`, or of the blocks that suit finished `evaluations` of the workspace.

    InvalidFields by field. With an idempotency `key` a repeated request gets the same report.
    """
    who.need(Role.MEMBER)
    title = _title(title)
    known = evaluations_of(who.workspace.pk, list(evaluations))
    if unknown := [uid for uid in evaluations if uid not in known]:
        raise InvalidFields({"evaluations": [f"{unknown[0][:20]} is no finished result."]})
    if len(known) > MOST_EVALUATIONS:
        raise InvalidFields({"evaluations": [f"At most {MOST_EVALUATIONS} results."]})
    if wishes is None:
        made = blocks.first_blocks({uid: row.result for uid, row in known.items()})
    else:
        made = _checked(who.workspace.pk, wishes)

    def make() -> Report:
        report = Report.objects.create(
            workspace=who.workspace, created_by=who.user, name=title, blocks=made
        )
        audit.note(who, "report.create", report, evaluations=list(known))
        return report

    content = f"{title} {list(evaluations)} {wishes}"
    return once(who, key, Report, make, content=content)[0]


def save(
    who: Actor,
    report: Report,
    *,
    title: str,
    wishes: Sequence[Mapping[str, Any]],
    revision: int,
) -> Report:
    """Replace the revision that the writer saw.

    ReportChanged when there is a newer one, Frozen, InvalidFields by `title` and
    `<block's id>-<field>`. What a block drew from may be gone meanwhile: it stays and says so.
    """
    who.need(Role.MEMBER)
    title = _title(title)
    made = _checked(report.workspace_id, wishes, kept=report.blocks)
    with transaction.atomic():
        _write(report, revision, name=title, blocks=made)
        audit.note(who, "report.change", report, revision=report.revision)
    return report


def freeze(who: Actor, report: Report, *, revision: int, now: datetime) -> None:
    """Keep what it shows now; from here on nothing changes it. Raises as `save`; repeatable."""
    who.need(Role.MEMBER)
    if report.frozen_at:
        return
    with transaction.atomic():
        _write(report, revision, frozen_at=now, snapshot={"blocks": shown(report)})
        audit.note(who, "report.freeze", report, revision=report.revision)


def copy(who: Actor, report: Report, *, title: str = "", key: str = "") -> Report:
    """A live report of its own with the same blocks."""
    who.need(Role.MEMBER)
    title = _title(title or f"{report.name[: TITLE - 7]} (copy)")

    def make() -> Report:
        made = Report.objects.create(
            workspace=report.workspace, created_by=who.user, name=title, blocks=report.blocks
        )
        audit.note(who, "report.copy", made, of=report.uid)
        return made

    return once(who, key, Report, make, content=f"{report.uid} {title}")[0]


def delete(who: Actor, report: Report, *, now: datetime) -> None:
    """Take it off the lists. Frozen links to it go on, links to it as it is end. Repeatable."""
    who.need(Role.MEMBER)
    with transaction.atomic():
        if Report.objects.present().filter(pk=report.pk).update(deleted_at=now):
            report.shares.filter(is_live=True, revoked_at=None).update(revoked_at=now)
            audit.note(who, "report.delete", report)


def shown(report: Report) -> list[blocks.Taken]:
    """What each block shows: kept for a frozen report, else as the results are now."""
    if report.frozen_at:
        kept: list[blocks.Taken] = report.snapshot["blocks"]
        return kept
    found = evaluations_of(report.workspace_id, sorted(blocks.results_of(report.blocks)))
    results = {uid: row.result for uid, row in found.items()}
    return [blocks.taken(block, results) for block in report.blocks]


def _write(report: Report, revision: int, **changes: Any) -> None:
    """Compare and swap: of two writers who saw the same revision one wins."""
    rows = Report.objects.present().filter(pk=report.pk)
    is_ours = rows.filter(revision=revision, frozen_at=None).update(
        revision=F("revision") + 1, updated_at=timezone.now(), **changes
    )
    report.refresh_from_db()
    if not is_ours:
        raise Frozen() if report.frozen_at else ReportChanged(report.revision)


def _checked(
    workspace_id: int,
    wishes: Sequence[Mapping[str, Any]],
    kept: Sequence[Mapping[str, Any]] = (),
) -> list[blocks.Block]:
    asked = blocks.results_of(wishes)
    known = {*evaluations_of(workspace_id, sorted(asked)), *blocks.results_of(kept)}
    stored = {block["id"]: block for block in kept}
    return [_with_fetched(block, stored) for block in blocks.check(wishes, known)]


def _with_fetched(block: blocks.Block, stored: Mapping[str, Mapping[str, Any]]) -> blocks.Block:
    """`block` with what was fetched for it before, while it asks for the same."""
    before = stored.get(block["id"], {})
    fetched = FETCHED.get(block["kind"], "")
    is_same = all(before.get(name) == value for name, value in block.items() if name != "heading")
    return block | {fetched: before[fetched]} if is_same and fetched in before else block


def lacks(block: Mapping[str, Any]) -> bool:
    """Whether `results.gather` has something to fetch for `block`."""
    fetched = FETCHED.get(block["kind"])
    return fetched is not None and fetched not in block


def names_of(block: Mapping[str, Any]) -> set[str]:
    return blocks.results_of([block])


def _title(title: str) -> str:
    title = title.strip() or UNTITLED
    if len(title) > TITLE:
        raise InvalidFields({"title": [f"A title has at most {TITLE} characters."]})
    return title

"""A finished evaluation, each of its figures, or a report, as a file with a name."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify

from core.errors import NotFound
from results import downloads, exports, snapshot
from results.errors import NotCompleted
from results.models import Evaluation, Report

TITLE = 120  # characters, as of a share


@dataclass(frozen=True)
class Attachment:
    content: bytes
    content_type: str
    name: str


def as_file(row: Evaluation, kind: str, title: str = "") -> Attachment:
    """NotFound for an unknown kind, NotCompleted before there is a result."""
    if kind not in exports.TYPES:
        raise NotFound
    _need_result(row)
    content = exports.make(kind, row.result, title=title.strip()[:TITLE] or row.name)
    return Attachment(content, exports.TYPES[kind], f"{_slug(row)}.{kind}")


def as_picture(row: Evaluation, name: str) -> Attachment:
    """NotFound for a figure that this result does not have."""
    _need_result(row)
    try:
        content = exports.png(row.result, name)
    except KeyError:
        raise NotFound from None
    return Attachment(content, "image/png", f"{_slug(row)}-{name}.png")


def report_as_file(report: Report, kind: str, *, now: datetime) -> Attachment:
    """What the report shows at `now`; NotFound for a kind that it cannot be."""
    found = snapshot.of_report(report, now=now)
    if kind not in downloads.KINDS:
        raise NotFound
    file = downloads.made(kind, found, title=report.name)
    name = slugify(report.name)[:60] or f"report-{report.uid}"
    return Attachment(file.content, file.content_type, f"{name}.{file.extension}")


def _need_result(row: Evaluation) -> None:
    if row.status != Evaluation.Status.COMPLETED:
        raise NotCompleted("There is no result yet.", "Wait until it is completed.")


def _slug(row: Evaluation) -> str:
    return slugify(row.name)[:60] or f"result-{row.uid}"

"""One look at a workspace's models: those that others made in the account get rows by themselves.

A few calls a look, however many there are: what was created since the last one, a page of a walk
over all (which finds those that are gone), and a Describe of what is new. Models of ours have their
rows before AWS has them, and are known by their names. Nothing at AWS is changed.
"""

from datetime import datetime, timedelta

from aws import errors as aws
from aws import sagemaker
from aws.types import ModelSummary
from core import live, states
from core.models import Workspace
from endpoints import contents, images
from endpoints.archives import TITLES
from endpoints.models import RegisteredModel
from jobs import cursors
from jobs.cursors import Pass

CALLS = 14
PAGES = 4  # of new ones a look; a longer list is read on in the next
DESCRIBES = 8
DOUBTS = 4  # a page: rows that should be on it and are not
ROUND = timedelta(minutes=5)  # between two walks over all of them
GRACE = timedelta(seconds=60)  # a model this young may be missing from a stale answer
SECOND = timedelta(seconds=1)
Status, Origin = RegisteredModel.Status, RegisteredModel.Origin


def look(workspace: Workspace, now: datetime) -> None:
    """Bring the rows up to date; one look at a time. Trouble is noted for the pages, not raised."""
    cursors.look(workspace, "models", CALLS, _work, now=now)


def _work(one: Pass, name: str) -> bool:
    was_asked = _news(one, name)
    _round(one, f"{name}:all")
    _describe(one)
    return was_asked


def _news(one: Pass, name: str) -> bool:
    """Rows for what was created since the cursor, oldest first, from where the last look ended.

    Whether anything could be asked.
    """
    place, known = cursors.get(f"place:{name}"), cursors.get(f"cursor:{name}")
    begin = place or (known - cursors.OVERLAP if known else None)
    filters = {"CreationTimeAfter": begin} if begin else {}
    pages = sagemaker.model_pages(one.account, filters, oldest_first=True)
    listed: list[ModelSummary] = []
    more, asked = True, False
    for _ in range(PAGES):
        if not more or not one.may_ask("sagemaker.list"):
            break
        page, more = next(pages)
        asked = True
        _compare(one, page)
        listed += page
    if asked and (last := listed[-1].created if listed else place):
        _keep_place(name, last, begin, is_whole=not more)
    return asked


def _keep_place(name: str, last: datetime, begin: datetime | None, *, is_whole: bool) -> None:
    if is_whole:
        known = cursors.get(f"cursor:{name}")
        cursors.drop(f"place:{name}")
        cursors.put(f"cursor:{name}", max(last, known or last))
    else:
        # Moments are sent in whole seconds: a second full of models must not hold it up for ever.
        is_stuck = begin is not None and last - begin < SECOND
        cursors.put(f"place:{name}", last + SECOND if is_stuck else last)


def _compare(one: Pass, page: list[ModelSummary]) -> None:
    """Rows for unknown names of a page; those of ours learn when AWS made them."""
    rows = RegisteredModel.objects.of(one.workspace)
    known: dict[str, RegisteredModel] = {}
    for row in rows.filter(aws_name__in=[model.name for model in page]).order_by("pk"):
        known[row.aws_name] = row  # the latest of a name that was given away
    made = []
    for model in page:
        found = known.get(model.name)
        if found is None or _is_another(found, model):
            made.append(_found(one, model))
            if found and not found.is_finished:
                states.advance(found, frm=found.status, to=Status.DELETED)
        elif found.aws_created_at is None:
            RegisteredModel.objects.filter(pk=found.pk).update(aws_created_at=model.created)
    for row in made:
        row.save()
    if made:
        live.publish(made[0])


def _is_another(row: RegisteredModel, model: ModelSummary) -> bool:
    """Whether a later model has the name now. Those of ours share theirs with nobody."""
    if row.origin != Origin.OUTSIDE:
        return False
    return row.aws_created_at is None or model.created > row.aws_created_at


def _found(one: Pass, model: ModelSummary) -> RegisteredModel:
    """What the list tells; without an ARN it is described in a later turn."""
    return RegisteredModel(
        workspace=one.workspace,
        origin=Origin.OUTSIDE,
        name=model.name,
        aws_name=model.name,
        status=Status.REGISTERED,
        status_at=model.created,
        created_at=model.created,
        aws_created_at=model.created,
        next_check_at=one.now,
    )


def _round(one: Pass, name: str) -> None:
    """The next page of a walk over all, newest first; at its end a pause."""
    resting, place = cursors.get(f"rest:{name}"), cursors.get(f"place:{name}")
    if (place is None and resting and resting > one.now) or not one.may_ask("sagemaker.list"):
        return
    below = {} if place is None else {"CreationTimeBefore": place + SECOND}
    page, more = next(sagemaker.model_pages(one.account, below))
    _compare(one, page)
    bottom = page[-1].created if more else None
    for row in _not_there(one, page, bottom, place or one.now):
        _doubt(one, row)
    if more:
        last = page[-1].created
        cursors.put(f"place:{name}", last - SECOND if place and place - last < SECOND else last)
    else:
        cursors.drop(f"place:{name}")
        cursors.put(f"rest:{name}", one.now + ROUND)


def _not_there(
    one: Pass, page: list[ModelSummary], bottom: datetime | None, top: datetime
) -> list[RegisteredModel]:
    """Rows of the page's stretch of time that are not on it: perhaps gone at AWS."""
    rows = RegisteredModel.objects.of(one.workspace).registered().select_related("workspace")
    stretch = rows.filter(aws_created_at__lt=min(top, one.now - GRACE))
    if bottom:
        stretch = stretch.filter(aws_created_at__gt=bottom)
    return list(stretch.exclude(aws_name__in=[model.name for model in page])[:DOUBTS])


def _doubt(one: Pass, row: RegisteredModel) -> None:
    """Only a Describe that finds nothing counts."""
    if not one.may_ask("sagemaker.describe"):
        return
    try:
        sagemaker.describe_model(one.account, row.aws_name)
    except aws.NotFound:
        # Without its ARN: there is nothing left for AWS to forget.
        states.advance(row, frm=Status.REGISTERED, to=Status.DELETED, arn="")


def _describe(one: Pass) -> None:
    """Image, archive and environment of what was found, the youngest first."""
    rows = RegisteredModel.objects.of(one.workspace).registered()
    bare = list(rows.filter(origin=Origin.OUTSIDE, arn="").order_by("-created_at")[:DESCRIBES])
    granted = one.may_ask("sagemaker.describe", len(bare)) if bare else 0
    for row in bare[:granted]:
        if one.is_over:
            break
        _learn(one, row)


def _learn(one: Pass, row: RegisteredModel) -> None:
    try:
        seen = sagemaker.describe_model(one.account, row.aws_name)
    except aws.NotFound:
        states.advance(row, frm=Status.REGISTERED, to=Status.DELETED)
        return
    states.record(
        row,
        arn=seen.arn,
        image=seen.image[:255],
        artifact=seen.artifact[:1024],
        environment=contents.shown(seen.environment),  # others keep passwords there
        aws_created_at=seen.created,
        inspection={"findings": _findings(seen.image, seen.artifact)},
    )


def _findings(image: str, artifact: str) -> list[str]:
    found = []
    if kind := images.kind_of(image):
        found.append(f"Its image serves {TITLES[kind].split(' ', 1)[1]}s.")
    if not image:
        found.append("AWS names no image: a package, or several containers.")
    if image and not artifact:
        found.append("It has no archive: the image brings what it serves.")
    return found

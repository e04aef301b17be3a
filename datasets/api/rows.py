"""The rows themselves, a page at a time, and the shape of the pictures they make."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from core import access
from core.http import actor_of
from core.models import Role
from datasets import fitness, kept, pictures
from datasets.api.schemas import Page
from datasets.images import Shape
from datasets.models import Dataset

router = Router(tags=["datasets"])


class RowPage(Page):
    """`total` rows of the dataset's `of` were kept; `numbers` are their places from 0."""

    which: str
    of: int
    columns: list[str]
    numbers: list[int]
    rows: list[list[str]]


class Finding(Schema):
    """`tone` is bad, warn or note; `more` columns are not named."""

    tone: str
    title: str
    advice: str
    columns: list[str]
    more: int


class Fitness(Schema):
    """`tone` is that of the worst finding, good without any; `passed` was looked for in vain.

    `guess_share` is how often always answering the largest class `guess` would be right.
    """

    target: str
    task: str
    tone: str
    headline: str
    findings: list[Finding]
    passed: list[str]
    guess: str | None
    guess_share: float | None


class PictureShape(Schema):
    """`planar` when a row holds all of one channel before the next."""

    height: int
    width: int
    channels: int = 1
    planar: bool = False


@router.get("/datasets/{uid}/rows", response=RowPage)
def list_rows(request: HttpRequest, uid: str, which: str = "first", page: int = 1) -> RowPage:
    """Rows as they stand in the file: the first ones, or some picked at random."""
    dataset = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    found = kept.rows(dataset, which, page)
    return RowPage(of=dataset.rows or 0, **vars(found))


@router.get("/datasets/{uid}/fitness", response=Fitness)
def get_fitness(request: HttpRequest, uid: str, target: str = "") -> dict[str, Any]:
    """Is it fit for training to predict `target`, by default the likeliest column?"""
    dataset = access.fetch(Dataset.objects.all(), actor_of(request), uid)
    aimed = fitness.aim(dataset.columns, dataset.insights, target)
    rows = dataset.rows or 0
    found = fitness.verdict(dataset.columns, dataset.insights, aimed, rows=rows)
    return {
        "target": aimed.target,
        "task": aimed.task,
        "tone": found.tone,
        "headline": found.headline,
        "findings": [vars(finding) for finding in found.findings],
        "passed": found.passed,
        "guess": aimed.balance.guess if aimed.balance else None,
        "guess_share": aimed.balance.guess_share if aimed.balance else None,
    }


@router.put("/datasets/{uid}/shape", response=PictureShape)
def set_shape(request: HttpRequest, uid: str, wish: PictureShape) -> PictureShape:
    """Draw the pixel columns as pictures of another shape."""
    who = actor_of(request)
    dataset = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    shape = Shape(**wish.model_dump())
    pictures.reshape(access.in_workspace_of(who, dataset), dataset, shape)
    return PictureShape(**vars(shape))

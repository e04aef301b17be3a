"""The rows themselves, a page at a time, and the shape of the pictures they make."""

from django.http import HttpRequest
from ninja import Router, Schema

from core import access
from core.http import actor_of
from core.models import Role
from datasets import kept, pictures
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


@router.put("/datasets/{uid}/shape", response=PictureShape)
def set_shape(request: HttpRequest, uid: str, wish: PictureShape) -> PictureShape:
    """Draw the pixel columns as pictures of another shape."""
    who = actor_of(request)
    dataset = access.fetch(Dataset.objects.all(), who, uid, role=Role.MEMBER)
    shape = Shape(**wish.model_dump())
    pictures.reshape(access.in_workspace_of(who, dataset), dataset, shape)
    return PictureShape(**vars(shape))

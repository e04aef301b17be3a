"""Saved views and tags over REST."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from core import access
from core.http import actor_of
from core.models import Role
from jobs import saved_views, tags
from jobs.models import SavedView, TrainingJob

router = Router()


class NewView(Schema):
    """`query` is the query string of the list's address: "query=…&sort=…"."""

    name: str
    query: str = ""
    columns: list[str] = Field(default_factory=list)
    shared: bool = False


class ViewChange(Schema):
    name: str
    shared: bool = False


class View(Schema):
    id: str
    name: str
    query: str
    columns: list[str]
    shared: bool
    url: str


class Tag(Schema):
    tag: str


class Tags(Schema):
    tags: list[str]


def view_fields(view: SavedView) -> dict[str, Any]:
    return {
        "id": view.uid,
        "name": view.name,
        "query": view.query,
        "columns": view.columns,
        "shared": view.is_shared,
        "url": saved_views.address(view),
    }


@router.get("/job-views", response=list[View])
def list_views(request: HttpRequest) -> list[dict[str, Any]]:
    who = actor_of(request)
    return [view_fields(view) for view in saved_views.seen_by(who).of(who.workspace)]


@router.post("/job-views", response={201: View})
def save_view(request: HttpRequest, wish: NewView) -> Status[dict[str, Any]]:
    """A name of one's own again replaces."""
    view = saved_views.save(
        actor_of(request),
        name=wish.name,
        address=wish.query,
        shown=wish.columns,
        is_shared=wish.shared,
    )
    return Status(201, view_fields(view))


@router.get("/job-views/{uid}", response=View)
def get_view(request: HttpRequest, uid: str) -> dict[str, Any]:
    who = actor_of(request)
    return view_fields(access.fetch(saved_views.seen_by(who), who, uid))


@router.patch("/job-views/{uid}", response=View)
def change_view(request: HttpRequest, uid: str, wish: ViewChange) -> dict[str, Any]:
    who = actor_of(request)
    view = access.fetch(saved_views.seen_by(who), who, uid, role=Role.MEMBER)
    who = access.in_workspace_of(who, view)
    saved_views.change(who, view, name=wish.name, is_shared=wish.shared)
    return view_fields(view)


@router.delete("/job-views/{uid}", response={202: None})
def delete_view(request: HttpRequest, uid: str) -> Status[None]:
    who = actor_of(request)
    view = access.fetch(saved_views.seen_by(who), who, uid, role=Role.MEMBER)
    saved_views.remove(access.in_workspace_of(who, view), view, now=timezone.now())
    return Status(202, None)


@router.post("/jobs/{uid}/tags", response=Tags)
def add_tag(request: HttpRequest, uid: str, wish: Tag) -> Tags:
    who = actor_of(request)
    job = access.fetch(TrainingJob.objects.all(), who, uid, role=Role.MEMBER)
    tags.add(access.in_workspace_of(who, job), job, wish.tag)
    return _tags(job)


@router.delete("/jobs/{uid}/tags/{name}", response=Tags)
def remove_tag(request: HttpRequest, uid: str, name: str) -> Tags:
    who = actor_of(request)
    job = access.fetch(TrainingJob.objects.all(), who, uid, role=Role.MEMBER)
    tags.remove(access.in_workspace_of(who, job), job, name)
    return _tags(job)


def _tags(job: TrainingJob) -> Tags:
    return Tags(tags=list(job.tags.values_list("name", flat=True)))

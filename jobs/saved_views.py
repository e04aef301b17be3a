"""Lists of jobs that somebody wants to see again, for themselves or for the workspace."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q
from django.urls import reverse

from core import audit
from core.access import Actor
from core.errors import InvalidFields, NotAllowed
from core.models import Role
from jobs import columns, query
from jobs.fields import UNSTORABLE
from jobs.models import SavedView, SavedViewQuerySet

NAME, QUERY = 120, 2_000
MOST = 100  # of one person in a workspace


def seen_by(who: Actor) -> SavedViewQuerySet:
    """Their own ones, and those that others share, in every workspace."""
    return SavedView.objects.present().filter(Q(created_by=who.user) | Q(is_shared=True))


def save(
    who: Actor, *, name: str, address: str, shown: Sequence[str], is_shared: bool = False
) -> SavedView:
    """Keep the list of that query string; a name of one's own again replaces. InvalidFields.

    `shown` are the keys of the columns; none of them leaves the columns to whoever looks.
    """
    who.need(Role.MEMBER)
    name = _name(name)
    _check(address)
    mine = SavedView.objects.present().of(who.workspace).filter(created_by=who.user)
    fields = {
        "query": address,
        "columns": [key for key in shown if columns.column(key)][: columns.MOST],
        "is_shared": is_shared,
    }
    view = mine.filter(name=name).first()
    if view is None and mine.count() >= MOST:
        raise InvalidFields({"name": [f"You have {MOST} saved views. Delete one first."]})
    view = view or SavedView(workspace=who.workspace, created_by=who.user, name=name)
    for field, value in fields.items():
        setattr(view, field, value)
    view.save()
    audit.note(who, "view.save", view, query=address)
    return view


def change(who: Actor, view: SavedView, *, name: str, is_shared: bool) -> None:
    """Rename, share or keep to oneself; one's own, or an admin a shared one. InvalidFields."""
    _need_mine(who, view)
    view.name, view.is_shared = _name(name), is_shared
    view.save(update_fields=["name", "is_shared"])
    audit.note(who, "view.change", view)


def remove(who: Actor, view: SavedView, *, now: datetime) -> None:
    """Nobody finds it any more. Repeatable."""
    _need_mine(who, view)
    SavedView.objects.filter(pk=view.pk, deleted_at__isnull=True).update(deleted_at=now)
    audit.note(who, "view.delete", view)


def may_change(who: Actor, view: SavedView) -> bool:
    return who.may(Role.MEMBER) and (view.created_by_id == who.user.pk or who.may(Role.ADMIN))


def address(view: SavedView) -> str:
    """Where the list shows it."""
    kept = [(name, value) for name, value in parse_qsl(view.query) if name != "column"]
    kept += [("column", key) for key in view.columns]
    return f"{reverse('jobs:list')}?{urlencode(kept)}"


def _need_mine(who: Actor, view: SavedView) -> None:
    if not may_change(who, view):
        raise NotAllowed("This view is somebody else's.", "Save one of your own.")


def _name(text: str) -> str:
    name = UNSTORABLE.sub("", " ".join(text.split()))
    if not name:
        raise InvalidFields({"name": ["Give the view a name."]})
    if len(name) > NAME:
        raise InvalidFields({"name": [f"A name has at most {NAME} characters."]})
    return name


def _check(address: str) -> None:
    """InvalidFields when the list would not understand it."""
    if len(address) > QUERY:
        raise InvalidFields({"query": [f"A saved query has at most {QUERY:,} characters."]})
    if UNSTORABLE.search(address):
        raise InvalidFields({"query": ["There is a sign in it that cannot be kept."]})
    try:
        query.parse(dict(parse_qsl(address)).get("query", ""))
    except query.BadQuery as error:
        raise InvalidFields({"query": [error.message]}) from None

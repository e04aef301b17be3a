"""What an object was made from and what was made from it, over the foreign keys between rows."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey
from django.urls import reverse

from core.models import Tracked

DEPTH = 8  # steps from the object, each way; the flow has five
MOST = 50  # rows that one step takes over one foreign key, the newest first

Key = tuple[type[Tracked], int]


@dataclass(frozen=True)
class Node:
    kind: str
    uid: str
    name: str
    status: str
    note: str
    url: str  # "" when it has no page


@dataclass(frozen=True)
class Step:
    """All of one kind, the newest first; `is_here` when they are what was asked about."""

    kind: str
    title: str
    nodes: list[Node]
    is_here: bool


@dataclass
class Lineage:
    """`complete` is False when some step had more than `MOST` rows; edges lead downstream."""

    steps: list[Step] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    complete: bool = True


def walk(start: Tracked) -> Lineage:
    """Upstream and downstream of `start`, in the order of the flow: present rows of its workspace.

    At most `DEPTH` times one query for each foreign key, however many rows there are.
    """
    found = _Walk(start)
    for follow in (found.up, found.down):
        level = [start]
        for _ in range(DEPTH):
            level = list(follow(level))
            if not level:
                break
    by_model: dict[type[Tracked], list[Tracked]] = {}
    for row in found.rows.values():
        by_model.setdefault(type(row), []).append(row)
    steps = [_step(model, by_model[model], start) for model in sorted(by_model, key=_rank)]
    return Lineage(steps, sorted(found.edges), found.complete)


def kinds(kind: str = "") -> list[type[Tracked]]:
    """The models whose rows can be walked from; with `kind` only that one, if it exists."""
    models = [model for model in apps.get_models() if issubclass(model, Tracked)]
    return [model for model in models if kind in ("", model.LIVE)]


def _step(model: type[Tracked], rows: list[Tracked], start: Tracked) -> Step:
    rows.sort(key=lambda row: (row.created_at, row.pk), reverse=True)
    title = str(model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural)
    nodes = [_node(row) for row in rows]
    return Step(model.LIVE, title.capitalize(), nodes, isinstance(start, model))


def _node(row: Tracked) -> Node:
    url = reverse(row.PAGE, args=[row.uid]) if row.PAGE else ""
    return Node(row.LIVE, row.uid, row.name, row.status, row.note, url)


class _Walk:
    def __init__(self, start: Tracked) -> None:
        self.workspace = start.workspace_id
        self.rows: dict[Key, Tracked] = {(type(start), start.pk): start}
        self.edges: set[tuple[str, str]] = set()
        self.complete = True

    def up(self, level: list[Tracked]) -> Iterator[Tracked]:
        for model, rows in _by_model(level):
            for link in _links(model):
                wanted = {getattr(row, link.attname) for row in rows} - {None}
                if not wanted:
                    continue
                there = {one.pk: one for one in self._fetch(_target(link), pk__in=wanted)}
                for row in rows:
                    one = there.get(getattr(row, link.attname))
                    if one is not None:
                        self.edges.add((one.uid, row.uid))
                yield from self._new(there.values())

    def down(self, level: list[Tracked]) -> Iterator[Tracked]:
        for model, rows in _by_model(level):
            uids = {row.pk: row.uid for row in rows}
            for other in kinds():
                for link in _links(other):
                    if _target(link) is model:
                        there = self._fetch(other, **{f"{link.name}__in": list(uids)})
                        self.edges |= {(uids[getattr(one, link.attname)], one.uid) for one in there}
                        yield from self._new(there)

    def _new(self, rows: Iterable[Tracked]) -> Iterator[Tracked]:
        for row in rows:
            if self.rows.setdefault((type(row), row.pk), row) is row:
                yield row

    def _fetch(self, model: type[Tracked], **wanted: Any) -> list[Tracked]:
        fields = ("uid", "name", "status", "created_at", "workspace", *model.NOTED)
        links = [link.attname for link in _links(model)]
        rows = model._default_manager.filter(
            workspace_id=self.workspace, deleted_at__isnull=True, **wanted
        )
        found = list(rows.order_by("-created_at", "-pk").only(*fields, *links)[: MOST + 1])
        self.complete = self.complete and len(found) <= MOST
        return found[:MOST]


def _by_model(rows: list[Tracked]) -> list[tuple[type[Tracked], list[Tracked]]]:
    found: dict[type[Tracked], list[Tracked]] = {}
    for row in rows:
        found.setdefault(type(row), []).append(row)
    return list(found.items())


@functools.cache
def _links(model: type[Tracked]) -> tuple["ForeignKey[Any, Any]", ...]:
    """The foreign keys of `model` to rows that a worker advances, too."""
    fields = model._meta.get_fields()
    keys = [field for field in fields if isinstance(field, ForeignKey)]
    return tuple(key for key in keys if issubclass(_target(key), Tracked))


def _target(link: "ForeignKey[Any, Any]") -> Any:
    return link.related_model


@functools.cache
def _rank(model: type[Tracked]) -> int:
    """How far down the flow a kind stands: below everything that it points at."""
    above = {_target(link) for link in _links(model)} - {model}
    return 1 + max(map(_rank, above), default=0)

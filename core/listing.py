"""Every list, on pages and in the API: searched, filtered, sorted and paged on the server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet

PER_PAGE = 50

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True)
class Columns:
    """What a list may be searched and sorted by: literal field paths, never a user's."""

    search: tuple[str, ...]
    sorts: Mapping[str, str]  # the name in the URL -> the field it orders by
    default: str = "-created"
    exact: tuple[str, ...] = ("status",)
    kept: tuple[str, ...] = ()  # parameters that the caller's own filter reads


@dataclass(frozen=True)
class Listing(Generic[ModelT]):
    rows: list[ModelT]
    total: int
    page: int
    pages: int
    sort: str
    filters: dict[str, str] = field(default_factory=dict)
    # More of the address that every link keeps, and that leaves out no row.
    state: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters)

    def url(self, **changes: Any) -> str:
        """The query string of this view with `changes`; empty values are left out."""
        state = {**self.filters, **self.state, "sort": self.sort, "page": self.page} | changes
        kept = {name: v for name, v in state.items() if v and (name, v) != ("page", 1)}
        return "?" + urlencode(kept, doseq=True)

    @property
    def next_url(self) -> str:
        return self.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page - 1) if self.page > 1 else ""


def listing(rows: QuerySet[ModelT], params: Mapping[str, str], columns: Columns) -> Listing[ModelT]:
    """The page of `rows` that `params` (q, status, sort, page) ask for.

    Unknown sorts fall back to the default and pages out of range to the nearest one.
    """
    filters = {name: params.get(name, "").strip() for name in ("q", *columns.exact, *columns.kept)}
    filters = {name: value[:200] for name, value in filters.items() if value}
    for name in columns.exact:
        if name in filters:
            rows = rows.filter(**{name: filters[name]})
    if "q" in filters:
        wanted = Q()
        for path in columns.search:
            wanted |= Q(**{f"{path}__icontains": filters["q"]})
        rows = rows.filter(wanted)
    sort = params.get("sort", "")
    if sort.removeprefix("-") not in columns.sorts:
        sort = columns.default
    direction = "-" if sort.startswith("-") else ""
    path = columns.sorts[sort.removeprefix("-")]
    paginator = Paginator(rows.order_by(direction + path, direction + "pk"), PER_PAGE)
    page = paginator.get_page(params.get("page"))
    return Listing(
        rows=list(page.object_list),
        total=paginator.count,
        page=page.number,
        pages=paginator.num_pages,
        sort=sort,
        filters=filters,
    )

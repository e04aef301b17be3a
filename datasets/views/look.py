"""A dataset's page, each part computed when the template asks for it: fragments cost little."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from datasets import fitness, images, pictures, recipe, versions
from datasets.models import Dataset
from datasets.tables.balance import Balance, Bar, bars, histogram

PER_PAGE = 25  # columns
LISTED_TARGETS = 300
ASSOCIATED = 10
CLASSES_A_PAGE = 20
STATE = ("column", "about", "q", "sort", "page", "classes")  # what the page's address says
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "name": lambda c: c["name"].lower(),
    "type": lambda c: c["dtype"],
    "missing": lambda c: c["missing"],
    "distinct": lambda c: c["unique"],
}
MEASURES = {
    "pearson": "correlation",
    "eta": "correlation ratio",
    "cramers_v": "Cramér's V",
}


@dataclass(frozen=True)
class Shown:
    """A column with its shape at a glance."""

    facts: dict[str, Any]
    bars: list[Bar]


@dataclass(frozen=True)
class ColumnList:
    """The columns of one page of the table; to the templates it is like a listing."""

    rows: list[Shown]
    total: int
    page: int
    pages: int
    sort: str
    state: dict[str, str]
    path: str

    def url(self, **changes: Any) -> str:
        state = {**self.state, "sort": self.sort, "page": self.page} | changes
        kept = {k: v for k, v in state.items() if v and (k, v) != ("page", 1)}
        return f"{self.path}?{urlencode(kept)}#columns"

    @property
    def next_url(self) -> str:
        return self.url(page=self.page + 1) if self.page < self.pages else ""

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page - 1) if self.page > 1 else ""


@dataclass(frozen=True)
class Associated:
    column: str
    measure: str
    value: float
    width: float  # of its bar, from 0 to 1


@dataclass(frozen=True)
class About:
    """One column in detail."""

    facts: dict[str, Any]
    bars: list[Bar]
    lengths: list[Bar] = field(default_factory=list)
    text: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """A sheet of pictures: `label` is the class, None when the rows have none."""

    label: str | None
    count: int
    url: str
    width: int
    height: int


class Look:
    def __init__(self, dataset: Dataset, params: Mapping[str, str]) -> None:
        self.dataset = dataset
        self.state = {name: params.get(name, "")[:300] for name in STATE}
        self.insights: dict[str, Any] = dataset.insights
        self.here = reverse("datasets:detail", args=[dataset.uid])

    @property
    def query(self) -> QueryDict:
        """What the page's address says, for links that change a part of it."""
        return QueryDict(urlencode({name: text for name, text in self.state.items() if text}))

    @cached_property
    def by_name(self) -> dict[str, dict[str, Any]]:
        return {column["name"]: column for column in self.dataset.columns}

    @cached_property
    def pixels(self) -> set[str]:
        return set(pictures.pixel_columns(self.dataset))

    @cached_property
    def aim(self) -> fitness.Aim:
        """The column to be predicted: the one asked for, else the likeliest."""
        return fitness.aim(self.dataset.columns, self.insights, self.state["column"])

    @property
    def chosen(self) -> str:
        return self.aim.target

    @property
    def balance(self) -> Balance | None:
        return self.aim.balance

    @cached_property
    def targets(self) -> list[str]:
        """Columns that somebody may want to predict; that is a few even of a wide table."""
        known = self.insights.get("targets", {})
        names = [
            name
            for name, column in self.by_name.items()
            if name not in self.pixels and (name in known or recipe.class_counts(column))
        ]
        if self.chosen and self.chosen not in names:
            names.append(self.chosen)
        return names[:LISTED_TARGETS]

    @cached_property
    def verdict(self) -> fitness.Verdict:
        rows = self.dataset.rows or 0
        return fitness.verdict(self.dataset.columns, self.insights, self.aim, rows=rows)

    @cached_property
    def leaks(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._of_target().get("leaks", [])
        return found

    @cached_property
    def associated(self) -> list[Associated]:
        found = self._of_target().get("features", [])
        ranked = sorted(found, key=lambda one: -abs(one["value"]))[:ASSOCIATED]
        return [
            Associated(
                one["column"],
                MEASURES.get(one["measure"], one["measure"]),
                one["value"],
                min(1.0, abs(one["value"])),
            )
            for one in ranked
        ]

    def _of_target(self) -> dict[str, Any]:
        found: dict[str, Any] = self.insights.get("targets", {}).get(self.chosen, {})
        return found

    @cached_property
    def columns(self) -> ColumnList:
        """Searched, sorted and paged here, so that thousands of columns stay usable."""
        wanted = self.state["q"].strip().lower()
        found = [c for c in self.dataset.columns if wanted in c["name"].lower()]
        sort = self.state["sort"]
        if key := SORTS.get(sort.removeprefix("-")):
            found.sort(key=key, reverse=sort.startswith("-"))
        else:
            sort = ""
        pages = max(1, -(-len(found) // PER_PAGE))
        asked = self.state["page"]
        page = min(pages, max(1, int(asked))) if asked.isdecimal() else 1
        shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
        rows = [Shown(column, bars(column)) for column in shown]
        return ColumnList(rows, len(found), page, pages, sort, self.state, self.here)

    @cached_property
    def about(self) -> About | None:
        column = self.by_name.get(self.state["about"])
        if column is None:
            return None
        text = self.insights.get("texts", {}).get(column["name"], {})
        lengths = text.get("lengths") or {"edges": [], "counts": []}
        shape = bars(column) if column.get("histogram") else []
        return About(column, shape, histogram(lengths["edges"], lengths["counts"]), text)

    @cached_property
    def shape(self) -> images.Shape | None:
        found = self.insights.get("images")
        return images.shape_of(found) if found and self.insights.get("kept") else None

    @property
    def class_page(self) -> int:
        asked = self.state["classes"]
        return min(self.class_pages, max(1, int(asked))) if asked.isdecimal() else 1

    @property
    def class_pages(self) -> int:
        return max(1, -(-len(self._drawn) // CLASSES_A_PAGE))

    @property
    def _drawn(self) -> dict[str, int]:
        return self.aim.counts if self.aim.balance else {}

    @cached_property
    def sheets(self) -> list[Sheet]:
        if self.shape is None:
            return []
        start = (self.class_page - 1) * CLASSES_A_PAGE
        classes = list(self._drawn.items())[start : start + CLASSES_A_PAGE]
        if not classes:
            return [self._sheet(self.shape, None, self.dataset.rows or 0)]
        return [self._sheet(self.shape, name, count) for name, count in classes]

    def _sheet(self, shape: images.Shape, label: str | None, count: int) -> Sheet:
        about = {} if label is None else {"column": self.chosen, "value": label}
        url = reverse("datasets:images", args=[self.dataset.uid])
        url += "?" + urlencode(about | {"shape": shape.text})
        shown = min(count, pictures.MOST)
        size = images.sheet_size(max(1, shown), shape, across=pictures.ACROSS)
        return Sheet(label, count, url, *size)

    @cached_property
    def versions(self) -> list[Dataset]:
        """All that are there, the newest first; empty when this is the only one."""
        if not self.dataset.family:
            return []
        found = versions.all_of(self.dataset)
        return found if len(found) > 1 else []

    @property
    def newer(self) -> Dataset | None:
        newest = self.versions[0] if self.versions else None
        return newest if newest and newest.version > self.dataset.version else None

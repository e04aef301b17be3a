"""Results beside each other: the set is in the address, and every link on the page changes it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.cells import inert
from core.errors import NotFound, UserError
from core.http import actor_of, csv_download, page, page_object
from jobs.compare import asked
from results import compare, compare_export, compared, disagree, matrix
from results.compare import Chosen, Pair
from results.exports import plot
from results.exports.grid import counts_of
from results.models import Evaluation


@dataclass(frozen=True)
class Asked:
    """What the address says."""

    ids: tuple[str, ...]
    other: str = ""  # the uid that matrices and rows are about, beside the first
    kind: str = ""
    page: int = 1

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        number = request.GET.get("page", "")
        return cls(
            ids=tuple(asked(request.GET.getlist("ids"))),
            other=request.GET.get("with", "")[: compare.UID],
            kind=request.GET.get("kind", "")[:10],
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1,
        )

    def url(self, **changes: Any) -> str:
        one = replace(self, **changes)
        pairs = [("ids", ",".join(one.ids)), ("with", one.other), ("kind", one.kind)]
        pairs += [("page", str(one.page) if one.page > 1 else "")]
        query = urlencode([pair for pair in pairs if pair[1]], safe=",")
        return f"{reverse('results:compare')}?{query}"


@dataclass(frozen=True)
class Side:
    """An evaluation in the list above, which is the curves' legend, too."""

    evaluation: Evaluation
    place: int
    asked: Asked

    @property
    def letter(self) -> str:
        return compared.LETTERS[self.place]

    @property
    def tone(self) -> str:
        return plot.tone(self.place)

    @property
    def dash(self) -> str:
        return " ".join(f"{length:g}" for length in plot.dash(self.place))

    @property
    def remove_url(self) -> str:
        rest = tuple(uid for uid in self.asked.ids if uid != self.evaluation.uid)
        return self.asked.url(ids=rest, page=1)

    @property
    def first_url(self) -> str:
        """With this one as what the others are held against."""
        own = self.evaluation.uid
        rest = tuple(uid for uid in self.asked.ids if uid != own)
        return self.asked.url(ids=(own, *rest), other="", kind="", page=1)

    @property
    def focus_url(self) -> str:
        return self.asked.url(other=self.evaluation.uid, kind="", page=1) + "#pair"


def chosen_in(request: HttpRequest, ids: tuple[str, ...]) -> Chosen:
    """The evaluations of one workspace: of the first one's, where the visitor belongs to it."""
    who = actor_of(request)
    rows = Evaluation.objects.present().visible_to(who.user.pk)
    places = dict(rows.filter(uid__in=ids[: compare.MOST]).values_list("uid", "workspace_id"))
    first = next((uid for uid in ids if uid in places), None)
    if first and places[first] != who.workspace.pk:
        page_object(request, Evaluation.objects.all(), first)
    return compare.choose(actor_of(request).workspace, ids)


@require_GET
def compare_results(request: HttpRequest) -> HttpResponse:
    """`?ids=` of evaluations; or the newest ones of `?jobs=`, `?tuning=` or `?endpoint=`."""
    if any(name in request.GET for name in compare.SOURCES):
        who = actor_of(request)
        return redirect(Asked(compare.of(who.workspace, request.GET.dict())).url())
    wish = Asked.of(request)
    chosen = chosen_in(request, wish.ids)
    there = replace(wish, ids=tuple(row.uid for row in chosen.evaluations))
    sides = [Side(row, place, there) for place, row in enumerate(chosen.evaluations)]
    context: dict[str, Any] = {"chosen": chosen, "sides": sides, "most": compare.MOST}
    if not chosen.problem:
        context |= _compared(chosen, there)
    return page(request, "results/compare.html", context)


def _compared(chosen: Chosen, wish: Asked) -> dict[str, Any]:
    found = compare.compare(chosen.evaluations)
    named = list(zip(found.letters, found.results, strict=True))
    here = next((one for one in found.pairs if one.second.uid == wish.other), found.pairs[0])
    ids = urlencode({"ids": ",".join(wish.ids)}, safe=",")
    return {
        "found": found,
        "here": here,
        "overlays": compared.overlays(named),
        "table_url": f"{reverse('results:compare_csv')}?{ids}",
        **_matrices(here),
        **_rows(here, wish),
    }


def _matrices(here: Pair) -> dict[str, Any]:
    results = [here.first.result, here.second.result]
    changed = compared.difference(*results)
    if changed is None:
        return {}
    tables = [matrix.table(one["labels"], counts_of(one), "counts") for one in results]
    is_small = len(changed.labels) <= compared.SIDE_BY_SIDE and not changed.left_out
    return {"changed": changed, "tables": tables if is_small else []}


def _rows(here: Pair, wish: Asked) -> dict[str, Any]:
    """The rows that both judged differently; why there are none to see, where that is so."""
    if here.first.result["task"] not in (*compare.CLASSES, "regression"):
        return {}
    try:
        shown = disagree.page(here.first, here.second, wish.kind, wish.page)
    except UserError as error:
        return {"rows_problem": error}
    letters = {"first": here.letters[0], "second": here.letters[1]}
    is_classes = here.first.result["task"] in compare.CLASSES
    names = disagree.KINDS if is_classes else disagree.CLOSER
    kinds = [
        (name, label.format(**letters), shown.counts[name], wish.url(kind=name, page=1))
        for name, label in names.items()
    ]
    ids = {"ids": f"{here.first.uid},{here.second.uid}", "kind": shown.kind}
    return {
        "shown": shown,
        "kinds": kinds,
        "rows_url": f"{reverse('results:compare_rows')}?{urlencode(ids, safe=',')}",
        "previous_url": wish.url(page=shown.page - 1) if shown.page > 1 else "",
        "next_url": wish.url(page=shown.page + 1) if shown.page < shown.pages else "",
    }


def _or_404(request: HttpRequest) -> Chosen:
    chosen = chosen_in(request, Asked.of(request).ids)
    if chosen.problem:
        raise NotFound(chosen.problem)
    return chosen


@require_GET
def compare_csv(request: HttpRequest) -> HttpResponse:
    """The table of metrics and tests."""
    found = compare.compare(_or_404(request).evaluations)
    headers = {"Content-Disposition": 'attachment; filename="comparison.csv"'}
    text = compare_export.as_csv(found)
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
def compare_rows(request: HttpRequest) -> HttpResponseBase:
    """All rows about which the first two of `?ids=` disagree, of a `?kind=`."""
    first, second = _or_404(request).evaluations[:2]
    lines = disagree.exported(first, second, Asked.of(request).kind)
    return csv_download(request, _chunks(lines), "disagreements.csv")


def _chunks(lines: Iterator[list[str]]) -> Iterator[bytes]:
    for line in lines:
        yield compare_export.line([inert(cell) for cell in line])

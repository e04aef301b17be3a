"""Several evaluations beside each other: which, whether they differ, and about which rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.errors import Unavailable
from core.models import Workspace
from results import compared
from results.errors import NotCompleted, NotKept
from results.exports.grid import counts_of
from results.models import Evaluation
from results.table import Said, said
from results.verdict import METHODS, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

FEWEST, MOST = 2, 8
UID = 20  # characters of what a wrong address is told back
CLASSES = ("binary", "multiclass")


@dataclass(frozen=True)
class Chosen:
    """`problem` says why those that were found cannot stand beside each other."""

    evaluations: list[Evaluation]
    missing: list[str]
    left_out: int
    problem: str = ""


@dataclass(frozen=True)
class Pair:
    """The first evaluation and another one; `is_paired` when both judged the same rows."""

    first: Evaluation
    second: Evaluation
    letters: tuple[str, str]
    verdicts: dict[str, Verdict]
    is_paired: bool
    note: str = ""

    @property
    def sentences(self) -> list[str]:
        rows = self.second.rows or 0
        return [
            compared.sentence(one, self.letters, rows, is_paired=self.is_paired)
            for one in self.verdicts.values()
        ]

    @property
    def methods(self) -> list[str]:
        return list(dict.fromkeys(METHODS[one.method] for one in self.verdicts.values()))


@dataclass(frozen=True)
class Comparison:
    evaluations: list[Evaluation]
    results: list[dict[str, Any]]
    pairs: list[Pair]
    rows: list[compared.Row] = field(default_factory=list)

    @property
    def letters(self) -> str:
        return compared.LETTERS[: len(self.evaluations)]


def choose(workspace: Workspace, uids: Sequence[str]) -> Chosen:
    """Those of `uids` that are the workspace's, in that order, at most MOST."""
    wanted = [uid[:UID] for uid in uids][:MOST]
    rows = Evaluation.objects.present().of(workspace).with_lineage().filter(uid__in=wanted)
    found = {row.uid: row for row in rows}
    evaluations = [found[uid] for uid in wanted if uid in found]
    missing = [uid for uid in wanted if uid not in found]
    return Chosen(evaluations, missing, len(uids) - len(wanted), _problem(evaluations))


def _problem(evaluations: Sequence[Evaluation]) -> str:
    if len(evaluations) < FEWEST:
        return f"Choose {FEWEST} to {MOST} evaluations to compare."
    unfinished = [row.name for row in evaluations if row.status != Evaluation.Status.COMPLETED]
    if unfinished:
        return f"There is no result of {', '.join(unfinished)}: compare what is completed."
    tasks = list(dict.fromkeys(str(row.result["task"]) for row in evaluations))
    if len(tasks) > 1:
        return f"They answer different questions: {', '.join(tasks)}. Compare those of one kind."
    return ""


def newest(rows: Iterable[Evaluation], *, each: str) -> list[str]:
    """The uid of the newest finished one of each `each` (an attribute), as they come."""
    found: dict[Any, str] = {}
    for row in rows:
        found.setdefault(getattr(row, each), row.uid)
    return list(found.values())[:MOST]


def compare(evaluations: Sequence[Evaluation]) -> Comparison:
    """Each against the first one. Predictions that cannot be read make it less, not fail."""
    results = [row.result for row in evaluations]
    first, letters = evaluations[0], compared.LETTERS
    pairs = [
        pair(first, other, (letters[0], letters[place]))
        for place, other in enumerate(evaluations[1:], start=1)
    ]
    verdicts: list[dict[str, Verdict]] = [{}, *(one.verdicts for one in pairs)]
    rows = compared.metrics(results, verdicts)
    return Comparison(list(evaluations), results, pairs, rows)


def pair(first: Evaluation, second: Evaluation, letters: tuple[str, str] = ("A", "B")) -> Pair:
    """Whether two evaluations really differ."""
    found, is_paired, note = _verdicts(first, second)
    verdicts = {one.metric: one for one in found}
    return Pair(first, second, letters, verdicts, is_paired, note)


def _verdicts(first: Evaluation, second: Evaluation) -> tuple[list[Verdict], bool, str]:
    task = str(first.result["task"])
    if task == "clustering":
        return [], False, "Clusters of different models have nothing in common to test."
    if list(first.labels) != list(second.labels):
        return [], False, "They know different classes: only the figures stand beside each other."
    if not same_rows(first, second):
        return _apart(first, second), False, ""
    try:
        found = answers(first), answers(second)
    except (NotKept, NotCompleted, Unavailable) as error:
        return _apart(first, second), False, f"{error.message} What is told is rougher."
    if not _same_truth(*found):
        return _apart(first, second), False, "The rows changed between the two."
    return _paired(task, len(first.labels), *found), True, ""


def same_rows(first: Evaluation, second: Evaluation) -> bool:
    """Whether both judged the same split of the same preparation, or the same file."""
    if first.split or second.split:
        places = [(row.preparation_id, row.split) for row in (first, second)]
        return places[0] == places[1]
    return bool(first.source) and first.source == second.source


def answers(evaluation: Evaluation) -> Said:
    """What was said about every row, where somebody drew the line by that line.

    NotKept, NotCompleted or Unavailable as `table.said`.
    """
    found = said(evaluation)
    if evaluation.threshold is None or found.score is None or len(evaluation.labels) != 2:
        return found
    return replace(found, predicted=(found.score >= evaluation.threshold).astype(float))


def _same_truth(first: Said, second: Said) -> bool:
    import numpy as np

    if first.actual is None or second.actual is None:
        return False
    return bool(np.array_equal(first.actual, second.actual))


def _paired(task: str, classes: int, first: Said, second: Said) -> list[Verdict]:
    import numpy as np

    from results import significance

    actual = first.actual
    assert actual is not None  # noqa: S101  # `_same_truth`
    if task == "regression":
        return significance.numbers(actual, first.predicted, second.predicted)
    found: list[Verdict | None] = []
    if task in CLASSES:
        hits = first.predicted == actual, second.predicted == actual
        found.append(significance.right(*hits))
        codes = [values.astype(np.int64) for values in (actual, first.predicted, second.predicted)]
        found += significance.classes(codes[0], codes[1], codes[2], classes)
    if task != "multiclass" and first.score is not None and second.score is not None:
        is_second = actual == 1
        sides = [(first.score[chosen], second.score[chosen]) for chosen in (is_second, ~is_second)]
        found.append(significance.areas(sides[0], sides[1]))
    return [one for one in found if one]


def _apart(first: Evaluation, second: Evaluation) -> list[Verdict]:
    """From what is kept of each: intervals and matrices."""
    import numpy as np

    from results import significance

    both = (first.result, second.result)
    found: list[Verdict | None] = []
    if first.confusion:
        counts = [np.array(counts_of(one)) for one in both]
        found += significance.matrices(counts[0], counts[1])
    for name in ("auc", "rmse", "mae"):
        known = [
            (one["metrics"].get(name), one["outcome"].get("intervals", {}).get(name))
            for one in both
        ]
        found.append(significance.apart(name, known[0], known[1]))
    return [one for one in found if one]

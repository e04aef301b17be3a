"""Several evaluations beside each other: which, whether they differ, and about which rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Q
from django.db.models.functions import Coalesce

from core.errors import Unavailable
from core.models import Workspace
from jobs.compare import asked
from jobs.models import TrainingJob
from results import compared
from results.errors import NotCompleted, NotKept, RowsDiffer
from results.exports.grid import counts_of
from results.models import Evaluation
from results.table import Said, said
from results.verdict import METHODS, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

FEWEST, MOST = 2, 8
SOURCES = ("jobs", "tuning", "endpoint")
SEARCHED = 1_000  # of the newest results of some jobs
UID = 20  # characters of what a wrong address is told back
CLASSES = ("binary", "multiclass")
REMEMBERED_SECONDS = 24 * 60 * 60


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


def of(workspace: Workspace, params: Mapping[str, str]) -> tuple[str, ...]:
    """The newest result of each of `jobs` (uids with commas between) or trials of `tuning`; of one
    job, or of an `endpoint`, all; at most MOST, the newest first."""
    rows = Evaluation.objects.present().of(workspace).filter(status=Evaluation.Status.COMPLETED)
    if "endpoint" in params:
        found = rows.filter(endpoint__uid=params["endpoint"][:UID])
        return tuple(found.values_list("uid", flat=True)[:MOST])
    if "tuning" in params:
        trials = TrainingJob.objects.filter(tuning_job__uid=params["tuning"][:UID])
    else:
        trials = TrainingJob.objects.filter(uid__in=asked([params["jobs"]]))
    by_job: dict[int, list[str]] = {}
    found = rows.filter(Q(model__job__in=trials) | Q(endpoint__model__job__in=trials))
    job = Coalesce("model__job", "endpoint__model__job")
    for place, uid in found.annotate(job=job).values_list("job", "uid")[:SEARCHED]:
        by_job.setdefault(place, []).append(uid)
    each = MOST if len(by_job) == 1 else 1
    return tuple(uid for uids in by_job.values() for uid in uids[:each])[:MOST]


def compare(evaluations: Sequence[Evaluation]) -> Comparison:
    """Each against the first one. Predictions that cannot be read make it less, not fail."""
    results = [row.result for row in evaluations]
    pairs = [
        pair(evaluations[0], other, ("A", compared.LETTERS[place]))
        for place, other in enumerate(evaluations[1:], start=1)
    ]
    verdicts: list[dict[str, Verdict]] = [{}, *(one.verdicts for one in pairs)]
    rows = compared.metrics(results, verdicts)
    return Comparison(list(evaluations), results, pairs, rows)


def pair(first: Evaluation, second: Evaluation, letters: tuple[str, str] = ("A", "B")) -> Pair:
    """Whether two evaluations really differ: what their rows told is remembered."""
    key = f"compare:{_told_by(first)}:{_told_by(second)}"
    kept = cache.get(key)
    if kept is None:
        found, is_paired, note = _verdicts(first, second)
        kept = {"found": [asdict(one) for one in found], "is_paired": is_paired, "note": note}
        if is_paired or not same_rows(first, second):
            cache.set(key, kept, REMEMBERED_SECONDS)
    verdicts = {one["metric"]: Verdict(**one) for one in kept["found"]}
    return Pair(first, second, letters, verdicts, kept["is_paired"], kept["note"])


def _told_by(evaluation: Evaluation) -> str:
    """What an evaluation's answers depend on."""
    return f"{evaluation.uid}:{evaluation.predictions_key}:{evaluation.threshold}"


def _verdicts(first: Evaluation, second: Evaluation) -> tuple[list[Verdict], bool, str]:
    task = str(first.result["task"])
    if task == "clustering":
        return [], False, "Clusters of different models have nothing in common to test."
    if list(first.labels) != list(second.labels):
        return [], False, "They know different classes: only the figures stand beside each other."
    if not same_rows(first, second):
        return _apart(first, second), False, ""
    try:
        found = both(first, second)
    except (NotKept, NotCompleted, Unavailable) as error:
        return _apart(first, second), False, f"{error.message} What is told is rougher."
    except RowsDiffer as error:
        return _apart(first, second), False, error.message
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


def both(first: Evaluation, second: Evaluation) -> tuple[Said, Said]:
    """What both said about the same rows; RowsDiffer when those are not the same."""
    import numpy as np

    if not same_rows(first, second):
        raise RowsDiffer("They judged different rows.")
    one, other = answers(first), answers(second)
    if one.actual is None or other.actual is None:
        raise RowsDiffer("What is true is not known of their rows.")
    if not np.array_equal(one.actual, other.actual):
        raise RowsDiffer("The rows changed between the two.")
    return one, other


def _paired(task: str, classes: int, first: Said, second: Said) -> list[Verdict]:
    import numpy as np

    from results import significance

    actual = first.actual
    assert actual is not None  # noqa: S101  # `both`
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

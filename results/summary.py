"""A result in sentences that need no statistics."""

from collections.abc import Mapping, Sequence

from results.matrix import confusions
from results.scores import ClassScore, per_class

Sentences = list[str]


def sentences(
    labels: Sequence[object],
    counts: Sequence[Sequence[int]],
    metrics: Mapping[str, float | None],
) -> Sentences:
    """What the result means, the most important sentence first."""
    if not labels:
        return _numbers(metrics)
    names = [str(label) for label in labels]
    found = per_class(counts)
    classes = _two(names, counts) if len(names) == 2 else _many(names, counts, found)
    return [*_overall(names, counts, found), *classes]


def _overall(
    names: list[str], counts: Sequence[Sequence[int]], found: list[ClassScore]
) -> Sentences:
    total = sum(score.support for score in found)
    hits = sum(counts[code][code] for code in range(len(names)))
    usual = max(range(len(names)), key=lambda code: found[code].support)
    guess = found[usual].support
    return [
        f"It is right in {hits:,} of {total:,} cases ({_percent(hits, total)}).",
        f"Always answering “{names[usual]}” would be right in {guess:,} "
        f"({_percent(guess, total)}).",
    ]


def _two(names: list[str], counts: Sequence[Sequence[int]]) -> Sentences:
    """The rarer class first: it is the one that people look for."""
    codes = sorted((0, 1), key=lambda code: (sum(counts[code]), -code))
    return [_finds(names, counts, code) for code in codes if sum(counts[code])]


def _finds(names: list[str], counts: Sequence[Sequence[int]], code: int) -> str:
    hits, missed = counts[code][code], counts[code][1 - code]
    cases = f"{hits + missed:,} {names[code]} {_cases(hits + missed)}"
    if not missed:
        return f"It finds all {cases}." if hits > 1 else f"It finds the one {names[code]} case."
    return f"Of {cases} it finds {hits:,} and takes {missed:,} for {names[1 - code]}."


def _many(names: list[str], counts: Sequence[Sequence[int]], found: list[ClassScore]) -> Sentences:
    present = [code for code, score in enumerate(found) if score.support]
    best = max(present, key=lambda code: (found[code].recall, found[code].support))
    worst = min(present, key=lambda code: (found[code].recall, -found[code].support))
    told = [_recognises(names, counts, best, "best")]
    if worst != best:
        told.append(_recognises(names, counts, worst, "worst"))
    if mistakes := confusions(names, counts, limit=1):
        first = mistakes[0]
        told.append(
            f"Its most frequent mistake: {first.count:,} of {first.support:,} {first.actual} "
            f"{_cases(first.support)} taken for {first.predicted}."
        )
    return told


def _recognises(names: list[str], counts: Sequence[Sequence[int]], code: int, how: str) -> str:
    support = sum(counts[code])
    return (
        f"It recognises {names[code]} {how}: "
        f"{counts[code][code]:,} of {support:,} {_cases(support)}."
    )


def _numbers(metrics: Mapping[str, float | None]) -> Sentences:
    told = [f"Its predictions are off by {_number(metrics.get('mae'))} on average."]
    if metrics.get("baseline_rmse"):
        told.append(
            f"Its typical error (RMSE) is {_number(metrics.get('rmse'))}; "
            f"always answering the mean would give {_number(metrics.get('baseline_rmse'))}."
        )
    if (r2 := metrics.get("r2")) is not None and r2 > 0:
        told.append(f"It explains {100 * r2:.1f} % of the differences between the cases.")
    return told


def _cases(count: int) -> str:
    return "case" if count == 1 else "cases"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"

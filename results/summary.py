"""A result in sentences that need no statistics."""

from collections.abc import Mapping, Sequence
from typing import Any

from results.matrix import confusions
from results.scores import ClassScore, per_class

Sentences = list[str]
Counts = Sequence[Sequence[int]]
Metrics = Mapping[str, float | None]
RARE = 0.1  # of all cases: being right is easy then


def sentences(
    labels: Sequence[object],
    counts: Counts,
    metrics: Metrics,
    outcome: Mapping[str, Any] | None = None,
) -> Sentences:
    """What the result means, the most important sentence first. `counts`: where the line is drawn.

    `outcome` adds what its task knows besides.
    """
    outcome = outcome or {}
    if outcome.get("clusters"):
        return _clusters(labels, outcome)
    if outcome.get("top"):
        return _anomalies(outcome)
    if not labels:
        return _numbers(metrics)
    names = [str(label) for label in labels]
    found = per_class(counts)
    classes = _two(names, counts) if len(names) == 2 else _many(names, counts, found)
    return [*_overall(names, counts, found), *classes, *_best_guesses(outcome)]


def _overall(names: list[str], counts: Counts, found: list[ClassScore]) -> Sentences:
    total = sum(score.support for score in found)
    hits = sum(counts[code][code] for code in range(len(names)))
    usual = max(range(len(names)), key=lambda code: found[code].support)
    guess = found[usual].support
    return [
        f"It is right in {hits:,} of {total:,} cases ({_percent(hits, total)}).",
        f"Always answering “{names[usual]}” would be right in {guess:,} "
        f"({_percent(guess, total)}).",
    ]


def _two(names: list[str], counts: Counts) -> Sentences:
    """The rarer class first: it is the one that people look for, and that alarms are about."""
    codes = sorted((0, 1), key=lambda code: (sum(counts[code]), -code))
    told = [_finds(names, counts, code) for code in codes if sum(counts[code])]
    rarer, total = codes[0], sum(map(sum, counts))
    rare = sum(counts[rarer])
    if rare:
        told.insert(1, _alarms(names[rarer], counts, rarer))
    if rare and rare / total < RARE:
        told.append(
            f"Only 1 in {total / rare:,.0f} cases is {names[rarer]}: being right is easy here, so "
            "look at what it finds and at its false alarms."
        )
    return told


def _alarms(name: str, counts: Counts, code: int) -> str:
    hits, false = counts[code][code], counts[1 - code][code]
    if not hits + false:
        return f"It never says “{name}”."
    if not false:
        return f"It says “{name}” {_times(hits)} and is always right."
    said = f"it says “{name}” {_times(hits + false)} and is wrong {_times(false)}"
    if false >= hits:
        return f"{'Most alarms are' if hits else 'Every alarm is'} false: {said}."
    return f"1 of {(hits + false) / false:,.0f} alarms is false: {said}."


def _finds(names: list[str], counts: Counts, code: int) -> str:
    hits, missed = counts[code][code], counts[code][1 - code]
    cases = f"{hits + missed:,} {names[code]} {_cases(hits + missed)}"
    if not missed:
        return f"It finds all {cases}." if hits > 1 else f"It finds the one {names[code]} case."
    return f"Of {cases} it finds {hits:,} and takes {missed:,} for {names[1 - code]}."


def _many(names: list[str], counts: Counts, found: list[ClassScore]) -> Sentences:
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
    return [*told, *_uneven(names, found, present)]


def _uneven(names: list[str], found: list[ClassScore], present: list[int]) -> Sentences:
    """Being right about the most frequent class hides the others."""
    most = max(present, key=lambda code: found[code].support)
    least = min(present, key=lambda code: found[code].support)
    if found[most].support * RARE < found[least].support:
        return []
    return [
        f"The classes are uneven: {found[most].support:,} cases of {names[most]}, "
        f"{found[least].support:,} of {names[least]}. Look at the average over classes, too."
    ]


def _recognises(names: list[str], counts: Counts, code: int, how: str) -> str:
    support = sum(counts[code])
    return (
        f"It recognises {names[code]} {how}: "
        f"{counts[code][code]:,} of {support:,} {_cases(support)}."
    )


def _best_guesses(outcome: Mapping[str, Any]) -> Sentences:
    share = outcome.get("top_k", {}).get("3")
    if share is None:
        return []
    return [f"The right answer is among its three best guesses in {100 * share:.1f} % of cases."]


def _numbers(metrics: Metrics) -> Sentences:
    told = [f"Its predictions are off by {_number(metrics.get('mae'))} on average."]
    if metrics.get("baseline_rmse"):
        told.append(
            f"Its typical error (RMSE) is {_number(metrics.get('rmse'))}; "
            f"always answering the mean would give {_number(metrics.get('baseline_rmse'))}."
        )
    if (r2 := metrics.get("r2")) is not None and r2 > 0:
        told.append(f"It explains {100 * r2:.1f} % of the differences between the cases.")
    return told


def _clusters(labels: Sequence[object], outcome: Mapping[str, Any]) -> Sentences:
    found = sorted(outcome["clusters"], key=lambda one: -one["rows"])
    total = sum(one["rows"] for one in found)
    first, last = found[0], found[-1]
    told = [f"It puts {total:,} {_cases(total)} into {len(found)} {_plural('cluster', found)}."]
    if len(found) > 1:
        told.append(
            f"The largest, cluster {first['cluster']}, holds {_percent(first['rows'], total)} of "
            f"them; the smallest, cluster {last['cluster']}, {_percent(last['rows'], total)}."
        )
    if labels and (same := outcome.get("agreement")):
        told.append(
            f"Knowing the cluster tells {100 * same['homogeneity']:.0f} % of what the labels say "
            "(0 % is chance, 100 % that no cluster mixes them)."
        )
    return told


def _anomalies(outcome: Mapping[str, Any]) -> Sentences:
    rows = outcome["rows"]
    if not outcome.get("precision_at"):
        row, score = outcome["top"][0]
        return [f"Of {rows:,} {_cases(rows)}, row {row:,} is the strangest: {_number(score)}."]
    fitting = [one for one in outcome["precision_at"] if one[0] <= max(1, outcome["positives"])]
    asked, share = fitting[-1] if fitting else outcome["precision_at"][0]
    unusual = outcome["positives"]
    told = [f"Of the {asked:,} strangest cases {round(share * asked):,} are really unusual."]
    told.append(f"Picking as many at random would find about {asked * unusual / rows:,.1f}.")
    return [*told, f"{unusual:,} of all {rows:,} {_cases(rows)} are unusual."]


def _cases(count: int) -> str:
    return "case" if count == 1 else "cases"


def _plural(word: str, things: Sequence[object]) -> str:
    return word if len(things) == 1 else f"{word}s"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"

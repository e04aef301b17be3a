"""Is a table fit for training? What its profile says about that, in plain words, worst first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets import recipe
from datasets.tables.balance import Balance, balance

NAMED = 6  # columns that a finding names
FEW_ROWS = 100
SOME_MISSING, MUCH_MISSING = 0.0, 0.2  # shares of the rows
MANY_DUPLICATES = 0.01
TONES = ("bad", "warn", "note")
HEADLINES = {
    "good": "Fit for training",
    "note": "Fit for training",
    "warn": "Usable, but look at this first",
    "bad": "Not fit for training yet",
}

Column = Mapping[str, Any]


@dataclass(frozen=True)
class Aim:
    """The column to be predicted, "" without one; `counts` are rows by class, if it has classes."""

    target: str
    task: str
    counts: dict[str, int]
    balance: Balance | None


@dataclass(frozen=True)
class Finding:
    """`tone` is bad (training would fail or deceive), warn (decide something) or note."""

    tone: str
    title: str
    advice: str
    columns: list[str] = field(default_factory=list)
    more: int = 0  # columns that are not named


@dataclass(frozen=True)
class Verdict:
    findings: list[Finding]
    passed: list[str]  # what was looked for and not found

    @property
    def tone(self) -> str:
        """That of the worst finding; good without any."""
        return self.findings[0].tone if self.findings else "good"

    @property
    def headline(self) -> str:
        return HEADLINES[self.tone]


def aim(columns: Sequence[Column], insights: Mapping[str, Any], target: str = "") -> Aim:
    """At `target` if there is such a column, else at the one people most likely want to predict."""
    column = next((c for c in columns if c["name"] == target), None)
    if column is None:
        pixels = pixel_names(columns, insights)
        likely = recipe.likely_target([c for c in columns if c["name"] not in pixels])
        column = next((c for c in columns if c["name"] == likely), None)
    if column is None:
        return Aim("", "", {}, None)
    task, counts = recipe.task_of(column), recipe.class_counts(column)
    classes = None if task == "regression" else balance(counts)
    return Aim(column["name"], task, counts, classes)


def verdict(
    columns: Sequence[Column], insights: Mapping[str, Any], aimed: Aim, *, rows: int
) -> Verdict:
    """Of a table in which the target of `aimed` is to be predicted.

    `columns` and `insights` are a dataset's; insights may be empty when it was looked at long ago.
    """
    target, classes = aimed.target, aimed.balance
    pixels = pixel_names(columns, insights)
    plain = [c for c in columns if c["name"] not in pixels]
    features = [c for c in plain if c["name"] != target]
    column = next((c for c in plain if c["name"] == target), None)
    checks: list[tuple[list[Finding], str]] = [
        (_few_rows(rows), ""),
        (_leaks(insights, target), "no column gives the target away"),
        (_imbalance(classes, target), "the classes are balanced"),
        (_constant(insights, pixels), "no column is constant"),
        (_duplicates(insights, rows), "no row occurs twice"),
        (_identifiers(insights, target), "no column only numbers the rows"),
        (_missing(features, column, rows), "no value is missing"),
    ]
    known = {
        "no column gives the target away": target in insights.get("targets", {}),
        "the classes are balanced": classes is not None,
        "no column is constant": "constant" in insights,
        "no column only numbers the rows": "identifiers" in insights,
        "no row occurs twice": bool(insights.get("duplicates", {}).get("exact")),
    }
    passed = [text for found, text in checks if text and not found and known.get(text, True)]
    findings = sorted((f for found, _ in checks for f in found), key=lambda f: TONES.index(f.tone))
    return Verdict(findings, passed)


def _named(tone: str, title: str, advice: str, names: Iterable[str]) -> Finding:
    listed = list(names)
    return Finding(tone, title, advice, listed[:NAMED], max(0, len(listed) - NAMED))


def _columns(count: int, verb: str, verbs: str) -> str:
    return f"{count:,} column {verb}" if count == 1 else f"{count:,} columns {verbs}"


def pixel_names(columns: Sequence[Column], insights: Mapping[str, Any]) -> set[str]:
    """The columns that are pixels of pictures."""
    found = insights.get("images")
    if not found:
        return set()
    end = found["first"] + found["count"]
    return {str(column["name"]) for column in columns[found["first"] : end]}


def _few_rows(rows: int) -> list[Finding]:
    if rows >= FEW_ROWS:
        return []
    text = "A score on so few test rows swings by chance. Give the test split a larger share."
    return [Finding("warn", f"Only {rows:,} row{'' if rows == 1 else 's'}", text)]


def _leaks(insights: Mapping[str, Any], target: str) -> list[Finding]:
    leaks = insights.get("targets", {}).get(target, {}).get("leaks", [])
    if not leaks:
        return []
    why = "; ".join(f"{leak['column']}: {leak['why']}" for leak in leaks[:3])
    return [
        _named(
            "warn",
            _columns(len(leaks), "may give", "may give") + f" {target} away",
            f"{why.rstrip('.')}. If that is not known when a prediction is made, leave it out: "
            "the model would look perfect here and fail in use.",
            [leak["column"] for leak in leaks],
        )
    ]


def _imbalance(classes: Balance | None, target: str) -> list[Finding]:
    if classes is None or not classes.is_imbalanced:
        return []
    text = (
        f"Always answering “{classes.guess}” would be right in {100 * classes.guess_share:.1f} % "
        "of the rows. What to do is said at the classes below."
    )
    return [Finding("warn", f"The classes of {target} are imbalanced", text)]


def _constant(insights: Mapping[str, Any], pixels: set[str]) -> list[Finding]:
    names = insights.get("constant", [])
    still = [name for name in names if name not in pixels]
    findings = []
    if still:
        text = "The same value in every row teaches nothing. Leave such columns out."
        title = _columns(len(still), "never changes", "never change")
        findings.append(_named("warn", title, text, still))
    if dark := len(names) - len(still):
        text = "Usual at the border of pictures; it costs nothing but a little time."
        pixel = "pixel never changes" if dark == 1 else "pixels never change"
        findings.append(Finding("note", f"{dark:,} {pixel}", text))
    return findings


def _duplicates(insights: Mapping[str, Any], rows: int) -> list[Finding]:
    found = insights.get("duplicates") or {"rows": 0}
    if not found["rows"]:
        return []
    many = found["rows"] >= MANY_DUPLICATES * rows
    least = "" if found.get("exact") else "At least "
    title = f"{least}{found['rows']:,} row{' repeats' if found['rows'] == 1 else 's repeat'}"
    share = 100 * found["rows"] / max(1, rows)
    text = (
        f"{share:.1f} % of the rows occurred before, in every column. When the same row is trained "
        "on and tested with, the score is too good. Remove repetitions before uploading."
    )
    return [Finding("warn" if many else "note", title, text)]


def _identifiers(insights: Mapping[str, Any], target: str) -> list[Finding]:
    names = [name for name in insights.get("identifiers", []) if name != target]
    if not names:
        return []
    text = (
        "A different value in almost every row: a number of the row or a name. A model can learn "
        "it by heart and nothing from it. Leave it out."
    )
    title = _columns(len(names), "looks like an identifier", "look like identifiers")
    return [_named("warn", title, text, names)]


def _missing(features: Sequence[Column], target: Column | None, rows: int) -> list[Finding]:
    findings = []
    if target is not None and target["missing"]:
        share = 100 * target["missing"] / max(1, rows)
        text = f"{share:.1f} % of the rows cannot be learned from: they are left out, or refused."
        title = f"{target['missing']:,} rows have no {target['name']}"
        findings.append(_named("warn", title, text, [target["name"]]))
    empty = [c["name"] for c in features if c["dtype"] == "empty"]
    if empty:
        title = _columns(len(empty), "is empty", "are empty")
        findings.append(_named("note", title, "They are left out when rows are prepared.", empty))
    full = [c for c in features if c["dtype"] != "empty"]
    much = [c["name"] for c in full if c["missing"] > MUCH_MISSING * rows]
    some = [c["name"] for c in full if SOME_MISSING < c["missing"] <= MUCH_MISSING * rows]
    if much:
        title = _columns(len(much), "lacks", "lack") + f" more than {MUCH_MISSING:.0%} of the rows"
        text = "Filled-in values would be mostly invented. Consider leaving such columns out."
        findings.append(_named("warn", title, text, much))
    if some:
        title = _columns(len(some), "has gaps", "have gaps")
        text = "Choose what to do with missing values when you prepare: XGBoost can take them."
        findings.append(_named("note", title, text, some))
    return findings

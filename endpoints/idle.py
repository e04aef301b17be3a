"""Is an endpoint used? A verdict with its evidence, from facts alone.

SageMaker publishes no zeros, so silence has several causes; only a complete answer of CloudWatch,
for every variant and over the whole window, makes an endpoint idle. What is missing, denied,
partial or old makes it unknown.

The kind of an endpoint decides what is counted: asynchronous ones publish no Invocations at all,
and those of inference components are published by component.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

BUSY, QUIET, IDLE, TOO_YOUNG, UNKNOWN = "busy", "quiet", "idle", "too young", "unknown"
WORDS = (IDLE, QUIET, BUSY, TOO_YOUNG, UNKNOWN)
REAL_TIME, ASYNC, SERVERLESS, COMPONENTS = (
    *("real-time", "asynchronous"),
    "serverless",  # without provisioned concurrency: it costs nothing at rest
    "inference components",
)
# CloudWatch's names of what counts as a call; requests that wait count as well.
CALLS = {
    REAL_TIME: ("Invocations",),
    SERVERLESS: ("Invocations",),
    COMPONENTS: ("Invocations",),  # by InferenceComponentName alone
    ASYNC: ("InvocationsProcessed", "InvocationFailures"),
}
WINDOW_DAYS = 14
GRACE = timedelta(days=3)
STALE_AFTER = timedelta(hours=1)
QUIET_BELOW = 1.0  # calls a day, averaged over the window


@dataclass(frozen=True)
class Traffic:
    """CloudWatch's complete answer at a moment: calls summed over the window by variant.

    `waiting` is the longest queue that an asynchronous endpoint had in the window. By day: for
    each 24 hours back from `at`, the latest first; {} in rows of before they were kept.
    """

    at: datetime
    window_days: int
    invocations: Mapping[str, float]
    last_at: datetime | None = None
    waiting: float = 0.0
    by_day: Mapping[str, Sequence[float]] = field(default_factory=dict)
    waiting_by_day: Sequence[float] = ()

    def within(self, days: int) -> "Traffic":
        """Of the last `days` days alone, where it is known by day."""
        if days >= self.window_days or not self.by_day:
            return self
        return replace(
            self,
            window_days=days,
            invocations={name: sum(counts[:days]) for name, counts in self.by_day.items()},
            waiting=max(self.waiting_by_day[:days], default=0.0),
        )


@dataclass(frozen=True)
class Facts:
    """`changed` is when the endpoint was created or last updated; `problem`: why no traffic.

    `variants` are what calls are counted by: of inference components, those.
    """

    status: str
    changed: datetime | None
    variants: Sequence[str]
    traffic: Traffic | None
    problem: str = ""
    kind: str = REAL_TIME


@dataclass(frozen=True)
class Verdict:
    word: str
    reason: str
    evidence: str = ""

    @property
    def is_idle(self) -> bool:
        return self.word == IDLE


def verdict(
    facts: Facts,
    now: datetime,
    *,
    window_days: int = WINDOW_DAYS,
    grace: timedelta = GRACE,
    quiet_below: float = 0.0,
) -> Verdict:
    """busy, quiet, idle, too young or unknown, in words for whoever pays.

    Calls seen count at once; their absence only when the endpoint is past its grace and the
    numbers are complete and fresh. Fewer than `quiet_below` calls a day are as good as none.
    """
    if facts.traffic:
        facts = replace(facts, traffic=facts.traffic.within(window_days))
    if facts.status != "InService":
        return Verdict(UNKNOWN, f"It is {facts.status}, not serving.")
    if facts.changed is None:
        return Verdict(UNKNOWN, "AWS has not told yet since when it runs.")
    doubt = _doubt(facts, now, window_days)
    evidence = _evidence(facts, facts.traffic, now) if facts.traffic else ""
    total = _total(facts.traffic) if facts.traffic else 0.0
    few = _few(facts, now, quiet_below)
    if total and not (doubt or few) and facts.traffic:
        return _used(facts, facts.traffic, now, evidence)
    if now - facts.changed < grace:
        reason = f"It was created or changed less than {_span(grace)} ago."
        return Verdict(TOO_YOUNG, reason, evidence)
    if doubt:
        return Verdict(UNKNOWN, doubt, evidence)
    silence = few or f"No call in {_span(_seen(facts, now, window_days))}"
    if facts.kind == SERVERLESS:
        return Verdict(QUIET, f"{silence}; it costs nothing at rest.", evidence)
    return Verdict(IDLE, f"{silence}.", evidence)


def _used(facts: Facts, traffic: Traffic, now: datetime, evidence: str) -> Verdict:
    word = QUIET if _daily(facts, traffic, now) < QUIET_BELOW else BUSY
    return Verdict(word, f"{_calls(facts, traffic, now)}.", evidence)


def _few(facts: Facts, now: datetime, quiet_below: float) -> str:
    """The calls, when they are so rare that they count for nothing; none while a request waits."""
    traffic = facts.traffic
    if traffic is None or traffic.waiting or not 0 < _daily(facts, traffic, now) < quiet_below:
        return ""
    return f"{_calls(facts, traffic, now)}, fewer than {quiet_below:g} a day"


def _daily(facts: Facts, traffic: Traffic, now: datetime) -> float:
    """Calls a day; each that waits in a queue is one."""
    return _total(traffic) / (_span_of(facts, traffic, now) / timedelta(days=1))


def _calls(facts: Facts, traffic: Traffic, now: datetime) -> str:
    total = _total(traffic)
    plural = "s" if total != 1 else ""
    return f"{total:,.0f} call{plural} in {_span(_span_of(facts, traffic, now))}"


def _span_of(facts: Facts, traffic: Traffic, now: datetime) -> timedelta:
    return max(_seen(facts, now, traffic.window_days), timedelta(hours=1))


def _total(traffic: Traffic) -> float:
    return sum(traffic.invocations.values()) + traffic.waiting


def _doubt(facts: Facts, now: datetime, window_days: int) -> str:
    """Why the numbers prove nothing; "" when they are complete and fresh."""
    traffic = facts.traffic
    if facts.kind == COMPONENTS and not facts.variants:
        return "It runs inference components, and none is known here: calls cannot be counted."
    if facts.kind not in CALLS:
        return "What kind of endpoint it is has not been read yet."
    if facts.problem:
        return facts.problem
    if traffic is None:
        return "CloudWatch has not answered yet."
    if now - traffic.at > STALE_AFTER:
        return f"The last numbers are from {traffic.at:%Y-%m-%d %H:%M} UTC."
    if traffic.window_days < window_days:
        return f"The numbers cover {traffic.window_days} of {window_days} days."
    unmeasured = [name for name in facts.variants if name not in traffic.invocations]
    if unmeasured or not facts.variants:
        return f"Not measured: {', '.join(unmeasured) or 'its variants are not known'}."
    return ""


def _seen(facts: Facts, now: datetime, window_days: int) -> timedelta:
    """The stretch that the numbers speak of: the window, or the endpoint's shorter life."""
    age = now - facts.changed if facts.changed else timedelta(0)
    return min(age, timedelta(days=window_days))


def _evidence(facts: Facts, traffic: Traffic, now: datetime) -> str:
    by = "component" if facts.kind == COMPONENTS else "variant"
    counts = ", ".join(f"{name} {count:,.0f}" for name, count in traffic.invocations.items())
    last = (
        f"last call {traffic.last_at:%Y-%m-%d %H:00} UTC or in the 2 h after"
        if traffic.last_at
        else "no call seen"
    )
    minutes = max(0, round((now - traffic.at).total_seconds() / 60))
    waited = f", up to {traffic.waiting:,.0f} waiting" if traffic.waiting else ""
    return (
        f"Calls in {traffic.window_days} days by {by}: {counts}{waited}; {last};"
        f" read from CloudWatch {minutes} min ago."
    )


def _span(length: timedelta) -> str:
    days = length / timedelta(days=1)
    if days >= 1:
        return f"{days:.0f} day{'s' if round(days) != 1 else ''}"
    hours = length / timedelta(hours=1)
    return f"{hours:.0f} h" if hours >= 1 else f"{length / timedelta(minutes=1):.0f} min"

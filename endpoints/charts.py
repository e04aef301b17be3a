"""What CloudWatch tells of endpoints, as figures and tables. Pure: numbers in, dicts out.

A series is {variant: [[ISO time, value], …]} under a metric's name as CloudWatch has it, with the
statistic where there are several: `ModelLatency p99`. "" is the endpoint as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

Points = Sequence[Sequence[Any]]
Series = Mapping[str, Mapping[str, Points]]
MILLISECONDS = 0.001  # CloudWatch has microseconds


@dataclass(frozen=True)
class Window:
    """What is looked back on: a point every `period` seconds, read again after `fresh`."""

    title: str
    span: timedelta
    period: int
    fresh: timedelta


@dataclass(frozen=True)
class Line:
    metric: str
    title: str
    scale: float = 1.0
    dash: str = "solid"  # told by more than colour
    is_sum: bool = True  # of a panel that counts: may be added up


@dataclass(frozen=True)
class Panel:
    """Lines that share an axis; what is counted has no points where nothing happened."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    is_counted: bool = False


WINDOWS = {
    "1h": Window("1 hour", timedelta(hours=1), 60, timedelta(minutes=1)),
    "24h": Window("24 hours", timedelta(hours=24), 300, timedelta(minutes=5)),
    "14d": Window("14 days", timedelta(days=14), 3600, timedelta(hours=1)),
}
PANELS = {
    "calls": Panel(
        "Calls",
        "calls",
        (
            Line("Invocations", "calls"),
            Line("InvocationsProcessed", "answered"),
            Line("InvocationFailures", "failed", dash="dot"),
            Line("ApproximateBacklogSize", "waiting at most", dash="dash", is_sum=False),
        ),
        is_counted=True,
    ),
    "latency": Panel(
        "Latency",
        "ms",
        (
            Line("ModelLatency p50", "model p50", MILLISECONDS),
            Line("ModelLatency p99", "model p99", MILLISECONDS, "dash"),
            Line("OverheadLatency p50", "overhead p50", MILLISECONDS, "dot"),
        ),
    ),
    "errors": Panel(
        "Errors",
        "calls",
        (
            Line("Invocation4XXErrors", "4xx: the request"),
            Line("Invocation5XXErrors", "5xx: the model", dash="dot"),
        ),
        is_counted=True,
    ),
    "machines": Panel(
        "Instances",
        "%",
        (
            Line("CPUUtilization", "CPU, of one core"),
            Line("MemoryUtilization", "memory", dash="dash"),
            Line("DiskUtilization", "disk", dash="dot"),
        ),
    ),
}


def figure(panel: Panel, series: Series, period: int) -> dict[str, Any]:
    """A Plotly figure; lines break where a measurement is missing, bars need no zeros."""
    data = [
        _trace(panel, line, variant, points, period)
        for line, variant, points in _told(panel, series)
    ]
    return {
        "data": data,
        "layout": {
            "xaxis": {"type": "date"},
            "yaxis": {"title": {"text": panel.unit}, "rangemode": "tozero"},
            "barmode": "stack",
            "hovermode": "x unified",
            "showlegend": True,
            "legend": {"y": 1.02, "yanchor": "bottom"},
        },
    }


def _told(panel: Panel, series: Series) -> Iterable[tuple[Line, str, Points]]:
    for line in panel.lines:
        for variant, points in series.get(line.metric, {}).items():
            if points:
                yield line, variant, points


def _trace(panel: Panel, line: Line, variant: str, points: Points, period: int) -> dict[str, Any]:
    is_bar = panel.is_counted and line.is_sum
    whole = points if is_bar else broken(points, period)
    values = [None if value is None else round(value * line.scale, 4) for _, value in whole]
    trace: dict[str, Any] = {
        "type": "bar" if is_bar else "scatter",
        "name": f"{variant}: {line.title}" if variant else line.title,
        "x": [at for at, _ in whole],
        "y": values,
    }
    if is_bar:
        return trace | {"width": period * 1000, "offset": 0}
    return trace | {"mode": "lines+markers", "line": {"dash": line.dash}, "marker": {"size": 3}}


def broken(points: Points, period: int) -> list[tuple[str, float | None]]:
    """`points` with a None in each gap that is longer than a period and a half."""
    if not points:
        return []
    found: list[tuple[str, float | None]] = []
    for (at, value), (then, _) in pairwise(points):
        found.append((at, value))
        if datetime.fromisoformat(then) - datetime.fromisoformat(at) > timedelta(
            seconds=1.5 * period
        ):
            found.append((at, None))
    last_at, last = points[-1]
    return [*found, (last_at, last)]


def has(panel: Panel, series: Series) -> bool:
    return any(True for _ in _told(panel, series))


def table(panel: Panel, series: Series) -> list[dict[str, Any]]:
    """A row for each line: of what is counted the sum, else the average; the most; the latest."""
    rows = []
    for line, variant, points in _told(panel, series):
        values = [value * line.scale for _, value in points]
        is_sum = panel.is_counted and line.is_sum
        rows.append(
            {
                "variant": variant or "the endpoint",
                "title": line.title,
                "in_all": sum(values) if is_sum else None,
                "average": None if panel.is_counted else sum(values) / len(values),
                "most": max(values),
                "latest": values[-1],
                "latest_at": datetime.fromisoformat(points[-1][0]),
            }
        )
    return rows


def spark(counts: Sequence[float], height: int = 16) -> str:
    """An SVG path: a bar for each count, one wide, in a box of `height`; any call is visible."""
    most = max(counts, default=0.0)
    tall = [max(1.0, height * count / most) if count else 0.0 for count in counts]
    bars = [
        f"M{number} {height}v-{one:.3g}h.8v{one:.3g}z" for number, one in enumerate(tall) if one
    ]
    return "".join(bars)


def burn_figure(points: Sequence[tuple[datetime, float]]) -> dict[str, Any]:
    """US dollars by hour; where no hour was written down the line has a gap."""
    known = [(at.isoformat(), usd) for at, usd in points]
    whole = broken(known, 3600)
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "line": {"shape": "hv"},
        "marker": {"size": 3},
        "name": "US dollars an hour",
        "x": [at for at, _ in whole],
        "y": [None if usd is None else round(usd, 4) for _, usd in whole],
    }
    axis = {"title": {"text": "$ an hour"}, "rangemode": "tozero"}
    layout: dict[str, Any] = {"xaxis": {"type": "date"}, "yaxis": axis, "showlegend": False}
    if points:  # a day at least: of one hour the axis would tell fractions of a second
        start = min(points[0][0], points[-1][0] - timedelta(days=1))
        layout["xaxis"]["range"] = [start.isoformat(), points[-1][0].isoformat()]
    return {"data": [trace] if points else [], "layout": layout | {"hovermode": "x unified"}}

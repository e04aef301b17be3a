"""Figures of a job's metrics. Pure: numbers in, Plotly figure dict out."""

from collections.abc import Mapping, Sequence
from typing import Any

LIMIT = 1_000
Points = Sequence[tuple[int, float]]


def thinned(points: Points, limit: int = LIMIT) -> list[tuple[int, float]]:
    """At most `limit` of `points`: the ends, and of each stretch its lowest and highest.

    Deterministic, in the order of steps; a single spike or dip never disappears.
    """
    if len(points) <= limit:
        return list(points)
    stretches = (limit - 2) // 2
    inner = range(1, len(points) - 1)
    kept = {0, len(points) - 1}
    for number in range(stretches):
        stretch = inner[len(inner) * number // stretches : len(inner) * (number + 1) // stretches]
        kept.add(min(stretch, key=lambda index: points[index][1]))
        kept.add(max(stretch, key=lambda index: points[index][1]))
    return [points[index] for index in sorted(kept)]


def best(points: Points, *, maximize: bool) -> tuple[int, float] | None:
    """The first point with the best value; None of none."""
    if not points:
        return None
    return (max if maximize else min)(points, key=lambda point: point[1])


def metric_figure(metric: str, series: Mapping[str, Points], *, maximize: bool) -> dict[str, Any]:
    """Lines of one metric by channel over rounds from 1, the best validation round marked."""
    data = [_line(channel, thinned(points)) for channel, points in series.items() if points]
    top = best(series.get("validation", ()), maximize=maximize)
    if top:
        data.append(_mark(top))
    return {
        "data": data,
        "layout": {
            "xaxis": {"title": {"text": "round"}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": metric}},
            "hovermode": "x unified",
            "showlegend": True,
            # Grows upwards, away from the lines, when it needs several rows.
            "legend": {"y": 1.02, "yanchor": "bottom"},
        },
    }


def _line(channel: str, points: Points) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(points) > 1 else "markers",
        "name": channel,
        "x": [step + 1 for step, _ in points],
        "y": [value for _, value in points],
        # Told by more than colour.
        "line": {"dash": "dot" if channel == "train" else "solid"},
    }


def _mark(point: tuple[int, float]) -> dict[str, Any]:
    step, value = point
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"best: {value:.5g} in round {step + 1}",
        "x": [step + 1],
        "y": [value],
        "marker": {"symbol": "star", "size": 12},
    }
